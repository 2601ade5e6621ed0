from __future__ import annotations

from abc import abstractmethod

import keras
import numpy as np
import tensorflow as tf

from baselines.baseline import Baseline
from baselines.epoch_choice import epoch_choice
from baselines.hash_network import HashNetwork
from wish_tf.data import csr_dataset
from wish_tf.optimizers import LazyAdam
from wish_tf.types import Csr

PREDICTION_BATCH = 500


class NeuralBaseline(Baseline):
    """A baseline that trains a Keras network in epochs.

    Settings are class attributes; the defaults of each method are its authors'.
    The epoch that counts is the best by the objective on the validation rows, and
    training ends when it has not improved for `patience` epochs (the first ten not
    counted); without validation rows it is the last. All methods start their
    decoder's bias at the words' log frequencies, and share the sparse first layer and
    Adam's updates of the batch's words only, so that what differs is the method.

    Args:
        bits: length of a code.
        seed: of everything random.
        epochs: the most passes over the training rows; None for the method's own.

    Attributes:
        network: the `HashNetwork`, after `fit`.
    """

    epochs = 30
    batch_size = 100
    learning_rate = 1e-3
    patience = 3
    # Whether a bit is on above its median over the training rows, or above 1/2.
    at_median = False

    def __init__(self, bits: int, *, seed: int = 0, epochs: int | None = None):
        super().__init__(bits, seed=seed)
        if epochs is not None:
            self.epochs = epochs

    @abstractmethod
    def _network(self, rows: Csr) -> HashNetwork:
        """Returns the untrained network.

        Args:
            rows: the training rows, CSR [n, vocabulary].
        """

    def _inputs(self, rows: Csr) -> Csr:
        """Returns what the network sees of rows, CSR [n, vocabulary]."""
        return rows

    def _targets(self, rows: Csr, training_rows: Csr) -> Csr | np.ndarray | None:
        """Returns what the loss needs beside the inputs, n rows of it, or None.

        Args:
            rows: training or validation rows, CSR [n, vocabulary].
            training_rows: the training rows; the same object, where the targets
                are theirs.
        """
        return None

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> None:
        keras.utils.set_random_seed(self.seed)
        self.network = self._network(rows)
        self.network.compile(LazyAdam(self.learning_rate))
        validation, callbacks = None, []
        if validation_rows is not None:
            validation = self._batches(validation_rows, rows)
            callbacks = epoch_choice(self.patience)
        self.network.fit(
            self._batches(rows, rows, shuffle=True),
            epochs=self.epochs,
            validation_data=validation,
            callbacks=callbacks,
            verbose=0,
            shuffle=False,
        )
        self._thresholds = (
            np.median(self._values(rows), axis=0) if self.at_median else 0.5
        )

    def _transform(self, rows: Csr) -> np.ndarray:
        return (self._values(rows) > self._thresholds).astype(np.uint8)

    def _values(self, rows: Csr) -> np.ndarray:
        batches = csr_dataset(self._inputs(rows), PREDICTION_BATCH)
        return self.network.predict(batches, verbose=0)

    def _batches(
        self, rows: Csr, training_rows: Csr, shuffle: bool = False
    ) -> tf.data.Dataset:
        """Returns batches of what the network sees and what its loss needs beside it.

        Args:
            rows: as in `_targets`.
            training_rows: as in `_targets`.
            shuffle: whether they are to train on, in a new order each pass.
        """
        return csr_dataset(
            self._inputs(rows),
            self.batch_size,
            shuffle=shuffle,
            seed=self.seed,
            targets=self._targets(rows, training_rows),
        )
