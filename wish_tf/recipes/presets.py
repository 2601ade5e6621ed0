"""The recipes that have a name."""

from __future__ import annotations

from dataclasses import replace

from wish_tf.training.recipe import FitSettings, ModelSettings, Recipe
from wish_tf.training.straight_through import StraightThrough

# Nested codes in a space of topics; what is used when none is named.
DEFAULT = Recipe()

# The method as published (section 4.4 of the paper): two hidden layers of 1,000,
# dropout .2, Adam at 1e-3, batches of 100, drawn bits with gradient 1, codes without
# noise or dropout. The paper does not say for how many epochs; its public code takes
# 1,000, here there are 100. One thing is not literal: the decoder centres the
# selection, which is the same model in other coordinates; without it every bit dies
# in the first epoch.
PAPER = Recipe(StraightThrough(), ModelSettings(), FitSettings())

# What the paper's public code does where it differs from the paper. Dropout stays on
# while hashing, so codes are random; the gradient of a bit is 1/2; weights start as
# PyTorch's do, and topic vectors uniform in [0, 1); the selection is not centred, which
# from this start leaves bits alive. Words are weighted by their tf-idf in the loss, as
# in all recipes here. The public code trains for 1,000 epochs and chooses the epoch by
# the labels of the validation set; here there are 100.
REFERENCE = replace(
    PAPER,
    model=ModelSettings(dropout_when_hashing=True),
    strategy=StraightThrough(gradient=0.5, public_start=True, centred=False),
)

PRESETS = {"default": DEFAULT, "paper": PAPER, "reference": REFERENCE}


def name_of(recipe: Recipe) -> str:
    """Returns the name of a recipe, or of its strategy where it is no preset."""
    for name, preset in PRESETS.items():
        if recipe == preset:
            return name
    return f"{recipe.strategy.name}, with settings of one's own"
