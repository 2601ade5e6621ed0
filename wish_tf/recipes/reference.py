from __future__ import annotations

from wish_tf.recipes.recipe import Recipe


def reference(bits: int) -> Recipe:
    """What the paper's public code does where it differs from the paper.

    Dropout stays on while hashing, so codes are random; the gradient of a bit is
    1/2; topic vectors start uniform in [0, 1); the selection is not centred.
    Words are weighted by their tf-idf in the loss, as in all recipes here. The
    public code trains for 1,000 epochs and chooses the epoch by the labels of
    the validation set; here there are 100 and the last one counts.

    Args:
        bits: number of hash bits.
    """
    return Recipe(
        epochs=100,
        dropout_when_hashing=True,
        gradient=0.5,
        uniform_topics=True,
        centred=False,
    )
