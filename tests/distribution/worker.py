"""One worker of a small training; its number is the argument, see TF_CONFIG.

Writes what it ends with to OUT/NUMBER.npz.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wish_tf.distribution import is_chief, worker_strategy
from wish_tf.recipes import Annealing, Recipe

RECIPE = Recipe(
    epochs=1,
    batch_size=20,
    learning_rate=0.01,
    annealing=Annealing(decoders=2, bits=3, steps=10),
    topic_dim=8,
    hidden_units=(16,),
    dropout=0.0,
)


def main(number: str, out: Path) -> None:
    strategy = worker_strategy()
    import keras
    import numpy as np
    import tensorflow as tf

    from tests.training.planted import planted_rows
    from wish_tf.layers import StraightThroughBernoulli
    from wish_tf.training import train_wish

    losses: list[float] = []

    def keep(epoch, logs) -> None:
        losses.extend([logs["loss"], logs["val_loss"]])

    rows, _ = planted_rows(121)
    steps: list[int] = []
    wish = train_wish(
        rows,
        3,
        RECIPE,
        validation_rows=rows[:21],
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=keep)],
        strategy=strategy,
        on_topics=steps.append,
    )
    with strategy.scope():
        sampler = StraightThroughBernoulli(seed=0)
        sampler.build((None, 64))
    draw = tf.function(
        lambda: strategy.run(lambda: sampler(tf.fill([10, 64], 0.5), training=True))
    )
    np.savez(
        out / f"{number}.npz",
        *wish.get_weights(),
        losses=losses,
        topic_steps=len(steps),
        chief=is_chief(strategy),
        draw=draw().numpy(),
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
