"""The board where a recipe trains: by `train`, a run, and the command."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

import wish_tf.cli
from tests.callbacks.events import events, scalars
from tests.training.planted import planted_rows
from wish_tf import InputError
from wish_tf.callbacks import WishBoard
from wish_tf.recipes import (
    PAPER,
    Annealing,
    NestedCodes,
    Recipe,
    SpaceSettings,
)
from wish_tf.runs import RunFolder, TrainConfig, train_run
from wish_tf.training import FitOptions, TrainingData, train

ROWS, GROUPS = planted_rows(300)
DECODERS, STEPS = 2, 30
ANNEALING = Annealing(steps=STEPS, fewest_steps=STEPS, vocabulary=100)
SPACE = SpaceSettings(DECODERS, 3, ANNEALING, lsa_dimensions=8)
RECIPE = Recipe(NestedCodes(SPACE))


def train_with(*callbacks):
    return train(TrainingData(ROWS, 2), RECIPE, FitOptions(callbacks))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("board")
    return folder, train_with(WishBoard(folder))


def test_the_recipe_trains_the_same_with_and_without(trained):
    for ours, theirs in zip(trained[1].weights, train_with().weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), ours.path)


def test_annealing(trained):
    folder, _ = trained
    found = events(folder / "annealing")
    assert set(found) == {
        f"annealing/{x}" for x in ("beta", "flip", "decided", "codes")
    }
    for values in found.values():
        assert [step for step, _ in values] == list(range(10, DECODERS * STEPS + 1, 10))
    annealing = ANNEALING
    # The schedule is at the state before the step: that of steps 9, 19 and 29.
    done = (np.tile(np.arange(9, STEPS, 10), DECODERS)) / STEPS
    first, last = annealing.beta
    assert scalars(folder / "annealing", "annealing/beta") == pytest.approx(
        first * (last / first) ** np.minimum(1, done / 0.7), rel=1e-5
    )
    decided = scalars(folder / "annealing", "annealing/decided")
    codes = scalars(folder / "annealing", "annealing/codes")
    assert all(0 <= value <= 1 for value in decided) and decided[2] > decided[0]
    assert all(1 <= value <= 2**3 for value in codes)


def config(docs_file) -> TrainConfig:
    return TrainConfig(
        corpus=str(docs_file),
        bits=4,
        recipe=PAPER.assigned("fit.epochs=3").to_json(),
        limit=300,
    )


def test_a_run_shows_its_words_and_goes_on_where_it_stopped(docs_file, tmp_path):
    folder = RunFolder(tmp_path / "run")

    class Killer(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        options = FitOptions([Killer()], checkpoint_minutes=0)
        train_run(folder, config(docs_file), options=options, tensorboard=True)
    metrics = train_run(folder, config(docs_file), resume=True, tensorboard=True)
    losses = scalars(folder.logs_path / "train", "loss/total", resumed=True)
    with folder.history_path.open() as file:
        header, *rows = [line.strip().split(",") for line in file]
    expected = [float(row[header.index("loss")]) for row in rows]
    assert losses == pytest.approx(expected, rel=1e-5) and len(losses) == 3
    # All 240 training documents are in the sample; the best epoch is what remains.
    precision = scalars(
        folder.logs_path / "validation", "retrieval/precision_at_100", resumed=True
    )
    assert precision[metrics["epoch"] - 1] == pytest.approx(
        metrics["validation"]["precision_at_100"], abs=0.02
    )
    table = events(folder.logs_path)["topics/words"][-1][1].item().decode()
    assert any(character.isalpha() for character in table.splitlines()[2])
    metadata = (folder.logs_path / "probabilities.tsv").read_text("utf-8")
    assert metadata.splitlines()[0] == "code\tlabel\ttext"
    # Keras' own curves would be the same once more.
    assert "epoch_loss" not in events(folder.logs_path / "train")


def test_no_document_to_look_up(tmp_path):
    path = tmp_path / "texts.txt"
    texts = ["apple banana", "banana cherry", "cherry apple"] * 4
    path.write_text("\n".join(texts))
    asked = replace(config(path), limit=None)
    lines = asked.load_splits().validation.ids
    for name in lines:
        texts[int(name) - 1] = "zebra"
    path.write_text("\n".join(texts))
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(InputError, match="validation document with a known word"):
        train_run(folder, asked, tensorboard=True)
    assert not folder.path.exists()


def test_command(docs_file, tmp_path, capsys):
    arguments = ["train", str(docs_file), "--bits", "4", "--epochs", "1"]
    arguments += ["--preset", "paper", "--limit", "200", "--json", "--out"]
    for flag, tag in [([], "epoch_loss"), (["--tensorboard"], "loss/total")]:
        out = tmp_path / tag
        assert wish_tf.cli.main([*arguments, str(out), *flag]) in (0, None)
        assert json.loads(capsys.readouterr().out)["epoch"] == 1
        found = events(out / "logs" / "train")
        assert tag in found and ("epoch_loss" in found) != ("loss/total" in found)
