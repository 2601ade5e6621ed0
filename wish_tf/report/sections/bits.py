from __future__ import annotations

import numpy as np

from wish_tf.explain import Explanation
from wish_tf.explain.explanation import log_odds
from wish_tf.metrics import code_statistics
from wish_tf.report.charts import bar_table, heat_map
from wish_tf.report.examples import Example, examples
from wish_tf.report.markup import Html, between, join, quoted, tag
from wish_tf.report.numbers import counted, share, signed
from wish_tf.report.passage import passage
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source

WORDS, MARKED, CLASSES, HEAT_CLASSES = 10, 5, 3, 25
# A smaller effect moves a probability of 1/2 by less than a hundredth.
LEAST_EFFECT = 0.04


def bits(source: Source) -> Section:
    """What each bit means: its words, classes and documents."""
    on, off = words_of_bits(source)
    entropy = code_statistics(source.train.codes).bit_entropy
    share_on = source.train.codes.mean(axis=0)
    by_class = None if source.classes is None else share_on_by_class(source)
    cards = [
        _card(source, bit, on[bit], off[bit], share_on[bit], entropy[bit], by_class)
        for bit in range(source.hasher.bits)
    ]
    lead = (
        "Each bit answers one question about a text with yes or no, and its words say "
        "which. The bar of a word is how much likelier the word is when the bit is on. "
        "In the examples, which are test documents in which the bit is on with a "
        "probability of about 99 %, the words that moved it most are marked: by the "
        "number beside a word the bit's log-odds would fall were the word left out, or "
        "rise where the number is negative and the word spoke against the bit."
    )
    contents = [tag("div", *cards, class_="cards")]
    if by_class is not None:
        contents.append(_heat(source, by_class))
    return Section("bits", "What each bit means", lead, tuple(contents))


def words_of_bits(source: Source) -> tuple[list[list[tuple[str, float]]], ...]:
    """Returns the words that are likelier with each bit on, and those with it off.

    Strongest first, with how much of each the bit makes (`TopicSelection.word_gains`).
    """
    gains = source.hasher.model.wish.decoder.word_gains().numpy()
    vocabulary = source.hasher.vocabulary

    def strongest(values: np.ndarray) -> list[list[tuple[str, float]]]:
        order = np.argsort(-values, axis=1, kind="stable")[:, :WORDS]
        return [
            [(vocabulary[i], float(row[i])) for i in best if row[i] > 0]
            for row, best in zip(values, order, strict=True)
        ]

    return strongest(gains), strongest(-gains)


def share_on_by_class(source: Source) -> np.ndarray:
    """Returns the share of each class's documents with each bit on, [classes, bits]."""
    members = source.classes.members(source.train.corpus.labels)
    on = members.T @ source.train.codes.astype(np.int64)
    return on / source.classes.sizes[:, np.newaxis]


def _card(
    source: Source,
    bit: int,
    on: list[tuple[str, float]],
    off: list[tuple[str, float]],
    share_on: float,
    entropy: float,
    by_class: np.ndarray | None,
) -> Html:
    dead = share_on in (0, 1)
    facts = f"on for {share(share_on)} of the documents, entropy {entropy:.2f} of 1"
    head = [tag("h3", f"Bit {bit}", id=f"bit-{bit}"), tag("p", facts, class_="facts")]
    if dead:
        state = "on" if share_on else "off"
        note = (
            f"This bit is dead: it is {state} for every training document. "
            "What follows says what it was to mean, not what it does."
        )
        head.append(tag("p", note, class_="note"))
    contents = [
        bar_table(
            [(tag("bdi", word), gain, f"{gain:.3f}") for word, gain in on],
            label=f"Words when bit {bit} is on",
            head=("word", "gain"),
        ),
        _side("When it is off, rather", [word for word, _ in off]),
    ]
    if by_class is not None and not dead:
        contents.append(_classes(source.classes.names, by_class[:, bit]))
    return tag(
        "article",
        *head,
        *contents,
        _examples(source, bit),
        aria_labelledby=f"bit-{bit}",
    )


def _side(what: str, words: list[str]) -> Html:
    return tag("p", tag("b", f"{what}: "), tag("bdi", " ".join(words) or "no word"))


def _classes(names: list[str], on: np.ndarray) -> Html:
    order = np.argsort(-on, kind="stable")

    def said(which: np.ndarray) -> Html:
        return between(
            ", ", (join(quoted(names[i], 30), f" {share(on[i])}") for i in which)
        )

    return join(
        tag("p", tag("b", "On most often in "), said(order[:CLASSES])),
        tag("p", tag("b", "Least often in "), said(order[::-1][:CLASSES])),
    )


def _examples(source: Source, bit: int) -> Html:
    found = examples(source.test, source.hasher, bit)
    if not found:
        return tag("p", "It is on in no test document.", class_="note")
    entries = [_example(source, bit, one) for one in found]
    what = counted(len(found), "test document")
    return join(tag("h4", f"{what} in which it is on"), tag("ul", *entries))


def _example(source: Source, bit: int, example: Example) -> Html:
    test = source.test.corpus
    name = quoted(test.ids[example.place], 60)
    labels = test.labels and test.labels[example.place]
    said = [name, f"probability {example.probability:.3f}"]
    if labels:
        said.insert(1, quoted(", ".join(labels), 60))
    of = tag("p", between(" – ", said), class_="from")
    text = test.texts[example.place]
    if example.explanation is None:
        return tag("li", tag("p", quoted(text, 200)), of, _too_long())
    moved = moving_words(example.explanation, bit)
    return tag("li", tag("p", passage(text, moved)), _moved(example, bit, moved), of)


def moving_words(explanation: Explanation, bit: int) -> dict[str, float]:
    """Returns the words of a text that moved a bit most, with their effects."""
    # A probability of float32 near 1 is known to 2^-24 only, and its log-odds to this.
    noise = 2.0**-24 * np.exp(abs(log_odds(explanation.probabilities[bit])))
    least = max(LEAST_EFFECT, 2 * noise)
    return {
        word: effect
        for word, effect in explanation.strongest(bit, MARKED)
        if abs(effect) >= least
    }


def _moved(example: Example, bit: int, moved: dict[str, float]) -> Html:
    explanation = example.explanation
    decisive = {
        word
        for word, decides in zip(
            explanation.words, explanation.decisive[:, bit], strict=True
        )
        if decides
    }
    if not moved:
        return tag("p", "No word alone moved it.", class_="moved")
    said = [
        join(
            tag("bdi", tag("b", word) if word in decisive else word),
            f" {signed(effect)}",
        )
        for word, effect in moved.items()
    ]
    end = (
        " (without a word in bold the bit would be off)"
        if decisive & set(moved)
        else ""
    )
    return tag("p", "moved by ", between(", ", said), end, class_="moved")


def _too_long() -> Html:
    return tag(
        "p", "Too long to be explained here; wish-tf explain does it.", class_="moved"
    )


def _heat(source: Source, by_class: np.ndarray) -> Html:
    count = min(len(by_class), HEAT_CLASSES)
    names = source.classes.names[:count]
    columns = [str(bit) for bit in range(by_class.shape[1])]
    return join(
        tag("h3", "Bits by class"),
        heat_map(
            by_class[:count],
            names,
            columns,
            label="Percent of the training documents of each class with each bit on",
            corner="class, bit",
        ),
    )
