"""What a WishBoard costs: the same fit with and without it, in turn.

python benchmarks/tensorboard_cost.py 20newsgroups
"""

from __future__ import annotations

import argparse
import tempfile
import time

import keras
import numpy as np

from wish_tf import WISH, TextHasher, csr_dataset, load_corpus, split_corpus
from wish_tf.callbacks import BoardSample, WishBoard
from wish_tf.optimizers import LazyAdam

EPOCHS, ROUNDS = 5, 3


def seconds(make, board: WishBoard | None) -> tuple[float, float]:
    """Returns the wall and the processor time of a fit after its first epoch, in
    which graphs are traced."""
    keras.utils.set_random_seed(0)
    model, data, validation = make()
    times = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: times.append(
            (time.perf_counter(), time.process_time())
        )
    )
    callbacks = [clock] if board is None else [board, clock]
    model.fit(
        data, validation_data=validation, epochs=EPOCHS, callbacks=callbacks, verbose=0
    )
    return tuple(np.subtract(times[-1], times[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    splits = split_corpus(load_corpus(parser.parse_args().corpus))
    hasher = TextHasher(8)
    data = hasher.fit_vocabulary(
        splits.train.texts, validation_texts=splits.validation.texts
    )
    rows, validation_rows = data.rows, data.validation_rows
    sample = BoardSample(
        hasher.rows(splits.train.texts),
        validation_rows,
        labels=splits.train.labels,
        validation_labels=splits.validation.labels,
        texts=splits.validation.texts,
    )
    n, vocabulary = rows.shape

    def wish():
        model = WISH(8, vocabulary)
        model.compile(LazyAdam(1e-3))
        return model, csr_dataset(rows, 100), csr_dataset(validation_rows, 1000)

    print(f"{n} texts, {vocabulary} words, {EPOCHS - 1} epochs, best of {ROUNDS}")
    plain, shown = [], []
    for _ in range(ROUNDS):
        plain.append(seconds(wish, None))
        with tempfile.TemporaryDirectory() as folder:
            board = WishBoard(folder, sample=sample, vocabulary=hasher.vocabulary)
            shown.append(seconds(wish, board))
    wall, processor = np.min(shown, axis=0) / np.min(plain, axis=0)
    print(
        f"{np.min(plain, axis=0)[0]:.1f} s without; with the board {wall:.3f} times "
        f"the wall time, {processor:.3f} times the processor's"
    )


if __name__ == "__main__":
    main()
