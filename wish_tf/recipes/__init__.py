from wish_tf.recipes.default import default
from wish_tf.recipes.recipe import Annealing, Recipe

__all__ = ["Annealing", "Recipe", "default"]
