import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.planted import planted_rows
from wish_tf.callbacks import GradientNorm
from wish_tf.data import csr_dataset
from wish_tf.models import WISH
from wish_tf.optimizers import LazyAdam

ROWS, _ = planted_rows(120)


def model(optimizer) -> WISH:
    made = WISH(3, 100, topic_dim=8, hidden_units=(16,), dropout=0.0, stochastic=False)
    made.compile(optimizer)
    return made


def norm_by_hand(wish: WISH, rows) -> float:
    dense = tf.constant(rows.toarray())
    weights = [weight.value for weight in wish.trainable_weights]
    with tf.GradientTape() as tape:
        loss = wish.compute_loss(dense, None, wish(dense, training=True))
    gradients = tape.gradient(loss, weights)
    return float(np.sqrt(sum(np.sum(tf.convert_to_tensor(g) ** 2) for g in gradients)))


@pytest.mark.parametrize(
    "optimizer",
    [lambda: LazyAdam(0.01), lambda: keras.optimizers.SGD(0.1)],
    ids=["lazy_adam", "sgd"],
)
def test_it_is_the_norm_of_the_gradient_of_the_loss(optimizer):
    wish, expected = model(optimizer()), []
    at_start = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: expected.append(norm_by_hand(wish, ROWS))
    )
    wish.adapt(ROWS)
    # A batch of all rows; a step traced before must measure too.
    data = csr_dataset(ROWS, 120)
    wish.fit(data, epochs=1, verbose=0)
    history = wish.fit(
        data, epochs=2, callbacks=[at_start, GradientNorm()], verbose=0
    ).history
    assert history["gradient_norm"] == pytest.approx(expected, rel=1e-4)
    assert expected[0] > 0
    assert "gradient_norm" not in wish.fit(data, epochs=1, verbose=0).history


def test_it_is_the_gradient_that_is_used_after_clipping():
    wish = model(keras.optimizers.SGD(0.1, global_clipnorm=1e-3))
    wish.adapt(ROWS)
    history = wish.fit(
        csr_dataset(ROWS, 120), epochs=1, callbacks=[GradientNorm()], verbose=0
    ).history
    assert history["gradient_norm"] == pytest.approx([1e-3], rel=1e-4)


def test_every_tenth_step_of_an_epoch_counts():
    wish, norms = model(keras.optimizers.SGD(0.1)), []
    wish.adapt(ROWS)

    def before(batch, logs=None):
        rows = ROWS[5 * batch : 5 * batch + 5]
        norms.append(norm_by_hand(wish, rows))

    history = wish.fit(
        csr_dataset(ROWS, 5),
        epochs=2,
        callbacks=[
            GradientNorm(),
            keras.callbacks.LambdaCallback(on_train_batch_begin=before),
        ],
        verbose=0,
    ).history
    # 24 steps an epoch: the first, the 11th and the 21st, in the second one too.
    expected = [np.mean(norms[start : start + 24][::10]) for start in (0, 24)]
    assert history["gradient_norm"] == pytest.approx(expected, rel=1e-3)
