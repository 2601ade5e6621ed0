"""The sweep script: its arithmetic, and that it goes on where it stopped."""

import json
import sys

import numpy as np
import pytest

import sweep
from reproduction.prepared_corpus import PreparedCorpus
from tests.training.small_recipes import quick
from wish_tf import TextHasher
from wish_tf.callbacks import BestEpoch
from wish_tf.training import FitOptions


def test_precision_of_ranked_clusters_by_hand():
    # Clusters of 60, 100 and 40 documents, of which 30, 50 and 40 are an "a"; seen
    # from cluster 0 ranked 0, 1, 2: all 60 of the first and 40 of the second's 100.
    cluster_of = np.repeat([0, 1, 2], [60, 100, 40])
    labels = np.array(["a", "b", "a", "b", "a"]).repeat([30, 30, 50, 50, 40])
    similarity = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.6], [0.1, 0.6, 1.0]])
    found = sweep.ranked_clusters(
        similarity, np.array([0, 2]), ["a", "b"], cluster_of, labels
    )
    # From cluster 2, where there is no "b": 40 of it, and 60 of cluster 1.
    expected = [(30 + 40 * 0.5) / 100, 60 * 0.5 / 100]
    assert found.precisions(100) == pytest.approx(expected)


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
    out = capsys.readouterr().out
    assert "| kmeans | 0." in out
    # All measures by labels, but of the thousand nearest there are few documents more.
    row = next(r for r in out.splitlines() if "| kmeans | 3 |" in r)
    assert row.count("| 0.") == 5


def test_the_first_bits_of_one_training(docs_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sweep.RECIPES, "default", quick((16,)))
    results = tmp_path / "sweep.jsonl"
    arguments = ["sweep.py", "run", "--corpora", str(docs_file), "--bits", "9", "3"]
    arguments += ["--cut", "--seeds", "0", "--results", str(results)]
    monkeypatch.setattr(sys, "argv", arguments)
    sweep.main()
    sweep.main()
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(line["bits"], line.get("cut_from")) for line in lines] == [
        (3, 9),
        (9, None),
    ]
    corpus = PreparedCorpus.load(str(docs_file), None)
    hasher = TextHasher(9, recipe=quick((16,))).fit(
        corpus.splits.train.texts,
        validation_texts=corpus.splits.validation.texts,
        options=FitOptions(callbacks=[BestEpoch()]),
    )
    codes = hasher.transform(corpus.splits.train.texts)
    for line in lines:
        first = codes[:, : line["bits"]]
        assert line["distinct_codes"] == len(np.unique(first, axis=0))
        for part, prefix in (("test", ""), ("validation", "validation_")):
            asked = hasher.transform(getattr(corpus.splits, part).texts)
            measured = corpus.yardsticks[part].measures(first, asked[:, : line["bits"]])
            assert measured == {name: line[prefix + name] for name in measured}
    # What is cut is no run of that length, unless codes are nested.
    assert ", first of 9 bits | 3 |" in sweep.measures(lines)
    assert sweep.key(lines[0]) != sweep.key({**lines[1], "bits": 3})


def test_ablations_are_paired_by_seed():
    def line(preset, seed, precision):
        return {
            "preset": preset,
            "corpus": "reuters",
            "bits": 8,
            "seed": seed,
            "precision_at_100": precision,
        }

    lines = [line("default", 0, 0.5), line("default", 1, 0.7), line("default", 2, 0.1)]
    lines += [line("no-prior", 0, 0.4), line("no-prior", 1, 0.8)]
    row = next(r for r in sweep.ablations(lines).splitlines() if "no-prior" in r)
    assert row == "| no-prior |  |  | +0.000 ± 0.100 (2) |  |"
    # The first bits of a nested code are a run of that length; not below 8.
    cut = [{**each, "cut_from": 16} for each in lines]
    assert sweep.ablations(cut) == sweep.ablations(lines)
    short = {**cut[0], "bits": 4}
    assert sweep.row_of(short) == ("reuters", "default, first of 16 bits")


def test_a_corpus_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    arguments = ["sweep.py", "run", "--corpora", "nosuch"]
    arguments += ["--results", str(tmp_path / "sweep.jsonl")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match=r"^sweep\.py: error: .*nosuch"):
        sweep.main()
