"""How models are built and trained: the presets, and what recipes are made of."""

from wish_tf.naming import NamingSettings
from wish_tf.recipes.presets import DEFAULT, PAPER, PRESETS, REFERENCE
from wish_tf.training.code_search import CodeSearchSettings
from wish_tf.training.nested_codes import BookSettings, NestedCodes, TopicSettings
from wish_tf.training.recipe import FitSettings, ModelSettings, Recipe
from wish_tf.training.straight_through import StraightThrough
from wish_tf.training.topic_annealing import Annealing
from wish_tf.training.topic_space import SpaceSettings
from wish_tf.training.warm_start import WarmStart

__all__ = [
    "DEFAULT",
    "PAPER",
    "PRESETS",
    "REFERENCE",
    "Annealing",
    "BookSettings",
    "CodeSearchSettings",
    "FitSettings",
    "ModelSettings",
    "NamingSettings",
    "NestedCodes",
    "Recipe",
    "SpaceSettings",
    "StraightThrough",
    "TopicSettings",
    "WarmStart",
]
