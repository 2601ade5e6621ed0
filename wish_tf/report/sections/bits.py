from __future__ import annotations

import numpy as np

from wish_tf.metrics import code_statistics
from wish_tf.report.charts import heat_map
from wish_tf.report.classes import Classes
from wish_tf.report.documents import Documents
from wish_tf.report.examples import examples
from wish_tf.report.markup import Html, join, tag
from wish_tf.report.sections.bit_card import BitFacts, bit_card
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source

HEAT_CLASSES = 25


def bits(source: Source) -> Section:
    """What each named bit means: its words, classes and documents."""
    topics, buckets = source.hasher.topics(), source.hasher.buckets()
    entropy = code_statistics(source.train.codes).bit_entropy
    share_on = source.train.codes.mean(axis=0)
    by_class, names = None, []
    if source.classes is not None:
        by_class = share_on_by_class(source.train, source.classes)
        names = source.classes.names
    cards = [
        bit_card(
            BitFacts(
                bit,
                topic,
                tuple(each for each in buckets if each.bits[bit]),
                float(share_on[bit]),
                float(entropy[bit]),
                None if by_class is None else by_class[:, bit],
            ),
            names,
            source.hasher.names_,
            source.test,
            examples(source.test, source.hasher, bit),
        )
        for bit, topic in enumerate(topics)
    ]
    rest = source.hasher.bits - len(topics)
    lead = (
        "Each bit answers one question about a text with yes or no, and its words say "
        "which. The bar of a word is the share of texts with it where the bit is on, "
        "less that where it is off. "
        "The examples are test documents in which the bit is on with a probability as "
        "near to 99 % as there is, and the words that moved it most are marked: by "
        "the number beside a word the bit's log-odds would fall were the word left "
        "out, or rise where the number is negative and the word spoke against the bit."
    )
    contents = [tag("div", *cards, class_="cards")]
    if rest:
        note = f"The other {rest} bits refine these topics; no words name them."
        contents.append(tag("p", note, class_="note"))
    if by_class is not None:
        contents.append(_heat(names, by_class))
    return Section("bits", "What each bit means", lead, tuple(contents))


def share_on_by_class(documents: Documents, classes: Classes) -> np.ndarray:
    """Returns the share of each class's documents with each bit on, [classes, bits].

    Args:
        documents: those by which the classes are counted.
        classes: their labels.
    """
    members = classes.members(documents.labels)
    on = members.T @ documents.codes.astype(np.int64)
    return np.asarray(on / classes.sizes[:, np.newaxis])


def _heat(names: list[str], by_class: np.ndarray) -> Html:
    count = min(len(names), HEAT_CLASSES)
    return join(
        tag("h3", "Bits by class"),
        heat_map(
            by_class[:count],
            names[:count],
            [str(bit) for bit in range(by_class.shape[1])],
            label="Percent of the training documents of each class with each bit on",
            corner="class, bit",
        ),
    )
