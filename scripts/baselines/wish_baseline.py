from __future__ import annotations

import numpy as np

from baselines.baseline import Baseline
from baselines.epoch_choice import epoch_choice
from wish_tf.recipes import DEFAULT, Recipe
from wish_tf.training import FitOptions, TrainingData, train
from wish_tf.types import Csr

# Epochs without a better one, after which training ends.
PATIENCE = 3


class WishBaseline(Baseline):
    """WISH by a recipe, as one of the methods that are compared.

    To use WISH, take `wish_tf.TextHasher`; this is that training behind the
    interface of the others. A recipe with epochs ends like the others, when the
    objective on the validation rows has not improved for three epochs (the first ten
    not counted).

    Args:
        bits: length of a code.
        seed: of everything random.
        recipe: how; by default `wish_tf.recipes.DEFAULT`.

    Attributes:
        model: the trained model, after `fit`.
    """

    def __init__(self, bits: int, *, seed: int = 0, recipe: Recipe | None = None):
        super().__init__(bits, seed=seed)
        self.recipe = recipe or DEFAULT

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        callbacks = []
        if validation_rows is not None and self.recipe.fit is not None:
            callbacks = epoch_choice(PATIENCE)
        self.model = train(
            TrainingData(rows, self.bits, self.seed, validation_rows),
            self.recipe,
            FitOptions(callbacks=callbacks),
        )

    def _transform(self, rows: Csr) -> np.ndarray:
        return self.model.encode(rows)
