"""A run that is killed anywhere, and resumed, ends as one that is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Of each recipe.
POINTS = 6
# Each life of the run is a fork: TensorFlow is imported once, and starts in none
# before the fork. `os.replace` and `os.rename` are where files get their names.
LIVES = '''
import csv, json, os, sys
from pathlib import Path
import numpy as np
import wish_tf.cli.train
import keras
from tests.training.small_recipes import DRAWN, NESTED
from wish_tf.runs import RunFolder, TrainConfig, train_run
from wish_tf.training import FitOptions

corpus, out, points = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
nested = NESTED.assigned("strategy.space.annealing.steps=5")
fitted = DRAWN.assigned("fit.epochs=3").assigned("model.hidden_units=[8]")
recipe = {"nested": nested, "fitted": fitted}[sys.argv[4]].to_json()
config = TrainConfig(corpus, 10, recipe, limit=120)


def count(kill_at):
    """Counts the points of a life, before and after each name is given; dies at one."""
    seen = 0
    for name in ("replace", "rename"):
        original = getattr(os, name)

        def at_a_point(*args, original=original, **kwargs):
            nonlocal seen
            for give in (False, True):
                if give:
                    original(*args, **kwargs)
                if seen == kill_at:
                    os.kill(os.getpid(), 9)
                seen += 1

        setattr(os, name, at_a_point)
    return lambda: seen


def live(folder, kill_at, resume):
    """Returns how a life ended, and how many points it had."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        counted = count(kill_at)
        train_run(
            RunFolder(folder), config, resume=resume,
            options=FitOptions(checkpoint_minutes=0),
        )
        os.write(write, str(counted()).encode())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(write)
    return os.waitstatus_to_exitcode(status), int(os.read(read, 20) or 0)


def result(folder):
    import zipfile

    with zipfile.ZipFile(folder / "model.keras") as file:
        weights = file.read("model.weights.h5")
    rows = None
    if (folder / "history.csv").exists():
        with open(folder / "history.csv", newline="") as file:
            rows = list(csv.DictReader(file))
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["train_seconds"]
    return weights, rows, metrics, sorted(path.name for path in folder.iterdir())


status, all_points = live(out / "whole", -1, False)
assert status == 0, status
expected = result(out / "whole")
assert "checkpoint" not in expected[-1]
killed = np.unique(np.linspace(0, all_points - 1, points).astype(int))
print(all_points, "points", flush=True)
for at in killed.tolist():
    folder = out / str(at)
    status, _ = live(folder, at, False)
    assert status == -9, (at, status)
    there = (folder / "config.json").exists()
    finished = there and RunFolder(folder).config()["state"] == "finished"
    if not finished:
        status, _ = live(folder, -1, there)
        assert status == 0, (at, status)
    got = result(folder)
    parts = ("weights", "history", "metrics", "files")
    for ours, theirs, part in zip(got, expected, parts):
        if not (finished and part == "files"):
            assert ours == theirs, (at, part)
    print(at, "finished" if finished else "resumed" if there else "anew", flush=True)
'''


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("recipe", ["nested", "fitted"])
def test_a_run_that_is_killed_anywhere_ends_as_one_that_is_not(
    docs_file, tmp_path, recipe
):
    found = subprocess.run(
        [sys.executable, "-c", LIVES, docs_file, tmp_path, str(POINTS), recipe],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr[-2000:]
    ways = [line.split()[1] for line in found.stdout.splitlines()[1:]]
    assert len(ways) == POINTS
    # The first write among them, and the last rename.
    assert ways[0] == "anew" and ways[-1] == "finished" and "resumed" in ways
