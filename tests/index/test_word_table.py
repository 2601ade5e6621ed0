import math

import numpy as np
import pytest

from wish_tf import InputError
from wish_tf.index import word_spool
from wish_tf.index.word_numbers import word_numbers
from wish_tf.index.word_spool import WordSpool
from wish_tf.index.word_table import WordTable

TEXTS = ["Cat, cat dog", "dog", "", "the bird", "a bird of the North"]


def table_of(folder, texts) -> WordTable:
    with WordSpool(folder / "words") as spool:
        spool.add(texts[:2])
        spool.add(texts[2:])
        return spool.table()


def scores(table: WordTable, query: str) -> np.ndarray:
    return table.scores(word_numbers([query])[0])


def bm25(query: list[str], texts: list[list[str]]) -> np.ndarray:
    """The equation of `WordTable`, word by word."""
    mean = sum(map(len, texts)) / len(texts)
    found = np.zeros(len(texts))
    for word in set(query):
        df = sum(word in text for text in texts)
        idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
        for place, text in enumerate(texts):
            tf = text.count(word)
            if tf:
                length = 1.5 * (0.25 + 0.75 * len(text) / mean)
                times = 1 + math.log(query.count(word))
                found[place] += times * idf * tf / (tf + length)
    return found / found.max()


def test_scores_by_hand(tmp_path):
    table = table_of(tmp_path, TEXTS)
    # Five texts of 3, 1, 0, 2 and 5 words, 2.2 on average; "dog" is in two of them,
    # "cat" in one. The factor of "cat" is 2 / (2 + 1.5 (.25 + .75 * 3 / 2.2)) = .5107,
    # of "dog" 1 / (1 + 1.9091) = .3429 and, in the shorter text, 1 / (1 + .8864) =
    # .5301; idf ln(1 + 4.5 / 1.5) = 1.3863 and ln(1 + 3.5 / 2.5) = .8755.
    first, second = 1.3863 * 0.5116 + 0.8755 * 0.3438, 0.8755 * 0.5301
    expected = [1, second / first, 0, 0, 0]
    np.testing.assert_allclose(scores(table, "cat dog"), expected, atol=0.003)


def test_scores_are_those_of_the_equation(tmp_path, monkeypatch):
    monkeypatch.setattr(word_spool, "_POSTINGS", 7)
    monkeypatch.setattr(word_spool, "_TEXTS", 3)
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(30)]
    texts = [rng.choice(words, rng.integers(0, 12)).tolist() for _ in range(50)]
    table = table_of(tmp_path, [" ".join(text) for text in texts])
    for _ in range(10):
        query = rng.choice(words, 6).tolist()
        got = scores(table, " ".join(query))
        np.testing.assert_allclose(got, bm25(query, texts), atol=0.01)


def test_a_word_is_found_however_it_is_written(tmp_path):
    texts = ["Übung macht", "東京都", "C", "naïve Ｔｅｘｔ", "x" * 100]
    table = table_of(tmp_path, texts)
    for place, query in enumerate(("übung", "京都", "c", "TEXT", "X" * 100)):
        assert scores(table, query).tolist() == np.eye(5)[place].tolist()
    assert not scores(table, "東 übungen").any()


def test_stop_words_count_only_alone(tmp_path):
    table = table_of(tmp_path, TEXTS)
    assert np.flatnonzero(scores(table, "the")).tolist() == [3, 4]
    assert np.flatnonzero(scores(table, "the dog")).tolist() == [0, 1]
    assert np.flatnonzero(scores(table, "the nothing")).tolist() == [3, 4]


@pytest.mark.parametrize("query", ["", "nothing", "?!"])
def test_no_word_scores_nothing(tmp_path, query):
    assert scores(table_of(tmp_path, TEXTS), query).tolist() == [0] * 5


@pytest.mark.parametrize("texts", [[], ["", "?"]])
def test_texts_without_words(tmp_path, texts):
    table = table_of(tmp_path, texts)
    assert table.is_sound()
    assert scores(table, "cat").tolist() == [0] * len(texts)


def test_counts_above_255_are_not_turned_round(tmp_path):
    table = table_of(tmp_path, ["cat " * 257 + "dog " * 3, "cat"])
    assert scores(table, "cat").argmax() == 0


def test_a_damaged_posting_is_refused(tmp_path):
    arrays = table_of(tmp_path, TEXTS).arrays
    for place in (-1, 5, 2**31 - 1):
        places = np.full(arrays["places"].size, place, np.int32)
        table = WordTable(5, arrays | {"places": places})
        with pytest.raises(InputError, match="^expected postings of 5 documents; got"):
            scores(table, "dog")


def test_what_does_not_fit_together_is_not_sound(tmp_path):
    arrays = table_of(tmp_path, TEXTS).arrays
    assert WordTable(5, arrays).is_sound()
    words, starts = arrays["words"], arrays["word_starts"]
    for change in (
        {"words": words[::-1]},
        {"words": words[:-1]},
        {"words": words.astype(np.float64)},
        {"words": words[:, None]},
        {"stop_words": arrays["stop_words"][:-1]},
        {"word_starts": starts[:-1]},
        {"word_starts": starts + 1},
        {"word_starts": np.sort(starts)[::-1].copy()},
        {"word_starts": np.empty(0, np.int64)},
        {"places": arrays["places"][:-1]},
        {"weights": arrays["weights"].astype(np.int16)},
    ):
        assert not WordTable(5, arrays | change).is_sound(), change
