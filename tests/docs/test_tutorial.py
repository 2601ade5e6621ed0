"""The tutorial runs, and what stands in it is what a run printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="needs nbclient: pip install '.[docs]'")
pytest.importorskip("ipykernel", reason="needs ipykernel: pip install '.[docs]'")

import nbformat

import tutorial

KEPT = nbformat.read(tutorial.NOTEBOOK, as_version=4)
CODE = [cell for cell in KEPT.cells if cell.cell_type == "code"]


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output["text"] for output in cell.outputs)


def form(text: str) -> list[str]:
    """The first words of each line, without what differs between machines."""
    return [re.sub(r"[\d.\[\]-]+", "0", line)[:12] for line in text.splitlines()]


@pytest.fixture(scope="module")
def fresh() -> list[nbformat.NotebookNode]:
    """The code cells after a run of now."""
    return [cell for cell in tutorial.executed().cells if cell.cell_type == "code"]


def test_every_cell_prints_in_the_kept_notebook():
    nbformat.validate(KEPT)
    for cell in CODE:
        assert printed(cell), cell.source
        assert {output.output_type for output in cell.outputs} == {"stream"}


def test_a_run_leaves_no_sockets_behind(fresh):
    assert not list(Path.cwd().glob("kernel-ipc*"))


def test_a_fresh_run_prints_the_like(fresh):
    assert len(fresh) == len(CODE)
    first = [printed(cell) for cell in fresh]
    kept = [printed(cell) for cell in CODE]
    for number in (1, 3):  # bits, health: their words are the same for all texts
        assert form(first[number]) == form(kept[number])
    assert first[-1].rstrip().endswith("same codes: True")
    assert "failed" not in first[-1]


def test_model_of_a_fresh_run_is_healthy(fresh):
    health = printed(fresh[3])
    used, dead = re.search(r"(\d+) of 256 codes in use, (\d+) dead", health).groups()
    assert int(used) > 16 and int(dead) == 0
    score, largest = re.search(r"Prec@100 (\S+); .* has (\S+)", health).groups()
    assert float(score) > 2 * float(largest)
