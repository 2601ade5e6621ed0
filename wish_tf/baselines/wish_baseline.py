from __future__ import annotations

import numpy as np

from wish_tf.baselines.baseline import Baseline
from wish_tf.baselines.epoch_choice import epoch_choice
from wish_tf.recipes import Recipe, default
from wish_tf.training import train_wish
from wish_tf.types import Csr


class WishBaseline(Baseline):
    """WISH by a recipe, as one of the methods that are compared.

    To use WISH, take `wish_tf.TextHasher`; this is that training behind the
    interface of the others. A recipe whose learning rate follows a schedule trains
    to its end; another ends like the others, when the objective on the validation
    rows has not improved for three epochs (the first ten not counted).

    Args:
        bits: length of a code.
        seed: of everything random.
        recipe: how; by default `wish_tf.recipes.default(bits)`.

    Attributes:
        model: the trained `wish_tf.models.WISH`, after `fit`.
    """

    def __init__(self, bits: int, *, seed: int = 0, recipe: Recipe | None = None):
        super().__init__(bits, seed=seed)
        self.recipe = recipe or default(bits)

    def topics(self, words: int) -> np.ndarray:
        """Returns the strongest words of each topic, int [bits, words].

        Args:
            words: how many.
        """
        return self.model.topics(words)[0]

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        callbacks = []
        if validation_rows is not None:
            # A schedule that is cut short never reaches its low rates.
            patience = self.recipe.epochs if self.recipe.cosine_decay else 3
            callbacks = epoch_choice(patience)
        self.model = train_wish(
            rows,
            self.bits,
            self.recipe,
            seed=self.seed,
            validation_rows=validation_rows,
            callbacks=callbacks,
        )

    def _transform(self, rows: Csr) -> np.ndarray:
        return self.model.encode(rows)
