from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from wish_tf.cli import main

# For `train`, where any model does: of drawn bits, which needs no stages before.
QUICK = "--preset paper --epochs 1 --set model.hidden_units=[8]".split()
# Settings of the default recipe with which it takes a second.
NESTED = [
    *("--set", "strategy.space.decoders=1"),
    *("--set", "strategy.space.annealing.steps=50"),
    *("--set", "strategy.topics.search.moves=5"),
]


@dataclass(frozen=True)
class Trained:
    """What the commands have made of one small run."""

    run: Path
    saved_model: Path
    index: Path


@pytest.fixture(scope="session")
def trained(docs_file, tmp_path_factory) -> Trained:
    """A small run on real text: trained, exported and indexed by the commands."""
    folder = tmp_path_factory.mktemp("cli")
    made = Trained(folder / "runs/small", folder / "saved_models/small", folder / "i")
    corpus = [str(docs_file)]
    settings = ["--bits", "10", "--seed", "1", *NESTED]
    assert main(["train", *corpus, *settings, "--out", str(made.run)]) == 0
    assert main(["export", str(made.run), str(made.saved_model)]) == 0
    assert (
        main(["index", str(made.saved_model), *corpus, "--out", str(made.index)]) == 0
    )
    return made
