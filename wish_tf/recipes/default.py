from __future__ import annotations

from wish_tf.recipes.recipe import Annealing, Recipe

# Up to here a step enumerates the 2^l codes of every text in its batch; beyond,
# their posteriors no longer fit the memory.
MAX_ENUMERATED_BITS = 12


def default(bits: int) -> Recipe:
    """The recipe that is used when none is named.

    Up to 12 bits all codes can be enumerated: the topics are learned first, by
    annealed EM with exact posteriors, then the encoder by the exact bound.
    Above that both are trained at once from drawn bits, as in the paper.

    Args:
        bits: number of hash bits.
    """
    if bits > MAX_ENUMERATED_BITS:
        return Recipe(epochs=40)
    # A step costs 2^bits times the words; from 9 bits on it is that which counts.
    annealing = Annealing() if bits <= 8 else Annealing(steps=300, vocabulary=10_000)
    return Recipe(
        epochs=8,
        batch_size=250,
        learning_rate=0.01,
        cosine_decay=True,
        annealing=annealing,
        hidden_units=(512,),
        word_dropout=0.3,
        word_scale=0.3,
    )
