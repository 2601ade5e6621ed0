from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.server.batching.gated_model import GatedModel
from wish_tf.server.batching import BatchingParameters, BatchScheduler


@pytest.fixture
def model() -> GatedModel:
    return GatedModel()


@pytest.fixture
def start(model: GatedModel) -> Iterator[Callable[..., BatchScheduler]]:
    """Starts schedulers of one thread for the model and closes them in the end."""
    schedulers = []

    def make(metrics=None, **parameters) -> BatchScheduler:
        parameters = BatchingParameters(**{"num_batch_threads": 1, **parameters})
        schedulers.append(BatchScheduler(model, parameters, metrics))
        return schedulers[-1]

    yield make
    model.gate.set()
    for scheduler in schedulers:
        scheduler.close()


@pytest.fixture(scope="session")
def small_model():
    """An untrained hasher of three words into 11 bits."""
    from wish_tf.layers import TfidfVectorization
    from wish_tf.models import WISH, HashingModel

    words = TfidfVectorization(["red", "blue", "green"], [1.0, 2.0, 3.0])
    return HashingModel(words, WISH(11, 3, topic_dim=16, hidden_units=(8,)))
