from wish_tf.recipes.default import default
from wish_tf.recipes.paper import paper
from wish_tf.recipes.recipe import Annealing, Recipe
from wish_tf.recipes.reference import reference

PRESETS = {"default": default, "paper": paper, "reference": reference}

__all__ = ["PRESETS", "Annealing", "Recipe", "default", "paper", "reference"]
