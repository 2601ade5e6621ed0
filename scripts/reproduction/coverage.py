"""How much of what is wanted has been run."""

from __future__ import annotations

from reproduction.cell import Cell
from reproduction.experiments import EXPERIMENTS
from reproduction.scale import Scale


def coverage(lines: list[dict], scale: Scale) -> str:
    """Returns, for each experiment and corpus, how many runs there are of how many.

    A run that Table 1 and a figure share counts for both.
    """
    done = {Cell.key_of(line) for line in lines}
    rows = [
        "| experiment | " + " | ".join(scale.corpora) + " |",
        "|---|" + "---|" * len(scale.corpora),
    ]
    for name, cells in EXPERIMENTS.items():
        wanted = list(cells(scale))
        shown = []
        for corpus in scale.corpora:
            keys = [cell.key for cell in wanted if cell.corpus == corpus]
            shown.append(f"{len(done.intersection(keys))}/{len(keys)}" if keys else "")
        rows.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(rows)
