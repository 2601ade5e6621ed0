import sys

import pytest

from wish_tf.corpora import public_names

FILES = {
    "__init__.py": '''
from pack.inner import Line, fit_line as fit
from pack import _private
__all__ = ["Line", "fit", "low", "_private", "_secret", "LIMIT", "absent"]
_secret = _private.secret
LIMIT = 3
class Number:
    """What numbers are."""
low = Number()
high = Number()
high.__doc__ = "The highest."
def unlisted():
    """Not in the list."""
''',
    "inner.py": '''
from collections import Counter
from json import dumps
def fit_line(points):
    """Fits a line."""
class Line:
    """A line."""
    def draw(self):
        """Draws it."""
def _hidden():
    """Nobody's business."""
class Callable:
    """Makes instances that can be called."""
    def __call__(self): ...
plain = Callable()
norm = Callable()
norm.__doc__ = "The norm."
bare = lambda: 0
''',
    "_private.py": 'def secret():\n    """Secret."""\n',
    "tests.py": 'raise SystemExit("imported")',
    "broken.py": "import no_such_library",
}


@pytest.fixture(autouse=True)
def pack(tmp_path, monkeypatch):
    for name, source in FILES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "pack"]:
        del sys.modules[name]


def test_each_public_name_comes_once_where_it_is_shortest():
    assert public_names.public_names(["pack"]) == {
        "pack.Line": "A line.",
        "pack.fit": "Fits a line.",
        "pack.inner.Callable": "Makes instances that can be called.",
        "pack.inner.norm": "The norm.",
    }


def test_of_names_as_short_that_counts_from_where_it_is():
    found = public_names.public_names(["ast", "enum", "builtins", "os"])
    assert {"enum.IntEnum", "os.path.join", "os.listdir", "open"} <= set(found)
    assert "ast.IntEnum" not in found
    assert found["str.split"] == str.split.__doc__


def test_what_was_generated_to_be_public_is(monkeypatch, tmp_path):
    (tmp_path / "pack/__init__.py").write_text("from pack import api, inner")
    (tmp_path / "pack/api.py").write_text(
        "from pack.inner import Line\nimport json, pack\nself = pack"
    )
    monkeypatch.setitem(public_names.GENERATED, "pack", "pack.api")
    monkeypatch.setattr(public_names, "ALL_PUBLIC", {"pack"})
    assert public_names.public_names(["pack"]) == {"pack.api.Line": "A line."}
