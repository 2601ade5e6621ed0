from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from wish_tf.cli import main


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
    settings = ["--bits", "6", "--epochs", "3", "--seed", "1"]
    assert main(["train", *corpus, *settings, "--out", str(made.run)]) == 0
    assert main(["export", str(made.run), str(made.saved_model)]) == 0
    assert (
        main(["index", str(made.saved_model), *corpus, "--out", str(made.index)]) == 0
    )
    return made
