"""Generated parts of pages, between two comments."""

from __future__ import annotations


def between_marks(page: str, text: str, name: str) -> str:
    """Returns a page with a text between the two marks of a name."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    head, rest = page.split(start)
    _, tail = rest.split(end)
    return f"{head}{start}\n{text}\n{end}{tail}"
