from __future__ import annotations

from wish_tf.recipes.recipe import Annealing, Recipe


def default(bits: int) -> Recipe:
    """The recipe that is used when none is named.

    The codes come first: texts are clustered in the space of several annealed
    decoders, clusters get codes, the decoder its topics from the codes, and the
    encoder learns to give them.

    Args:
        bits: number of hash bits.
    """
    return Recipe(
        epochs=8,
        batch_size=250,
        learning_rate=0.01,
        cosine_decay=True,
        annealing=Annealing(),
        hidden_units=(512, 512, 256),
        word_dropout=0.3,
    )
