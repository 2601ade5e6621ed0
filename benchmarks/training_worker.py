"""One measurement of `training.py`, in a process of its own.

    python training_worker.py TASK VARIANT FOLDER '{"option": value}'

reads the rows that `training.py` put into FOLDER and writes one line of JSON.
"""

from __future__ import annotations

import json
import math
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse

BITS = 8
BATCH = 100


def peak_memory() -> int:
    """Returns the most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # `ru_maxrss` starts at the memory of the parent process on Linux.
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read(folder: Path, part: str):
    """Returns the CSR rows of a part of the corpus."""
    return scipy.sparse.load_npz(folder / f"{part}.npz")


def keras_model(variant: str, rows):
    """Returns the compiled model of a variant and batches of CSR rows for it."""
    import keras

    keras.utils.set_random_seed(0)
    if variant == "keras":
        from dense_keras import DenseWISH, dense_batches

        model = DenseWISH(BITS, rows)
        model.compile(keras.optimizers.Adam(1e-3))
        return model, dense_batches(rows, BATCH)
    from wish_tf.data import csr_dataset
    from wish_tf.models import WISH
    from wish_tf.optimizers import LazyAdam

    model = WISH(BITS, rows.shape[1])
    model.compile(LazyAdam(1e-3), steps_per_execution=10)
    model.adapt(rows)
    return model, csr_dataset(rows, BATCH)


def timed_fit(model, batches, steps: int, repeats: int) -> list[float]:
    """Returns the seconds a step in each of some calls of `fit`."""
    batches = batches.repeat()
    times = []
    # The first call, which traces and compiles, does not count.
    for _ in range(repeats + 1):
        start = time.perf_counter()
        model.fit(batches, steps_per_epoch=steps, verbose=0)
        times.append((time.perf_counter() - start) / steps)
    return times[1:]


def speed(variant: str, folder: Path, steps: int, repeats: int) -> dict:
    """Measures steps of training on the same batches in the same order."""
    rows = read(folder, "train")
    if variant == "torch":
        from dense_torch import DenseWISH, train_for

        model = DenseWISH(BITS, rows.shape[1])
        train_for(model, rows[: 3 * BATCH], BATCH, math.inf)
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            train_for(model, rows[: steps * BATCH], BATCH, math.inf)
            times.append((time.perf_counter() - start) / steps)
    else:
        times = timed_fit(*keras_model(variant, rows), steps, repeats)
    return {"seconds_a_step": times, "peak_bytes": peak_memory()}


def reach(variant: str, folder: Path, target: float, limit: float) -> dict:
    """Measures the time of training until Prec@100 of the validation queries.

    The recipe is measured once it has ended, the others after each pass. The
    peak memory is that of training, before the first measurement of Prec@100.
    """
    rows, queries = read(folder, "train"), read(folder, "validation")
    labels = json.loads((folder / "labels.json").read_text())

    def precision(encode) -> float:
        from wish_tf.metrics import precision_at_k

        return precision_at_k(
            encode(queries), labels["validation"], encode(rows), labels["train"]
        )

    if variant == "recipe":
        from wish_tf.recipes import DEFAULT
        from wish_tf.training import TrainingData, train

        start = time.perf_counter()
        wish = train(TrainingData(rows, BITS), DEFAULT)
        seconds, peak = time.perf_counter() - start, peak_memory()
        best = precision(wish.encode)
        reached = seconds if best >= target else None
        return {
            "seconds": reached,
            "trained_seconds": seconds,
            "best": best,
            "peak_bytes": peak,
        }
    if variant == "torch":
        import torch

        from dense_torch import DenseWISH, train_for

        torch.manual_seed(0)
        model = DenseWISH(BITS, rows.shape[1])

        def one_pass(seconds: float) -> None:
            train_for(model, rows, BATCH, seconds)
    else:
        import keras

        model, batches = keras_model(variant, rows)

        class TimeLimit(keras.callbacks.Callback):
            def __init__(self, end: float):
                super().__init__()
                self.end = end

            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = time.perf_counter() > self.end

        def one_pass(seconds: float) -> None:
            end = time.perf_counter() + seconds
            stop = TimeLimit(end)
            model.fit(batches, verbose=0, callbacks=[stop])

    spent, best, peak = 0.0, 0.0, None
    while spent < limit and best < target:
        start = time.perf_counter()
        one_pass(limit - spent)
        spent += time.perf_counter() - start
        peak = peak_memory() if peak is None else peak
        best = max(best, precision(model.encode))
    return {
        "seconds": spent if best >= target else None,
        "trained_seconds": spent,
        "best": best,
        "peak_bytes": peak,
    }


def scaling(variant: str, folder: Path, documents, words, repeats: int) -> dict:
    """Measures whole passes over parts of the corpus, by documents and by words."""
    rows = read(folder, "train")
    by_documents = [
        {"documents": n, "words": rows.shape[1], "rows": rows[:n]}
        for n in [*documents, rows.shape[0]]
        if n <= rows.shape[0]
    ]
    frequent = np.argsort(-np.asarray(rows.sum(axis=0)).ravel(), kind="stable")
    some = rows[: 4000 // BATCH * BATCH]
    by_words = [
        {"documents": some.shape[0], "words": v, "rows": some[:, frequent[:v]]}
        for v in [*words, rows.shape[1]]
        if v <= rows.shape[1]
    ]
    for case in by_documents + by_words:
        part = case.pop("rows").tocsr()
        steps = part.shape[0] // BATCH // 10 * 10
        times = timed_fit(*keras_model(variant, part), steps, repeats)
        case["words_a_document"] = part.nnz / part.shape[0]
        case["seconds_a_document"] = [t / BATCH for t in times]
    return {"by_documents": by_documents, "by_words": by_words}


def machine(variant: str, folder: Path) -> dict:
    """Measures what the machine can do: products and copies of large arrays."""
    del variant, folder
    import tensorflow as tf

    a = tf.random.normal([2000, 2000])
    c = np.ones(2**25, np.float32)
    products, copies = [], []
    for _ in range(8):
        start = time.perf_counter()
        tf.matmul(a, a).numpy()
        products.append(2 * 2000**3 / (time.perf_counter() - start))
        d = np.empty_like(c)
        d[:] = 0
        start = time.perf_counter()
        np.copyto(d, c)
        copies.append(2 * c.nbytes / (time.perf_counter() - start))
    return {"flops": max(products), "bytes_a_second": max(copies)}


TASKS = {"speed": speed, "reach": reach, "scaling": scaling, "machine": machine}

if __name__ == "__main__":
    task, variant, folder, options = sys.argv[1:]
    result = TASKS[task](variant, Path(folder), **json.loads(options))
    sys.stdout.write(json.dumps(result) + "\n")
