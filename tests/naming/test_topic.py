import json

import numpy as np
import pytest
import scipy.sparse

from wish_tf import InputError
from wish_tf.naming import NamingSettings, Topic, name_topics, renamed

ROWS = scipy.sparse.csr_matrix(
    np.array(
        [[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 1, 0, 1]],
        np.float32,
    )
)
CODES = np.array([[1, 0], [1, 0], [0, 0], [0, 0], [0, 0]])
TOPICS = tuple(Topic(name, (name,), (0.5,), 0.2, 0.8) for name in ("oil", "tea", "tin"))


def test_a_bit_is_named_by_its_first_words():
    settings = NamingSettings(most_share=1.0, fewest_texts=1)
    named, nameless = name_topics(ROWS, CODES, ["a", "b", "c", "d"], settings)
    assert named.words == ("a", "b", "c") and named.name == "a, b, c"
    np.testing.assert_allclose(named.tells, [1, 1 - 1 / 3, 1 / 2])
    assert named.share == 0.4
    # Of six pairs all are in order: at least two words with the bit, at most one
    # without.
    assert named.fidelity == 1
    assert nameless == Topic("bit 1", (), (), 0.0, 0.5)


def test_fidelity_counts_pairs_of_texts_that_are_in_order():
    # As above, but the second text has one word: it ties with the fifth.
    rows = ROWS.tolil()
    rows[1, 0] = 0
    settings = NamingSettings(most_share=1.0, fewest_texts=1)
    (named, _) = name_topics(rows.tocsr(), CODES, ["a", "b", "c", "d"], settings)
    assert set(named.words) == {"a", "b", "c"}
    assert named.fidelity == pytest.approx((6 - 0.5) / 6)


def test_topics_are_written_as_json():
    for topic in TOPICS:
        assert Topic(**json.loads(json.dumps(topic.to_json()))) == topic


def test_bits_get_other_names():
    found = renamed(TOPICS, {2: " energy ", np.int64(0): "metal"})
    assert [topic.name for topic in found] == ["metal", "tea", "energy"]
    assert found[2].words == ("tin",) and TOPICS[2].name == "tin"
    # Two can change places.
    swapped = renamed(TOPICS, {0: "tea", 1: "oil"})
    assert [topic.name for topic in swapped] == ["tea", "oil", "tin"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({3: "x"}, "expected a bit that is a topic, 0 to 2; got 3"),
        ({-1: "x"}, "expected a bit that is a topic, 0 to 2; got -1"),
        ({"0": "x"}, "expected the number of a bit; got '0'"),
        ({True: "x"}, "expected the number of a bit; got True"),
        ({0: ""}, "expected a name of one line for bit 0; got ''"),
        ({0: " \n"}, r"expected a name of one line for bit 0; got ' \\n'"),
        ({0: 7}, "expected a name of one line for bit 0; got 7"),
        ({0: "a\nb"}, "expected a name of one line for bit 0"),
        ({0: "tin"}, "a name of its own for each bit; got 'tin' for the bits 0 and 2"),
        ({0: "x", 1: "x "}, "of its own for each bit; got 'x' for the bits 0 and 1"),
    ],
)
def test_names_that_cannot_be_are_refused(names, said):
    with pytest.raises(InputError, match=said):
        renamed(TOPICS, names)
