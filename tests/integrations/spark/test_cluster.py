"""The same on a standalone cluster, one of whose two workers is lost on the way."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.integrations.spark.cluster import Daemon, wait_until
from tests.integrations.spark.conftest import BITS, make_texts
from wish_tf.codes import codes_to_int
from wish_tf.index import HammingIndex

ROWS = 600


@pytest.fixture(scope="module")
def done(model, tmp_path_factory) -> Path:
    """The folder of a job that was done although a worker was killed."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "waiting").mkdir()
    (folder / "texts").mkdir()
    table = pa.table({"id": range(ROWS), "text": make_texts(ROWS)})
    pq.write_table(table, folder / "texts/all.parquet")
    with ExitStack() as stack:

        def start(*arguments) -> Daemon:
            daemon = Daemon(*arguments)
            stack.callback(daemon.kill)
            return daemon

        master = start("Master", folder / "master")
        url = master.wait_for(r"Starting Spark master at (spark://\S+)")
        workers = [
            start("Worker", folder / name, "--cores", "1", "--memory", "1g", url)
            for name in ("one", "two")
        ]
        for worker in workers:
            worker.wait_for("(Successfully registered with master)")
        _run_and_kill(stack, url, model, folder, workers[1])
    return folder


def _run_and_kill(stack, url: str, model: Path, folder: Path, victim: Daemon) -> None:
    with (folder / "job.log").open("wb") as log:
        job = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integrations.spark.cluster_job",
                url,
                model,
                folder,
            ],
            cwd=Path(__file__).parents[3],
            env=os.environ
            | {
                "SPARK_LOCAL_IP": "127.0.0.1",
                "PYSPARK_PYTHON": sys.executable,
                "TF_CPP_MIN_LOG_LEVEL": "3",
                # The executors must find this module too.
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    stack.callback(_end, job)

    def both_at_work() -> bool:
        if job.poll() is not None:
            raise RuntimeError((folder / "job.log").read_text()[-3000:])
        return len(list((folder / "waiting").iterdir())) == 2

    # Each worker has one core. So each is in the midst of a task, and has put what the
    # tasks before made into files of its own, which are lost with it.
    wait_until(both_at_work)
    sessions = {
        os.getsid(int(path.read_text())) for path in (folder / "waiting").iterdir()
    }
    assert victim.process.pid in sessions and len(sessions) == 2
    victim.kill()
    (folder / "go").touch()
    assert job.wait(timeout=300) == 0, (folder / "job.log").read_text()[-3000:]


def _end(job: subprocess.Popen) -> None:
    if job.poll() is None:
        for process in [*psutil.Process(job.pid).children(recursive=True), job]:
            process.kill()
        job.wait()


def test_a_task_was_lost(done):
    attempts = sorted(path.name for path in (done / "waiting").iterdir())
    assert len(attempts) > 4  # of partitions 2 to 5, one twice
    assert any(name.endswith(".1") for name in attempts)


def test_every_row_has_the_code_of_one_machine(done, hasher):
    texts = make_texts(ROWS)
    hashed = hasher.hash([text or "" for text in texts])
    codes = codes_to_int(hashed.bits).tolist()
    rows = pq.read_table(done / "codes").sort_by("id").to_pylist()
    assert [row["id"] for row in rows] == list(range(ROWS))
    for row, text, code, unknown in zip(
        rows, texts, codes, hashed.out_of_vocabulary.tolist(), strict=True
    ):
        flag = None if text is None else unknown
        assert (row["text"], row["out_of_vocabulary"]) == (text, flag)
        assert row["code"] == (code if flag is False else None)


def test_search_is_that_of_one_machine(done, hasher):
    texts = make_texts(ROWS)
    hashed = hasher.hash([text or "" for text in texts])
    known = np.flatnonzero(~hashed.out_of_vocabulary)
    bits = hashed.bits
    pairs = pq.read_table(done / "pairs").to_pylist()
    expected = {
        (int(a), int(b), int((bits[a] != bits[b]).sum()))
        for a, b in itertools.combinations(known, 2)
        if (bits[a] != bits[b]).sum() <= 1
    }
    found = [(row["id_a"], row["id_b"], row["distance"]) for row in pairs]
    assert len(found) == len(expected) and set(found) == expected
    index = HammingIndex(BITS)
    index.add(bits[known], ids=known)
    asked = known[known < 20]
    nearest = index.search(bits[asked], 5)
    table = pq.read_table(done / "nearest").sort_by(
        [("query_id", "ascending"), ("rank", "ascending")]
    )
    assert table["query_id"].to_pylist() == np.repeat(asked, 5).tolist()
    assert table["id"].to_pylist() == nearest.ids.ravel().tolist()
    assert table["distance"].to_pylist() == nearest.distances.ravel().tolist()
