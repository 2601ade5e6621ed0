import dataclasses

import pytest

from tests.training.small_recipes import quick
from wish_tf import InputError
from wish_tf.corpora import Corpus, load_corpus
from wish_tf.sizing import bits_curve
from wish_tf.sizing.bits_curve import usual_measure

QUICK = quick((32,))


@pytest.fixture(scope="module")
def corpus(docs_file) -> Corpus:
    return load_corpus(docs_file, limit=700)


@pytest.mark.parametrize("labelled", [True, False])
def test_a_point_for_each_length(corpus, labelled):
    if not labelled:
        corpus = dataclasses.replace(corpus, labels=None)
    curve = list(bits_curve(corpus, (3, 5), recipe=QUICK))
    assert [point.bits for point in curve] == [3, 5]
    for point in curve:
        assert 0 < point.score < 1 and 0 < point.standard_error < 0.2
        assert 1 <= point.distinct_codes <= 2**point.bits
        # The sum of squares of so many shares is least where they are equal.
        assert 1 / point.distinct_codes <= point.bucket_share + 1e-9 <= 1 + 1e-9


def test_too_few_documents(docs_file):
    few = load_corpus(docs_file, limit=499)
    with pytest.raises(InputError, match="expected at least 500 documents.*got 499"):
        next(bits_curve(few))


def test_what_is_measured_without_labels(corpus):
    bare = dataclasses.replace(corpus, labels=None)
    assert usual_measure(bare) == "neighbour_recall_at_100"
    message = "^expected labels to measure mean_average_precision by; got none$"
    with pytest.raises(InputError, match=message):
        next(bits_curve(bare, measure="mean_average_precision"))
    # 560 documents are searched.
    message = "^expected at least 1000 training texts to measure .*_1000 on; got 560$"
    with pytest.raises(InputError, match=message):
        next(bits_curve(corpus, (3,), measure="precision_at_1000", recipe=QUICK))
