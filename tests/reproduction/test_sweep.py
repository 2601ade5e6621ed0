"""The sweep script: its arithmetic, and that it goes on where it stopped."""

import json
import sys

import numpy as np
import pytest

import sweep


def test_precision_of_ranked_clusters_by_hand():
    # Clusters of 60, 100 and 40 documents, of which 30, 50 and 40 are relevant;
    # ranked 0, 1, 2: all 60 of the first and 40 of the second's 100.
    cluster_of = np.repeat([0, 1, 2], [60, 100, 40])
    relevant = np.concatenate([np.arange(60) < 30, np.arange(100) < 50, np.ones(40)])
    similarity = np.array([1.0, 0.5, 0.1])
    expected = (30 + 40 * 0.5) / 100
    assert sweep.precision_of_ranked_clusters(
        similarity, cluster_of, relevant
    ) == pytest.approx(expected)


def test_shares_a_label():
    known = [("a",), ("b", "c"), ()]
    assert sweep.shares_a_label([("a", "c"), ()], known).tolist() == [
        [True, True, False],
        [False, False, False],
    ]


def test_a_line_a_run_and_nothing_twice(docs_file, tmp_path, monkeypatch, capsys):
    results = tmp_path / "sweep.jsonl"
    arguments = ["sweep.py", "run", "--corpora", str(docs_file), "--bits", "2", "3"]
    arguments += ["--seeds", "0", "--presets", "kmeans", "--results", str(results)]
    monkeypatch.setattr(sys, "argv", arguments)
    sweep.main()
    sweep.main()
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [line["bits"] for line in lines] == [2, 3]
    assert all(0.1 < line["precision_at_100"] < 1 for line in lines)
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["s", "table", "--results", str(results)])
    sweep.main()
    assert "| kmeans | 0." in capsys.readouterr().out


def test_ablations_are_paired_by_seed():
    def line(preset, seed, precision):
        return {
            "preset": preset,
            "corpus": "reuters",
            "bits": 4,
            "seed": seed,
            "precision_at_100": precision,
        }

    lines = [line("default", 0, 0.5), line("default", 1, 0.7), line("default", 2, 0.1)]
    lines += [line("no-prior", 0, 0.4), line("no-prior", 1, 0.8)]
    row = next(r for r in sweep.ablations(lines).splitlines() if "no-prior" in r)
    assert row == "| no-prior |  |  | +0.000 ± 0.100 (2) |  |"


def test_a_corpus_can_be_cut_to_the_first_words_of_its_texts(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("one two three four\nfive six\n")
    assert sweep.load(f"{path}@3", None).texts == ["one two three", "five six"]
    assert sweep.load(str(path), None).texts == ["one two three four", "five six"]


def test_a_corpus_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    arguments = ["sweep.py", "run", "--corpora", "nosuch"]
    arguments += ["--results", str(tmp_path / "sweep.jsonl")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match=r"^sweep\.py: error: .*nosuch"):
        sweep.main()
