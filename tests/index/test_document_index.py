import math

import numpy as np
import pytest

from wish_tf import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index import HammingIndex, index_file
from wish_tf.index.document_index import DocumentIndex, first_places
from wish_tf.index.index_file import write_index_file
from wish_tf.index.stored_documents import contents_of


def document_index() -> DocumentIndex:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.9, 0.9]])
    unknown = np.array([False, False, True, False])
    return DocumentIndex(
        HashedTexts(probabilities.astype(np.float32), unknown),
        ["a", "b", "c", "ü"],
        ["text a", "", "unknown", "übung\nzwei"],
        "saved_models/x/1",
    )


def test_unknown_documents_are_left_out_and_ids_are_places():
    documents = document_index()
    assert (len(documents.index), documents.skipped) == (3, 1)
    assert documents.index.search([[1, 0]], 3).ids.tolist() == [[0, 3, 1]]


def test_words_less_the_weight_of_the_bits_that_differ():
    texts = ["the cat sat", "cat and dog", "Ångström", "dog, dog"]
    codes = HashedTexts(
        np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.9, 0.9]], np.float32),
        np.array([False, False, True, False]),
    )
    documents = DocumentIndex(codes, list("abcd"), texts, "m", bit_weight=0.25)
    # 3, 3, 1 and 2 words, 2.25 on average: "cat" is once in two of equal length, "dog"
    # twice in one of 2 words (2 / (2 + 1.375) = .593) and once in one of 3 (1 / (1 +
    # 1.875) = .348). Codes 10, 01, none and 11.
    for query, code, places, scores, distances in (
        ("cat", [1, 0], [0, 1, 2, 3], [1, 0.5, -0.25, -0.25], [0, 2, -1, 1]),
        ("dog", [1, 0], [3, 1, 0, 2], [0.75, 0.087, 0, -0.25], [1, 2, 0, -1]),
        ("dog", None, [3, 1, 0, 2], [1, 0.587, 0, 0], [-1] * 4),
        # In one document only, which has no code: it counts as one bit of two.
        ("ångström", [0, 1], [2, 1, 3, 0], [0.75, 0, -0.25, -0.5], [-1, 0, 1, 2]),
        ("nowhere", [0, 1], [1, 2, 3, 0], [0, -0.25, -0.25, -0.5], [0, -1, 1, 2]),
    ):
        ranking = documents.search(query, code, 9)
        assert ranking.places.tolist() == places
        np.testing.assert_allclose(ranking.scores, scores, atol=0.004)
        assert ranking.distances.tolist() == distances
        first = documents.search(query, code, 1)
        assert (first.places, first.distances) == (places[:1], distances[:1])


def test_a_query_of_no_word_is_refused():
    with pytest.raises(InputError, match="knows; got 'nowhere'$"):
        document_index().search("nowhere", None)


@pytest.mark.parametrize("count", [3, 1000, 5000])
def test_the_first_are_those_of_a_whole_sort(count):
    rng = np.random.default_rng(count)
    for levels in (2, 30, 10**6):
        scores = rng.integers(0, levels, count).astype(np.float32)
        whole = np.argsort(-scores, kind="stable")
        for k in (1, 3, min(100, count), count):
            assert first_places(scores, k).tolist() == whole[:k].tolist()


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf])
def test_a_weight_that_is_none_is_refused(weight):
    with pytest.raises(InputError, match="^expected a weight of a bit above 0; got"):
        document_index().bit_weight = weight


def test_names_texts_and_codes_are_as_many():
    codes = HashedTexts(np.zeros((2, 3), np.float32), np.zeros(2, bool))
    for names, texts in ((["a"], ["b", "c"]), (["a", "b"], ["c"])):
        with pytest.raises(InputError, match="for each of 2 codes; got"):
            DocumentIndex(codes, names, texts, "m")


def test_save_and_load(tmp_path):
    documents = document_index()
    documents.bit_weight = 0.125
    documents.save(tmp_path / "x.index")
    loaded = DocumentIndex.load(tmp_path / "x.index")
    assert list(loaded.names) == ["a", "b", "c", "ü"]
    assert list(loaded.texts) == ["text a", "", "unknown", "übung\nzwei"]
    assert (loaded.model, loaded.skipped) == ("saved_models/x/1", 1)
    assert loaded.index.search([[0, 1]], 3).ids.tolist() == [[1, 3, 0]]
    assert loaded.bit_weight == 0.125
    for query in ("übung text", "unknown"):
        was, found = (one.search(query, [1, 0]) for one in (documents, loaded))
        assert found.places.tolist() == was.places.tolist()
        assert found.scores.tolist() == was.scores.tolist()


def test_a_model_is_told_by_the_codes_of_the_documents():
    documents = document_index()
    asked = []

    def hasher(probabilities, unknown=(False, False, False)):
        def hash_texts(texts):
            asked.extend(texts)
            return HashedTexts(
                np.array(probabilities, np.float32), np.array(unknown, bool)
            )

        return hash_texts

    # In the order of the table: codes 01, 10, 11.
    assert documents.fits(hasher([[0.2, 0.8], [0.9, 0.1], [0.9, 0.9]]))
    assert asked == ["", "text a", "übung\nzwei"]
    assert documents.fits(hasher([[0.2, 0.8], [0.49999, 0.1], [0.9, 0.9]]))
    assert not documents.fits(hasher([[0.2, 0.8], [0.4, 0.1], [0.9, 0.9]]))
    known = [[0.2, 0.8], [0.9, 0.1], [0.9, 0.9]]
    assert not documents.fits(hasher(known, (False, True, False)))


def test_damaged_text_is_refused_when_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(index_file, "_SMALL", 0)
    document_index().save(tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole.replace("übung".encode(), b"\xffxbung"))
    loaded = DocumentIndex.load(tmp_path / "x")
    with pytest.raises(InputError, match="^expected strings in UTF-8; got damaged"):
        loaded.texts[3]


@pytest.mark.parametrize("small", [0, index_file._SMALL])
def test_a_flipped_bit_is_refused_or_harmless(tmp_path, monkeypatch, small):
    # With 0 as if all arrays were so large that they are not compared.
    monkeypatch.setattr(index_file, "_SMALL", small)
    document_index().save(tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for place in rng.integers(0, len(whole), 300).tolist():
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "x").write_bytes(damaged)
        try:
            loaded = DocumentIndex.load(tmp_path / "x")
            for query in ("text a", "übung zwei unknown"):
                places = loaded.search(query, [1, 0]).places
                [loaded.texts[i] + loaded.names[i] for i in places.tolist()]
        except InputError:
            refused += 1
    assert refused > 100


def test_a_plain_index_is_refused(tmp_path):
    HammingIndex(2).save(tmp_path / "x.index")
    with pytest.raises(InputError, match="^expected a wish_tf DocumentIndex file; got"):
        DocumentIndex.load(tmp_path / "x.index")


def test_contents_that_do_not_fit_are_refused(tmp_path):
    documents = document_index()
    values, arrays = contents_of(documents.index.documents)
    ends = documents.names.ends
    strings = {"texts": documents.texts.text, "text_ends": documents.texts.ends}
    titles = {"titles": documents.names.text, "title_ends": ends}
    words = documents.words.arrays
    good = arrays | strings | titles | words
    weights = {"bit_weight": 0.1, "request_share": 0.5}
    model = {"model": "m", "model_from_here": "m", **weights}
    path = tmp_path / "x"
    for changed_values, changed_arrays in (
        (values, good),  # no model
        (values | model, arrays | strings | words),
        (values | model, arrays | strings | titles),
        (values | model, good | {"words": words["words"][::-1]}),
        (values | model | {"bit_weight": 0.0}, good),
        (values | model | {"bit_weight": math.nan}, good),
        (values | model | {"bit_weight": "1"}, good),
        (values | model, good | {"title_ends": ends[:-1]}),
        (values | model, good | {"title_ends": ends[::-1]}),
        (values | model, good | {"title_ends": ends[None]}),
        (values | model, good | {"texts": documents.texts.text[:, None]}),
        (values | model | {"bits": 3}, good),
        (values | model | {"request_share": 2.0}, good),
        (values | {"model": "m", **weights}, good),
        (values | model | {"model": 3}, good),
        (values | model, good | {"ids": arrays["ids"] + 1}),
    ):
        write_index_file(
            path, "wish_tf DocumentIndex", 3, changed_values, changed_arrays
        )
        with pytest.raises(InputError, match="contents contradict each other"):
            DocumentIndex.load(path)
    write_index_file(path, "wish_tf DocumentIndex", 3, values | model, good)
    assert list(DocumentIndex.load(path).names) == list(documents.names)
