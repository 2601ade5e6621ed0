"""An exported model on its way to the Python workers of a cluster."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark import SparkContext, SparkFiles, TaskContext

if TYPE_CHECKING:
    from wish_tf.saved_model import SavedHasher

# Executors that join later fetch the archive too, so it stays as long as the driver.
_packed: dict[tuple[str, str], tempfile.TemporaryDirectory[str]] = {}


def ship_model(context: SparkContext, folder: Path) -> str:
    """Sends a SavedModel to every executor, which unpacks it once.

    Args:
        context: of the cluster. The same model is sent to it only once.
        folder: one version of an export.

    Returns:
        The name by which `load_shipped` knows it.
    """
    name = f"wish_tf-{_fingerprint(folder)}.zip"
    key = (context.applicationId, name)
    if key not in _packed:
        scratch = tempfile.TemporaryDirectory(prefix="wish_tf-spark-")
        archive = Path(scratch.name, name)
        shutil.make_archive(str(archive.with_suffix("")), "zip", folder)
        context.addArchive(str(archive))
        _packed[key] = scratch
    return name


@functools.cache
def load_shipped(name: str) -> SavedHasher:
    """Returns the `SavedHasher` of a shipped model; in a task only.

    Spark uses a worker process for many tasks (`spark.python.worker.reuse`), and
    each process loads a model once.
    """
    start_tensorflow_in_task()
    from wish_tf.saved_model import SavedHasher

    return SavedHasher(SparkFiles.get(name))


def start_tensorflow_in_task() -> None:
    """Starts TensorFlow in a Python worker, with the cores that the task has."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    # Spark runs a worker process per core: with TensorFlow's default each of them
    # would start as many threads as the machine has cores.
    # A process where TensorFlow runs already, for some other function, keeps its own.
    with suppress(RuntimeError):
        task = TaskContext.get()
        assert task is not None, "in a task only"
        tf.config.threading.set_intra_op_parallelism_threads(task.cpus())
        tf.config.threading.set_inter_op_parallelism_threads(1)
        # Each process would take the whole memory of a GPU.
        tf.config.set_visible_devices([], "GPU")


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
