import pytest
import tensorflow as tf

from wish_tf.distribution.replica_loss import replica_loss


def gradients_and_values(strategy, shares):
    """Of the loss `scale * row` with scale = 1, on each replica."""

    @tf.function
    def run(rows):
        def on_replica(rows):
            scale = tf.constant(1.0)
            with tf.GradientTape() as tape:
                tape.watch(scale)
                loss = replica_loss(scale * rows)
            return tape.gradient(loss, scale), loss

        return strategy.run(on_replica, args=(rows,))

    rows = strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(
            shares[context.replica_id_in_sync_group], tf.float32
        )
    )
    return [strategy.experimental_local_results(part) for part in run(rows)]


def test_one_replica_takes_the_mean():
    assert float(replica_loss(tf.constant([1.0, 2.0, 6.0]))) == 3.0


@pytest.mark.parametrize(
    ("shares", "gradients", "values"),
    [
        # Sums over the 4 rows of all; own means, halved.
        (([1, 3], [5, 7]), (1.0, 3.0), (1.0, 3.0)),
        (([1, 3, 8], [4]), (3.0, 1.0), (2.0, 2.0)),
        (([2, 4], []), (3.0, 0.0), (1.5, 0.0)),
    ],
    ids=["equal", "unequal", "none"],
)
def test_gradients_add_up_to_that_of_the_mean(mirrored, shares, gradients, values):
    found_gradients, found_values = gradients_and_values(mirrored, shares)
    assert [float(g) for g in found_gradients] == pytest.approx(gradients)
    assert [float(v) for v in found_values] == pytest.approx(values)
