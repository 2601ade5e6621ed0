import sys

import numpy as np
import pytest

from tests.training.small_recipes import quick
from wish_tf import TextHasher
from wish_tf.corpora import load_corpus, split_corpus
from wish_tf.metrics.yardstick import MEASURES
from wish_tf.runs import evaluate


@pytest.fixture(scope="module")
def splits(docs_file):
    return split_corpus(load_corpus(docs_file, limit=600), seed=0)


def test_codes_are_measured_with_the_hashers_own_words(splits):
    hasher = TextHasher(10, recipe=quick((16,))).fit(splits.train.texts)
    [found] = evaluate(hasher, splits.train, splits.test)
    assert set(MEASURES) < set(found)
    assert 0 < found["precision_at_100"] < 1
    assert found["precision_at_1000"] is None  # of 480 documents
    assert 0 < found["neighbour_recall_at_100"] < 1
    codes = hasher.transform(splits.train.texts)
    assert found["distinct_codes"] == len(np.unique(codes, axis=0))
    assert "no_precision_because" not in found


def test_of_very_many_documents_a_sample_is_measured(splits, monkeypatch):
    module = sys.modules["wish_tf.runs.evaluate"]
    monkeypatch.setattr(module, "MOST_DOCUMENTS", 200)
    monkeypatch.setattr(module, "MOST_QUERIES", 20)
    hasher = TextHasher(10, recipe=quick((16,))).fit(splits.train.texts)
    first, second = evaluate(hasher, splits.train, splits.test, splits.test)
    assert first == second
    assert first["documents"] == {"database": 480, "queries": 60}
    assert first["measured"] == {"database": 200, "queries": 20}
    assert 0 < first["precision_at_100"] < 1
