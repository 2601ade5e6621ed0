import keras
import pytest

from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.naming import Topic


@pytest.fixture(scope="session")
def small_model() -> HashingModel:
    """An untrained hasher of three words and a bigram into 11 bits."""
    keras.utils.set_random_seed(0)
    vectorization = TfidfVectorization(
        ["red", "blue", "green", "red blue"],
        [1.0, 2.0, 3.0, 1.0],
        ngram_range=(1, 2),
        stop_words=["the"],
    )
    wish = WISH(11, 4, topic_dim=16, hidden_units=(8,), name="wish")
    words = ("red", "blue", "green", "red blue")
    topics = [
        Topic(f"topic {bit}", words[bit:] + words[:bit], (0.9, 0.5, 0.2, 0.1), 0.3, 0.8)
        for bit in range(4)
    ]
    return HashingModel(vectorization, wish, topics)
