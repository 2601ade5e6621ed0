"""The pages that the site gets of files outside of docs/."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("mkdocs", reason="needs mkdocs: pip install '.[docs]'")


@pytest.fixture
def hooks(monkeypatch):
    from tests.docs.conftest import ROOT

    # As MkDocs imports them.
    monkeypatch.syspath_prepend(ROOT / "scripts" / "site")
    import hooks

    return hooks


@pytest.fixture
def linked(hooks, tmp_path):
    """A function that gives a page's text with its links as the site has them."""
    for name in ("docs/how-to/a.md", "README.md", "serving/README.md", "src/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    config = SimpleNamespace(docs_dir=str(tmp_path / "docs"))

    def linked(uri: str, text: str) -> str:
        page = SimpleNamespace(file=SimpleNamespace(src_uri=uri))
        return hooks.on_page_markdown(text, page=page, config=config, files=None)

    return linked


def test_links_of_a_page_in_docs(linked):
    uri = "how-to/a.md"
    assert linked(uri, "[r](../../README.md#x)") == "[r](../repository/README.md#x)"
    assert linked(uri, "[s](../../serving/)") == "[s](../repository/serving/README.md)"
    assert linked(uri, "[b](../../src/b.py)") == "[b](../repository/src/b.py.md)"


def test_links_of_a_page_outside_of_docs(linked):
    uri = "repository/README.md"
    assert linked(uri, "[a](docs/how-to/a.md)") == "[a](../how-to/a.md)"
    assert linked("repository/src/b.py.md", "[r](../README.md)") == (
        "[r](../../repository/README.md)"
    )


def test_other_links_and_code_stay(linked):
    for text in (
        "[u](https://example.org/README.md)",
        "[missing](../../missing.md)",
        "[here](#part)",
        "```\n[r](../../README.md)\n```",
    ):
        assert linked("how-to/a.md", text) == text


def test_notebook_as_a_page(hooks):
    output = {"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]}
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# T\n", "words"]},
            {"cell_type": "code", "source": ["print(1)"], "outputs": [output]},
        ]
    }
    assert hooks.notebook_page(notebook) == (
        "# T\nwords\n\n````python\nprint(1)\n````\n\n````text\n1\n2\n````\n"
    )
