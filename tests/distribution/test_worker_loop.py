"""Two real processes on 127.0.0.1."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.distribution.worker import FITTED, NESTED
from tests.training.planted import planted_rows
from wish_tf.training import FitOptions, TrainingData, train

ROOT = Path(__file__).resolve().parents[2]
HANG = 1800  # seconds after which a process will never end


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@pytest.fixture
def start():
    """Starts two workers with the same arguments; `{}` becomes the number."""
    processes: list[subprocess.Popen] = []

    def start_both(*arguments) -> list[subprocess.Popen]:
        addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
        both = []
        for number in range(2):
            config = {
                "cluster": {"worker": addresses},
                "task": {"type": "worker", "index": number},
            }
            command = [str(argument).format(number) for argument in arguments]
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={
                    **os.environ,
                    "TF_CONFIG": json.dumps(config),
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                    "PYTHONPATH": str(ROOT),
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            both.append(process)
        processes.extend(both)
        return both

    yield start_both
    for process in processes:
        process.kill()
        process.wait()


def finish(processes) -> list[str]:
    """Returns what they wrote to standard error, once they have ended well."""
    errors = [process.communicate(timeout=HANG)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    return errors


def test_workers_end_with_the_weights_of_one_process(start, tmp_path):
    finish(start("-m", "tests.distribution.worker", "{}", tmp_path))
    chief, other = (np.load(tmp_path / f"{number}.npz") for number in range(2))
    assert (bool(chief["chief"]), bool(other["chief"])) == (True, False)
    # What comes before fit is the chief's; seven steps on batches of 20 and one of 1.
    assert (int(chief["topic_steps"]), int(other["topic_steps"])) == (20, 0)
    rows, _ = planted_rows(121)
    losses = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda _, logs: losses.extend([logs["loss"], logs["val_loss"]])
    )
    data = TrainingData(rows, 3, validation_rows=rows[:21])
    alone = [train(data, recipe, FitOptions([keep])) for recipe in (NESTED, FITTED)]
    for i, weight in enumerate(weight for model in alone for weight in model.weights):
        ours = chief[f"arr_{i}"]
        np.testing.assert_array_equal(ours, other[f"arr_{i}"])
        np.testing.assert_allclose(
            ours, weight.numpy(), rtol=0, atol=1e-4, err_msg=weight.path
        )
    np.testing.assert_array_equal(chief["losses"], other["losses"])
    np.testing.assert_allclose(chief["losses"], losses, rtol=1e-4)
    assert np.any(chief["draw"] != other["draw"])


def history(run: Path) -> list[int]:
    path = run / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def test_a_killed_worker_ends_the_other_and_training_resumes(
    start, docs_file, tmp_path
):
    run = tmp_path / "run"
    command = ["-m", "wish_tf", "train", docs_file, "--limit", 300, "--bits", 4]
    command += ["--workers", "--out", run, "--checkpoint-minutes", 0]
    command += ["--preset", "paper", "--epochs", 9]
    chief, other = start(*command)
    deadline = time.monotonic() + HANG
    while len(history(run)) < 2 or not (run / "checkpoint" / "fit.npz").exists():
        assert time.monotonic() < deadline and chief.poll() is None, chief.stderr.read()
        time.sleep(0.05)
    other.kill()
    error = chief.communicate(timeout=HANG)[1]
    assert chief.returncode == 1
    *_, sentence = error.splitlines()
    assert sentence == (
        "wish-tf: error: a worker is gone, so this one ends; start all workers again "
        "and training goes on from the last checkpoint (give --resume)"
    )
    assert "waiting until all 2 are there" in error
    before = history(run)
    assert before == list(range(len(before))) and len(before) < 9
    assert json.loads((run / "config.json").read_text())["state"] == "interrupted"

    _, other_error = finish(start(*command, "--resume"))
    assert "the run is with the chief" in other_error
    assert history(run) == list(range(9))
    assert json.loads((run / "config.json").read_text())["state"] == "finished"
    assert (run / "model.keras").exists()
