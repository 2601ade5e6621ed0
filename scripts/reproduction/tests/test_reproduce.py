"""The script as it is called: it goes on where it stopped, and makes its page."""

import json
import sys

import pytest

import reproduce
from reproduction import experiments
from reproduction.cell import Cell
from wish_tf.metrics.yardstick import MEASURES


@pytest.fixture
def small(docs_file, monkeypatch):
    """Table 1 with one quick method on 1,500 documents."""
    cells = [
        Cell("table1", "lsh", "default", str(docs_file), bits, 0) for bits in (4, 8)
    ]
    monkeypatch.setitem(experiments.EXPERIMENTS, "table1", lambda scale: iter(cells))


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["reproduce.py", *arguments])
    reproduce.main()


def test_a_run_is_measured_once_and_the_page_is_made(small, tmp_path, monkeypatch):
    arguments = ["table1", "--quick", "--results", str(tmp_path)]
    call(monkeypatch, *arguments, "--bits", "8")
    call(monkeypatch, *arguments)
    call(monkeypatch, *arguments)
    text = (tmp_path / "table1.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["bits"] for line in lines] == [8, 4]
    assert all(0.02 < line["precision_at_100"] < 0.9 for line in lines)
    assert lines[0]["bytes_a_document"] == 1
    # Within a bucket, the cosine of tf-idf knows better than chance.
    assert lines[0]["reranked_precision_at_100"] > lines[0]["precision_at_100"]
    assert all(set(MEASURES) < set(line) for line in lines)
    assert lines[0]["precision_at_10"] > lines[0]["precision_at_100"]

    call(monkeypatch, "docs", "--quick", "--results", str(tmp_path))
    page = (tmp_path / "reproduction.md").read_text()
    assert "| lsh |" in page
    pictures = {path.name for path in (tmp_path / "pictures/reproduction").iterdir()}
    assert pictures == {f"fig{n}.svg" for n in range(3, 10)} | {"fig10.png"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--corpora", "20ng"], "--corpora: expected some of reuters, 20newsgroups"),
        (
            ["--corpora", "reuters", "--bits", "8", "9"],
            "--bits: expected some of 4, 6, 8, 10, 12, got 9",
        ),
    ],
)
def test_an_option_that_chooses_nothing_is_an_error(
    options, sentence, tmp_path, monkeypatch
):
    with pytest.raises(SystemExit, match=sentence):
        call(monkeypatch, "fig7", "--results", str(tmp_path), *options)
    assert not list(tmp_path.iterdir())
