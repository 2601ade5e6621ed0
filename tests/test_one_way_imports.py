"""A package imports from those below it, never from those above."""

import ast
from pathlib import Path

import pytest

import wish_tf

ROOT = Path(wish_tf.__file__).parent
# From the bottom to the top; those of one line do not know each other.
LINES = """
    _version errors types
    checks files readable_numbers settings
    codes distribution regularizers
    data hashed_texts optimizers
    corpora layers
    explain index
    dedup naming
    metrics
    health models
    callbacks
    training
    recipes
    text_hasher
    runs
    server sizing
    client saved_model
    integrations report
    cli
    __init__ __main__
"""
PLACES = {
    name: place for place, line in enumerate(LINES.split("\n")) for name in line.split()
}


def imports(path: Path) -> set[str]:
    """The parts of the package that a file imports, when it is loaded or later."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "wish_tf":
                names = [f"wish_tf.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("wish_tf.")}
    return found


def part(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def test_every_part_has_a_place():
    parts = {part(path) for path in ROOT.rglob("*.py")}
    assert parts == set(PLACES)


@pytest.mark.parametrize("name", sorted(set(PLACES) - {"__init__"}))
def test_a_part_imports_what_is_below_it(name):
    for path in ROOT.rglob("*.py"):
        if part(path) == name:
            above = {
                each
                for each in imports(path) - {name}
                if PLACES.get(each, 99) >= PLACES[name]
            }
            assert not above, f"{path.relative_to(ROOT)} imports {above}"
