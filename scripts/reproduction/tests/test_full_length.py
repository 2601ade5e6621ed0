"""The script of the full length: what it keeps, and that it goes on where it was."""

import json
import sys
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse

import full_length
from reproduction.prepared_corpus import PreparedCorpus
from tests.training.small_recipes import quick
from wish_tf.metrics import Retrieval
from wish_tf.training import TrainingData, train

SMALL = quick((16,))
NOISY = SMALL.assigned("model.dropout_when_hashing=true")


@pytest.fixture
def run(docs_file, tmp_path, monkeypatch):
    """Runs the script on a small corpus, and returns its lines of results."""
    monkeypatch.setattr(full_length, "RECIPES", {"paper": SMALL, "reference": NOISY})
    monkeypatch.setattr(full_length, "EVERY", 2)
    results = tmp_path / "full_length.jsonl"

    def main(*options: str) -> list[dict]:
        arguments = ["full_length.py", "run", "--corpora", str(docs_file)]
        arguments += ["--bits", "3", "--epochs", "5", "--results", str(results)]
        arguments += ["--checkpoints", str(tmp_path / "unfinished"), *options]
        monkeypatch.setattr(sys, "argv", arguments)
        full_length.main()
        return [json.loads(line) for line in results.read_text().splitlines()]

    return main


def test_a_line_a_run_with_the_whole_curve(run, docs_file, tmp_path):
    run()
    plain, noisy = run()  # adds nothing
    assert list((tmp_path / "unfinished").iterdir()) == []
    assert list(plain["curve"]) == ["2", "4", "5"]
    assert plain["chosen"]["last"]["epoch"] == 5
    for choice, by in (("labels", "precision"), ("objective", "objective")):
        best = max(plain["curve"].values(), key=lambda found: found[by])
        # Of equal ones the first; the weight of the KL term hardly grows here.
        assert plain["curve"][str(plain["chosen"][choice]["epoch"])] == best
    corpus = PreparedCorpus.load(str(docs_file), None)
    model = train(TrainingData(corpus.train, 3), SMALL.with_setting("fit.epochs", 5))
    found = Retrieval.by_labels(
        model.encode(corpus.test),
        corpus.splits.test.labels,
        model.encode(corpus.train),
        corpus.splits.train.labels,
    )
    expected = found.precisions(100).mean()
    assert plain["chosen"]["last"]["test_precision"] == pytest.approx(
        expected, abs=1e-5
    )
    # With dropout in hashing there are both.
    last = noisy["curve"]["5"]
    assert last["precision"] != last["quiet_precision"]
    assert "quiet_test_precision" in noisy["chosen"]["last"]
    assert "quiet_precision" not in plain["curve"]["5"]


def test_the_objective_is_that_of_the_package(run, docs_file):
    plain, _ = run()
    corpus = PreparedCorpus.load(str(docs_file), None)
    seen = []

    class Log(full_length.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((logs["val_reconstruction"], logs["val_kl"]))

    train(
        TrainingData(corpus.train, 3, validation_rows=corpus.validation),
        SMALL.with_setting("fit.epochs", 5),
        full_length.FitOptions(callbacks=[Log()]),
    )
    found = [(x["reconstruction"], x["kl"]) for x in plain["curve"].values()]
    np.testing.assert_allclose(found, [seen[1], seen[3], seen[4]], rtol=1e-4)


def test_a_killed_run_gives_what_one_that_was_not_gives(run, monkeypatch, tmp_path):
    whole = run("--presets", "reference")
    (tmp_path / "full_length.jsonl").unlink()
    monkeypatch.setattr(full_length, "CHECKPOINT_MINUTES", 0)
    measure = full_length.objective

    def killed(model, rows):
        if len(epochs := list((tmp_path / "unfinished").glob("*/curve.json"))):
            kept = json.loads(epochs[0].read_text())
            if "4" in kept["curve"]:
                raise KeyboardInterrupt
        return measure(model, rows)

    monkeypatch.setattr(full_length, "objective", killed)
    with pytest.raises(KeyboardInterrupt):
        run("--presets", "reference")
    monkeypatch.setattr(full_length, "objective", measure)
    again = run("--presets", "reference")
    for name in ("curve", "chosen"):
        assert again[0][name] == whole[0][name]


def test_an_unfinished_run_is_one_of_as_many_epochs(run, monkeypatch, tmp_path):
    whole = run("--presets", "paper")
    monkeypatch.setattr(full_length.shutil, "rmtree", lambda *_, **others: None)
    (tmp_path / "full_length.jsonl").unlink()
    run("--presets", "paper")
    [folder] = (tmp_path / "unfinished").iterdir()
    found = full_length.so_far(folder)
    assert {**found, "seconds": 0} == {
        **whole[0],
        "corpus": found["corpus"],  # here a file, of which the folder has the name
        "seconds": 0,
    }


def line(preset: str, epochs: int, labels: float, **others) -> dict:
    found = {"precision": 0.4, "code_entropy": 6.0, "dead_bits": 1}
    chosen = {"epoch": 10, "test_precision": labels, **others}
    return {
        "preset": preset,
        "corpus": "reuters",
        "bits": 8,
        "seed": 0,
        "epochs": epochs,
        "curve": {"10": found, str(epochs): found},
        "chosen": {"labels": chosen, "objective": chosen, "last": chosen},
    }


def test_the_page_has_the_longest_of_the_same_runs(tmp_path, monkeypatch):
    page = tmp_path / "docs" / "reproduction.md"
    (page.parent / "pictures" / "reproduction").mkdir(parents=True)
    page.write_text("<!-- length: start -->\n<!-- length: end -->\n")
    monkeypatch.setattr(full_length, "ROOT", tmp_path)
    noisy = line("reference", 30, 0.7, quiet_test_precision=0.712)
    full_length.write_docs([line("paper", 50, 0.76), line("paper", 20, 0.7), noisy])
    rows = page.read_text().splitlines()[3:-1]
    assert rows == [
        "| reuters | 8 | paper | 0 | 50 | 0.760 (10) | 0.760 (10) | 0.760 |  | 1 "
        "| 0.768 | -0.008 |",
        "| reuters | 8 | reference | 0 | 30 | 0.700 (10) | 0.700 (10) | 0.700 | 0.712 "
        "| 1 | 0.768 | -0.068 |",
    ]
    picture = page.parent / "pictures" / "reproduction" / "length.svg"
    assert picture.read_text().startswith("<?xml")


def test_all_rows_move_with_all_rows():
    rows = scipy.sparse.csr_array(np.eye(60, 40, dtype=np.float32))
    recipe = SMALL.assigned("fit.batch_size=1").assigned("fit.epochs=1")
    weights = []

    class Steps(full_length.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            weights.append(self.model.encoder.words.kernel.numpy())

    for callbacks in ([Steps()], [full_length.AllRows(), Steps()]):
        train(TrainingData(rows[:40], 3), recipe, full_length.FitOptions(callbacks))
    of_batch, of_all = (
        [np.any(after != before, axis=1).sum() for before, after in pairwise(steps)]
        for steps in (weights[:40], weights[40:])
    )
    assert set(of_batch) == {1}
    # A word that has not been in a batch yet has no moments.
    assert of_all == list(range(2, 41))


def test_an_epoch_is_worth_less_where_the_kl_term_weighs_more():
    plain = {"reconstruction": 40.0, "kl": 1.0}
    close = {"reconstruction": 39.5, "kl": 3.0}
    assert full_length.worth(close, 0.1) > full_length.worth(plain, 0.1)
    assert full_length.worth(close, 0.5) < full_length.worth(plain, 0.5)
