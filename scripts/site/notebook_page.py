"""A notebook as a Markdown page: its cells, and beneath the code what it printed."""

from __future__ import annotations


def notebook_page(notebook: dict) -> str:
    """Returns the Markdown of a notebook.

    Args:
        notebook: nbformat 4, as its JSON is.
    """
    return "\n\n".join(_cell(cell) for cell in notebook["cells"]) + "\n"


def _cell(cell: dict) -> str:
    text = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return text
    parts = [_fenced("python", text)]
    parts += [_fenced("text", _printed(output)) for output in cell["outputs"]]
    return "\n\n".join(parts)


def _printed(output: dict) -> str:
    text = output["text"] if "text" in output else output["data"]["text/plain"]
    return "".join(text).rstrip("\n")


def _fenced(language: str, text: str) -> str:
    return f"````{language}\n{text}\n````"
