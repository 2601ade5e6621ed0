"""Runs of Table 1 that the sweep of recipes has made already."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from reproduction.cell import Cell
from reproduction.experiments import PICTURED
from reproduction.scale import FULL
from result_lines import read
from wish_tf.metrics.yardstick import MEASURES

TAKEN = (
    "validation_precision_at_100",
    "dead_bits",
    "labels_used_for",
    *MEASURES,
)


def sweep_lines(path: Path) -> list[dict]:
    """Returns the sweep's runs of the default recipe as lines of Table 1.

    They are the same trainings on the same splits. Their seconds are left out, as
    they have the reading of texts in them; and of the length that figures show, seed
    0 is to be run here, since more is measured.

    Args:
        path: `sweep.jsonl`, which may be missing.
    """
    return [
        {
            **asdict(
                Cell(
                    "table1",
                    "wish",
                    "default",
                    line["corpus"],
                    line["bits"],
                    line["seed"],
                )
            ),
            **{name: line[name] for name in TAKEN if name in line},
        }
        for line in read(path)
        if line["preset"] == "default"
        and "cut_from" not in line
        and line["corpus"] in FULL.corpora
        and (line["bits"], line["seed"]) != (PICTURED, 0)
    ]
