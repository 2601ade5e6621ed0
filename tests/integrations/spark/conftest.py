from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

pytest.importorskip("pyspark", reason="needs pyspark: pip install '.[spark]'")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

from pyspark.sql import SparkSession

from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import SavedHasher, export_hasher

WORDS = [f"w{number}" for number in range(60)]
BITS = 7


def make_texts(count: int) -> list[str | None]:
    """Texts of a few words each; some null, some without a known word."""
    rng = np.random.default_rng(0)
    texts: list[str | None] = [" ".join(rng.choice(WORDS, 6)) for _ in range(count)]
    texts[3], texts[5], texts[8] = None, "nothing of this is known", ""
    return texts


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """An export of an untrained hasher of 60 words, whose codes differ widely."""
    keras.utils.set_random_seed(0)
    vectorization = TfidfVectorization(WORDS, [1.0] * len(WORDS))
    wish = WISH(BITS, len(WORDS), topic_dim=8, hidden_units=(16,), name="wish")
    folder = tmp_path_factory.mktemp("spark") / "model"
    export_hasher(HashingModel(vectorization, wish), folder)
    return folder


@pytest.fixture(scope="session")
def hasher(model) -> SavedHasher:
    """The same on one machine."""
    return SavedHasher(model)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Two workers in this machine's Spark."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "3")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        try:
            yield session
        finally:
            session.stop()
