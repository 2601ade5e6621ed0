import numpy as np

from tests.report.test_neighbours import labelled
from wish_tf.explain import Explanation
from wish_tf.report import examples as module
from wish_tf.report.examples import LONGEST, chosen, examples
from wish_tf.report.sections.bit_card import moving_words

# Of bit 0: near 0.99 are documents 1, 3 and 0, in this order; 3 has the code of 1.
PROBABILITIES = np.array(
    [[0.9, 0.1], [0.99, 0.9], [0.2, 0.2], [0.98, 0.8], [1.0, 0.0], [0.99, 0.0]],
    np.float32,
)


def documents(texts: list[str] | None = None):
    made = labelled(PROBABILITIES > 0.5, [()] * 6)
    made.hashed.probabilities[:] = PROBABILITIES
    # The last one has no known word: its code means nothing.
    made.hashed.out_of_vocabulary[5] = True
    made.corpus.texts[:] = texts or ["short"] * 6
    return made


def test_sure_documents_of_different_buckets_come_first():
    assert chosen(documents(), 0, 2) == [1, 0]
    assert chosen(documents(), 0, 9) == [1, 0, 3, 4]
    assert chosen(documents(), 1, 9) == [1, 3]


def test_texts_that_can_be_explained_come_first():
    made = documents(["short", "x" * (LONGEST + 1), *["short"] * 4])
    assert chosen(made, 0, 9) == [3, 0, 4, 1]


def test_a_bit_that_is_never_on_has_no_example():
    made = documents()
    made.hashed.probabilities[:, 0] = 0.1
    assert chosen(made, 0, 3) == []


def test_long_texts_are_not_explained(source):
    long = documents(["word " * LONGEST] * 6)
    assert [one.explanation for one in examples(long, source.hasher, 1)] == [None] * 2


def test_they_are_explained_as_everywhere(source):
    [one, *_] = examples(source.test, source.hasher, 1)
    text = source.test.corpus.texts[one.place]
    assert one.explanation.effects.tolist() == (
        source.hasher.explain(text).effects.tolist()
    )
    assert one.probability == source.test.hashed.probabilities[one.place, 1] > 0.5
    assert len(examples(source.test, source.hasher, 1)) == module.EXAMPLES


def test_words_that_hardly_moved_a_bit_are_left_out():
    explanation = Explanation(
        ["down", "up", "none"],
        np.array([[-0.69], [8.0], [0.01]]),
        np.array([0.9], np.float32),
        [],
    )
    assert list(moving_words(explanation, 0)) == ["up", "down"]
