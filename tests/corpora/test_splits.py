from __future__ import annotations

import pytest

from wish_tf.corpora import Corpus, load_corpus, split_corpus
from wish_tf.errors import InputError


def numbered(size: int, name: str = "numbers") -> Corpus:
    ids = [str(number) for number in range(size)]
    return Corpus(name, [f"text {x}" for x in ids], [(x,) for x in ids], ids)


def small_newsgroups() -> Corpus:
    """As many documents as 20 Newsgroups, in its published parts."""
    official = ["train"] * 11_314 + ["test"] * 7_532
    ids = [str(number) for number in range(18_846)]
    return Corpus("20newsgroups", ids, None, ids, official)


@pytest.mark.parametrize(
    ("size", "train", "held_out"), [(10, 8, 1), (19, 17, 1), (20, 16, 2), (105, 85, 10)]
)
def test_random_split_is_80_10_10_and_loses_no_document(size, train, held_out):
    splits = split_corpus(numbered(size))
    assert len(splits.train) == train
    assert len(splits.validation) == len(splits.test) == held_out
    parts = (splits.train, splits.validation, splits.test)
    ids = [x for part in parts for x in part.ids]
    assert len(ids) == len(set(ids)) == size
    for part in parts:
        assert part.texts == [f"text {x}" for x in part.ids]
        assert part.labels == [(x,) for x in part.ids]


def test_random_split_depends_on_the_seed_only():
    corpus = numbered(100)
    assert split_corpus(corpus, seed=3) == split_corpus(corpus, seed=3)
    assert (
        split_corpus(corpus, seed=3).test.ids != split_corpus(corpus, seed=4).test.ids
    )
    assert split_corpus(corpus).test.ids != corpus.ids[-10:]


def test_reference_split_has_the_published_sizes_and_cuts_the_end():
    splits = split_corpus(small_newsgroups(), "reference")
    assert len(splits.train) == 15_078
    assert len(splits.validation) == len(splits.test) == 1_884
    assert set(splits.train.official[:11_314]) == {"train"}
    for part in (splits.validation, splits.test):
        assert set(part.official) == {"test"}
    parts = (splits.train, splits.validation, splits.test)
    assert len({x for part in parts for x in part.ids}) == 18_846


def test_reference_split_does_not_depend_on_the_seed():
    corpus = small_newsgroups()
    first = split_corpus(corpus, "reference", seed=0)
    assert first == split_corpus(corpus, "reference", seed=1)


def test_reference_split_begins_in_the_documented_order_of_scikit_learn(data_dir):
    if not (data_dir / "20newsgroups.jsonl.gz").is_file():
        pytest.skip("needs 20newsgroups.jsonl.gz")
    corpus = load_corpus("20newsgroups", data_dir=data_dir)
    groups = sorted({label for (label,) in corpus.labels})
    train = split_corpus(corpus, "reference").train
    # scikit-learn's user guide prints newsgroups_train.target[:10] as these numbers.
    first = [groups.index(label) for (label,) in train.labels[:10]]
    assert first == [7, 4, 4, 1, 14, 16, 13, 3, 2, 4]
    assert "WHAT car is this!?" in train.texts[0]


def test_reference_split_of_another_corpus_is_refused():
    with pytest.raises(InputError) as caught:
        split_corpus(numbered(20), "reference")
    assert str(caught.value) == (
        "expected 20newsgroups for the reference split; got 'numbers': use the random "
        "split"
    )


def test_reference_split_of_a_sample_is_refused():
    sample = small_newsgroups().subset(range(100))
    with pytest.raises(InputError, match="expected all 18846 documents .*; got 100"):
        split_corpus(sample, "reference")


def test_too_few_documents_are_refused():
    with pytest.raises(InputError) as caught:
        split_corpus(numbered(9, name="tiny"))
    assert str(caught.value) == (
        "expected at least 10 documents, so that no part of an 80/10/10 split is "
        "empty; got 9 in 'tiny'"
    )


def test_unknown_kind_is_refused():
    with pytest.raises(InputError, match="kind of random, reference; got 'official'"):
        split_corpus(numbered(20), "official")


def test_negative_seed_is_refused():
    with pytest.raises(InputError, match="seed of 0 or more; got -1"):
        split_corpus(numbered(20), seed=-1)
