from __future__ import annotations

import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def mirrored() -> tf.distribute.Strategy:
    """A strategy of two replicas. There is one for all tests: strategies of one
    process give their collective operations the same numbers."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
