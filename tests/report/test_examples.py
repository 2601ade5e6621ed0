from dataclasses import replace

import numpy as np

from tests.report.page_reader import PageReader
from tests.report.variants import labelled
from wish_tf.explain import Explanation
from wish_tf.readable_numbers import signed
from wish_tf.report.sections.bits import EXAMPLES, LONGEST, bits, chosen, moving_words

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


def test_documents_are_explained_as_everywhere(source):
    card = PageReader(bits(source).html()).text.split("Bit 1: ")[1].split("Bit 2: ")[0]
    for place in chosen(source.test, 1, EXAMPLES):
        words = source.hasher.explain(source.test.corpus.texts[place]).strongest(1, 5)
        word, effect = next((w, e) for w, e in words if w in card)
        assert f"{word} {signed(effect)}" in card
        assert f"probability {source.test.hashed.probabilities[place, 1]:.3f}" in card


def test_long_texts_are_not_explained(source):
    texts = [text + " x" * LONGEST for text in source.test.corpus.texts]
    long = replace(source.test, corpus=replace(source.test.corpus, texts=texts))
    text = PageReader(bits(replace(source, test=long)).html()).text
    assert "Too long to be explained here" in text and "moved by" not in text


def test_words_that_hardly_moved_a_bit_are_left_out():
    explanation = Explanation(
        ["down", "up", "none"],
        np.array([[-0.69], [8.0], [0.01]]),
        np.array([0.9], np.float32),
        [],
    )
    assert list(moving_words(explanation, 0)) == ["up", "down"]
