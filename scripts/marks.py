"""Generated parts of pages, between two comments."""

from __future__ import annotations

from pathlib import Path

from wish_tf.files import replacing


def between_marks(page: str, text: str, name: str) -> str:
    """Returns a page with a text between the two marks of a name."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    head, rest = page.split(start)
    _, tail = rest.split(end)
    return f"{head}{start}\n{text}\n{end}{tail}"


def write_between_marks(page: Path, texts: dict[str, str]) -> None:
    """Puts texts between the marks of their names in a page, whole or not at all."""
    text = page.read_text("utf-8")
    for name, made in texts.items():
        text = between_marks(text, made, name)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
