import json

from reproduction.cell import Cell
from reproduction.experiments import EXPERIMENTS
from reproduction.scale import FULL
from reproduction.sweep_lines import sweep_lines


def write(path, *runs, corpus="reuters"):
    lines = [
        {
            "preset": preset,
            "corpus": corpus,
            "bits": bits,
            "seed": seed,
            "precision_at_100": 0.7,
            "validation_precision_at_100": 0.8,
            "distinct_codes": 16,
            "dead_bits": 0,
            "train_seconds": 60.0,
            "labels_used_for": "measuring",
        }
        for preset, bits, seed in runs
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_default_of_the_sweep_is_table_1s(tmp_path):
    path = tmp_path / "sweep.jsonl"
    write(path, ("default", 4, 2), ("no-flips", 4, 2), ("kmeans", 4, 0))
    [line] = sweep_lines(path)
    assert Cell.key_of(line) in {cell.key for cell in EXPERIMENTS["table1"](FULL)}
    assert (line["precision_at_100"], line["validation_precision_at_100"]) == (0.7, 0.8)
    # Of the whole way from the texts, which other methods do not go.
    assert "train_seconds" not in line


def test_what_figures_show_is_run_anew_for_one_seed(tmp_path):
    path = tmp_path / "sweep.jsonl"
    write(path, ("default", 8, 0), ("default", 8, 1), ("default", 4, 0))
    assert [(line["bits"], line["seed"]) for line in sweep_lines(path)] == [
        (8, 1),
        (4, 0),
    ]


def test_corpora_that_are_not_of_table_1_are_left_out(tmp_path):
    path = tmp_path / "sweep.jsonl"
    write(path, ("default", 4, 0), corpus="reuters@8")
    assert sweep_lines(path) == []


def test_there_may_be_no_sweep(tmp_path):
    assert sweep_lines(tmp_path / "sweep.jsonl") == []
