"""The bare signature of a SavedModel, called in a loop.

    python serving_floor.py VERSION_FOLDER TEXTS SECONDS SIZE...

reads texts from a JSON file and writes, as a line of JSON, the calls a second and
the times of a call for each number of texts, in seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import tensorflow as tf
import tensorflow_text  # noqa: F401  ops the model may have


def measure(signature, texts: list[str], size: int, seconds: float) -> dict:
    """Calls the signature on `size` texts at a time, for so long."""
    pieces = [texts[at : at + size] for at in range(0, len(texts) - size + 1, size)]
    times: list[float] = []
    for _ in range(3):
        call(signature, pieces[0])
    begin, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() < begin + seconds or not times:
        start = time.perf_counter()
        call(signature, pieces[len(times) % len(pieces)])
        times.append(time.perf_counter() - start)
    rate = len(times) / (time.perf_counter() - begin)
    cpu = time.process_time() - cpu
    times.sort()
    return {
        "requests_a_second": rate,
        "p50": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
        "cpu_a_text": cpu / len(times) / size,
    }


def call(signature, texts: list[str]) -> dict:
    """Text in, arrays out."""
    outputs = signature(text=tf.constant(texts))
    return {name: tensor.numpy() for name, tensor in outputs.items()}


if __name__ == "__main__":
    folder, file, seconds, *sizes = sys.argv[1:]
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    texts = json.loads(Path(file).read_text())
    result = {
        size: measure(signature, texts, int(size), float(seconds)) for size in sizes
    }
    result["bits"] = call(signature, texts[:1])["bits"].tolist()
    sys.stdout.write(json.dumps(result) + "\n")
