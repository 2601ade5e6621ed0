from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wish_tf.explain import Explanation
from wish_tf.naming import Bucket, Topic
from wish_tf.readable_numbers import counted, share, signed
from wish_tf.report.charts import bar_table
from wish_tf.report.documents import Documents
from wish_tf.report.examples import Example
from wish_tf.report.markup import Html, between, join, quoted, tag
from wish_tf.report.passage import passage

MARKED, CLASSES, BUCKETS = 5, 3, 3
# A smaller effect moves a probability of 1/2 by less than a hundredth.
LEAST_EFFECT = 0.04


@dataclass(frozen=True)
class BitFacts:
    """What is known of a bit.

    Attributes:
        bit: its number, 0 is the first.
        topic: its name and words.
        buckets: the codes of the named bits that have it on, the largest bucket first.
        share_on: share of the training documents in which it is on.
        entropy: of the bit, from 0 to 1.
        by_class: share of each class's documents in which it is on, or None.
    """

    bit: int
    topic: Topic
    buckets: tuple[Bucket, ...]
    share_on: float
    entropy: float
    by_class: np.ndarray | None


def bit_card(
    facts: BitFacts,
    classes: Sequence[str],
    topics: Sequence[str],
    documents: Documents,
    chosen: Sequence[Example],
) -> Html:
    """Returns what one bit means.

    Args:
        facts: of the bit.
        classes: names of the classes, if there are labels.
        topics: names of the bits.
        documents: those that the examples are of.
        chosen: the examples.
    """
    bit, part = facts.bit, facts.share_on
    said = (
        f"on for {share(part)} of the documents, entropy {facts.entropy:.2f} of 1; its "
        f"words tell it with an AUC of {facts.topic.fidelity:.2f}"
    )
    contents = [
        tag("h3", f"Bit {bit}: ", tag("bdi", facts.topic.name), id=f"bit-{bit}"),
        tag("p", said, class_="facts"),
    ]
    dead = part in (0, 1)
    if dead:
        note = (
            f"This bit is dead: it is {'on' if part else 'off'} for every training "
            "document."
        )
        contents.append(tag("p", note, class_="note"))
    topic = facts.topic
    bars = [
        (tag("bdi", word), tells, f"{tells:.3f}")
        for word, tells in zip(topic.words, topic.tells, strict=True)
    ]
    label = f"Words when bit {bit} is on"
    contents.append(bar_table(bars, label=label, head=("word", "tells")))
    if facts.buckets:
        contents.append(_buckets(facts, topics))
    if facts.by_class is not None and not dead:
        contents.append(_classes(classes, facts.by_class))
    contents.append(_examples(documents, chosen, bit))
    return tag("article", *contents, aria_labelledby=f"bit-{bit}")


def _buckets(facts: BitFacts, topics: Sequence[str]) -> Html:
    shown = facts.buckets[:BUCKETS]
    entries = []
    for bucket in shown:
        others = [
            name
            for other, (name, on) in enumerate(zip(topics, bucket.bits, strict=False))
            if on and other != facts.bit
        ]
        with_ = (
            join("with ", between(" + ", map(quoted, others))) if others else "alone"
        )
        words = join(": ", tag("bdi", " ".join(bucket.words))) if bucket.words else None
        entries.append(tag("li", share(bucket.share), " ", with_, words))
    return join(
        tag("h4", f"Its {counted(len(shown), 'largest bucket')}"), tag("ul", *entries)
    )


def _classes(names: Sequence[str], on: np.ndarray) -> Html:
    order = np.argsort(-on, kind="stable")

    def said(which: np.ndarray) -> Html:
        return between(
            ", ", (join(quoted(names[i], 30), f" {share(on[i])}") for i in which)
        )

    return join(
        tag("p", tag("b", "On most often in "), said(order[:CLASSES])),
        tag("p", tag("b", "Least often in "), said(order[::-1][:CLASSES])),
    )


def _examples(documents: Documents, chosen: Sequence[Example], bit: int) -> Html:
    if not chosen:
        return tag("p", "It is on in no test document.", class_="note")
    entries = [_example(documents, one, bit) for one in chosen]
    what = counted(len(chosen), "test document")
    return join(tag("h4", f"{what} in which it is on"), tag("ul", *entries))


def _example(documents: Documents, example: Example, bit: int) -> Html:
    text = documents.corpus.texts[example.place]
    labels = documents.labels[example.place]
    said = [quoted(documents.corpus.ids[example.place], 60)]
    if labels:
        said.append(quoted(", ".join(labels), 60))
    said.append(tag("span", f"probability {example.probability:.3f}"))
    of = tag("p", between(" – ", said), class_="from")
    explanation = example.explanation
    if explanation is None:
        too_long = "Too long to be explained here; wish-tf explain does it."
        moved = tag("p", too_long, class_="moved")
        return tag("li", tag("p", quoted(text, 200)), moved, of)
    effects = moving_words(explanation, bit)
    shown = tag("p", passage(text, effects))
    return tag("li", shown, _moved(explanation, bit, effects), of)


def moving_words(explanation: Explanation, bit: int) -> dict[str, float]:
    """Returns the words of a text that moved a bit most, with their effects."""
    return {
        word: effect
        for word, effect in explanation.strongest(bit, MARKED)
        if abs(effect) >= LEAST_EFFECT
    }


def _moved(explanation: Explanation, bit: int, effects: dict[str, float]) -> Html:
    if not effects:
        return tag("p", "No word alone moved it.", class_="moved")
    decides = dict(
        zip(explanation.words, explanation.decisive[:, bit].tolist(), strict=True)
    )
    said = [
        join(
            tag("bdi", tag("b", word) if decides[word] else word), f" {signed(effect)}"
        )
        for word, effect in effects.items()
    ]
    end = None
    if any(decides[word] for word in effects):
        end = " (without a word in bold the bit would be off)"
    return tag("p", "moved by ", between(", ", said), end, class_="moved")
