from __future__ import annotations

from wish_tf.recipes.recipe import Recipe


def paper(bits: int) -> Recipe:
    """The method as published (section 4.4 of the paper).

    Two hidden layers of 1,000, dropout .2, Adam at 1e-3, batches of 100, drawn
    bits with gradient 1, codes without noise or dropout. The paper does not say
    for how many epochs; its public code takes 1,000, here there are 100.
    One thing is not literal: the decoder centres the selection, which is the
    same model in other coordinates; without it every bit dies in the first
    epoch.

    Args:
        bits: number of hash bits.
    """
    return Recipe(epochs=100)
