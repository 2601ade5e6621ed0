"""One worker of a small training; its number is the argument, see TF_CONFIG.

Writes what it ends with to OUT/NUMBER.npz.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wish_tf.distribution import is_chief, worker_strategy
from wish_tf.recipes import (
    Annealing,
    FitSettings,
    ModelSettings,
    NestedCodes,
    Recipe,
    SpaceSettings,
    StraightThrough,
)

NESTED = Recipe(NestedCodes(SpaceSettings(2, 3, Annealing(steps=10))))
# Without chance, so that two workers train what one trains.
FITTED = Recipe(
    StraightThrough(topic_dim=8, stochastic=False),
    ModelSettings(hidden_units=(16,), dropout=0.0),
    FitSettings(epochs=1, batch_size=20),
)


def main(number: str, out: Path) -> None:
    strategy = worker_strategy()
    import keras
    import numpy as np
    import tensorflow as tf

    from tests.training.planted import planted_rows
    from wish_tf.callbacks import ProgressCallback
    from wish_tf.layers import StraightThroughBernoulli
    from wish_tf.training import FitOptions, TrainingData, train

    losses: list[float] = []

    def keep(epoch, logs) -> None:
        losses.extend([logs["loss"], logs["val_loss"]])

    rows, _ = planted_rows(121)
    stages: list[str] = []
    data = TrainingData(rows, 3, validation_rows=rows[:21])
    options = FitOptions(
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_end=keep),
            ProgressCallback(lambda progress: stages.append(progress.stage)),
        ],
        devices=strategy,
    )
    models = [train(data, recipe, options) for recipe in (NESTED, FITTED)]
    with strategy.scope():
        sampler = StraightThroughBernoulli(seed=0)
        sampler.build((None, 64))
    draw = tf.function(
        lambda: strategy.run(lambda: sampler(tf.fill([10, 64], 0.5), training=True))
    )
    np.savez(
        out / f"{number}.npz",
        *(weight for model in models for weight in model.get_weights()),
        losses=losses,
        topic_steps=stages.count("topics"),
        chief=is_chief(strategy),
        draw=draw().numpy(),
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
