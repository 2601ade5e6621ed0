import itertools

import numpy as np
import pytest

from tests.dedup.brute_force import similarities
from tests.integrations.spark.code_frames import code_frame, random_bits
from wish_tf.errors import InputError
from wish_tf.integrations.spark import near_duplicates


@pytest.mark.parametrize(
    ("bits", "radius"), [(6, 0), (6, 2), (6, 9), (31, 2), (32, 1), (64, 2)]
)
def test_every_pair_once(spark, bits, radius):
    codes = random_bits(60, bits, seed=bits)
    # The order of the ids is not that of the codes.
    ids = np.random.default_rng(1).permutation(60).tolist()
    df = code_frame(spark, codes, ids).repartition(2)
    found = sorted(map(tuple, near_duplicates(df, radius).collect()))
    expected = []
    for a, b in itertools.combinations(range(60), 2):
        distance = int((codes[a] != codes[b]).sum())
        if distance <= radius:
            expected.append((*sorted([ids[a], ids[b]]), distance))
    assert len(expected) > 5
    assert found == sorted(expected)


def test_rows_without_a_code_are_no_pairs(spark):
    df = code_frame(spark, np.zeros((2, 5), np.uint8), [1, 2])
    nulls = spark.createDataFrame([(3, None), (4, None)], df.schema)
    assert [tuple(row) for row in near_duplicates(df.union(nulls), 1).collect()] == [
        (1, 2, 0)
    ]


def test_texts_are_compared_by_the_measure_of_dedup(spark):
    texts = [
        "The cat, the dog!",
        "the cat the dog",
        "THE  cat, the dog!",
        "été à la mer",
    ]
    texts += [
        "e\u0301te\u0301 à la",
        "-",
        "...",
        "C",
        "C++",
        "",
        "",
        None,
        "東京都",
        "東京駅",
    ]
    ids = list(range(len(texts)))
    df = code_frame(spark, np.zeros((len(texts), 5), np.uint8), ids, body=texts)
    given = [at for at in ids if texts[at] is not None]
    similar = similarities([texts[at] for at in given])
    for least in (0.01, 0.4, 1):
        found = near_duplicates(df, 1, min_jaccard=least, text_column="body").collect()
        expected = {
            (given[i], given[j]): similar[i, j]
            for i, j in itertools.combinations(range(len(given)), 2)
            if similar[i, j] >= least
        }
        assert {(row.id_a, row.id_b): row.jaccard for row in found} == expected
        assert len(found) == len(expected) >= 2


def test_input_that_cannot_be_used(spark):
    df = code_frame(spark, np.zeros((2, 40), np.uint8), [1, 2])
    with pytest.raises(
        InputError, match="expected radius to be a whole number from 0; got -1"
    ):
        near_duplicates(df, -1)
    with pytest.raises(InputError, match="at most 65536 codes .* 9 of 40 bits"):
        near_duplicates(df, 9)
    with pytest.raises(InputError, match="expected a column 'name'"):
        near_duplicates(df, 1, id_column="name")
    with pytest.raises(InputError, match="expected a column 'text'"):
        near_duplicates(df, 1, min_jaccard=0.5)
    with pytest.raises(InputError, match="min_jaccard from 0 to 1; got 80"):
        near_duplicates(df, 1, min_jaccard=80, text_column="id")
