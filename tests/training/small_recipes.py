"""Recipes that take a second."""

from wish_tf.recipes import (
    Annealing,
    CodeSearchSettings,
    FitSettings,
    ModelSettings,
    NestedCodes,
    Recipe,
    SpaceSettings,
    StraightThrough,
    TopicSettings,
)

ANNEALING = Annealing(steps=60, fewest_steps=60, beta=(0.2, 6.0), prior=0.0)
NESTED = Recipe(
    NestedCodes(
        space=SpaceSettings(decoders=2, bits=3, annealing=ANNEALING, lsa_dimensions=8),
        topics=TopicSettings(starts=1, search=CodeSearchSettings(moves=20, starts=1)),
    )
)
DRAWN = Recipe(
    StraightThrough(topic_dim=16),
    ModelSettings(hidden_units=(32, 32)),
    FitSettings(epochs=30, batch_size=50, learning_rate=0.005),
)


def quick(hidden_units: tuple[int, ...] = (32, 32), epochs: int = 2) -> Recipe:
    """By drawn bits, for tests of what is done with a hasher."""
    return Recipe(
        StraightThrough(topic_dim=16),
        ModelSettings(hidden_units=hidden_units),
        FitSettings(epochs=epochs, batch_size=100, learning_rate=1e-3),
    )
