import numpy as np
import pytest

from wish_tf import InputError
from wish_tf.integrations.spark import count_terms, sample_texts
from wish_tf.layers import TfidfVectorization

TEXTS = [
    "The oil price, the OIL market",
    None,
    "oil and wheat",
    "Straße und Wheat",
    "",
    "wheat market \ud83d",
] * 7
SETTINGS = {
    "analyzer": "word",
    "ngram_range": (1, 2),
    "min_token_length": 2,
    "stop_words": "english",
    "min_df": 3,
    "max_df": 0.9,
}


@pytest.fixture
def df(spark):
    clean = [None if text is None else text.replace("\ud83d", "?") for text in TEXTS]
    rows = [(i, text) for i, text in enumerate(clean)]
    return spark.createDataFrame(rows, "id int, text string").repartition(3)


@pytest.mark.parametrize("min_df", [3, 0.15])
def test_vocabulary_and_idf_are_those_of_one_machine(df, min_df):
    settings = {**SETTINGS, "min_df": min_df}
    here, there = TfidfVectorization(**settings), TfidfVectorization(**settings)
    given = [text for text in TEXTS if text is not None]
    here.adapt([text.replace("\ud83d", "?") for text in given])
    counts = count_terms(df, settings)
    there.learn(counts)
    assert counts.texts == len(given)
    assert there.vocabulary == here.vocabulary and "oil price" in here.vocabulary
    np.testing.assert_array_equal(there.idf_weights, here.idf_weights)


def test_terms_that_no_vocabulary_has_stay_on_the_cluster(spark):
    rows = [(f"common word{i}",) for i in range(50)]
    counts = count_terms(spark.createDataFrame(rows, "text string"), SETTINGS)
    assert counts.terms == [b"common"] and counts.texts_with.tolist() == [50]


def test_a_sample_depends_on_texts_and_seed_alone(df):
    def drawn(df, seed):
        return [row.text for row in sample_texts(df, "text", 9, seed).collect()]

    assert len(drawn(df, 1)) == 9 and None not in drawn(df, 1)
    assert drawn(df, 1) == drawn(df.repartition(1), 1)
    assert drawn(df, 1) != drawn(df, 2)
    assert len(sample_texts(df, "text", 100, 1).collect()) == 35


def test_no_text_and_no_column_are_refused(spark):
    nothing = spark.createDataFrame([(None,)], "text string")
    with pytest.raises(InputError, match="expected texts in the column 'text'"):
        count_terms(nothing, SETTINGS)
    with pytest.raises(InputError, match="other"):
        count_terms(nothing, SETTINGS, "other")
