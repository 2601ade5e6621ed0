from __future__ import annotations

from wish_tf.recipes.recipe import Annealing, Recipe

# Clusters are given codes by going through all of them.
MAX_CODEBOOK_BITS = 16


def default(bits: int) -> Recipe:
    """The recipe that is used when none is named.

    Up to 16 bits the codes come first: texts are clustered in the space of
    several annealed decoders, clusters get codes, the decoder its topics from
    the codes, and the encoder learns to give them. Above that encoder and decoder
    are trained at once from drawn bits, as in the paper.

    Args:
        bits: number of hash bits.
    """
    if bits > MAX_CODEBOOK_BITS:
        return Recipe(epochs=40)
    return Recipe(
        epochs=8,
        batch_size=250,
        learning_rate=0.01,
        cosine_decay=True,
        annealing=Annealing(),
        hidden_units=(512, 512, 256),
        word_dropout=0.3,
    )
