from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wish_tf.errors import InputError
from wish_tf.naming.naming_words import NamingSettings
from wish_tf.naming.topic_measures import topic_measures
from wish_tf.naming.topic_words import topic_words
from wish_tf.types import Csr

# Words of a topic that make its name, until somebody gives it another.
NAME_WORDS = 3


@dataclass(frozen=True)
class Topic:
    """What names a bit.

    Attributes:
        name: the first three words, unless it was renamed.
        words: the words that tell most about it, strongest first.
        tells: of each, p(word | on) - p(word | off), from 0 to 1.
        share: of the training texts in which the bit is on.
        fidelity: the chance that a training text with the bit has more of the words
            than one without it (`wish_tf.naming.topic_measures`).
    """

    name: str
    words: tuple[str, ...]
    tells: tuple[float, ...]
    share: float
    fidelity: float

    def __post_init__(self) -> None:
        # JSON gives lists.
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "tells", tuple(self.tells))

    def to_json(self) -> dict[str, Any]:
        """Returns JSON values, which are the arguments of an equal one."""
        values = dataclasses.asdict(self)
        return {**values, "words": list(self.words), "tells": list(self.tells)}


def name_topics(
    rows: Csr,
    codes: np.ndarray,
    vocabulary: Sequence[str],
    settings: NamingSettings | None = None,
) -> tuple[Topic, ...]:
    """Names bits by the words of texts.

    Args:
        rows: tf-idf rows of the texts, CSR [n, vocabulary].
        codes: theirs, 0/1 [n, bits].
        vocabulary: the words.
        settings: which words can name a topic, and how many are shown.
    """
    found = topic_words(rows, codes, settings=settings)
    measures = topic_measures(found.numbers, codes, rows)
    topics: list[Topic] = []
    for bit, (numbers, tells) in enumerate(
        zip(found.numbers, found.tells, strict=True)
    ):
        there = numbers >= 0
        words = tuple(vocabulary[number] for number in numbers[there])
        name = ", ".join(words[:NAME_WORDS]) or f"bit {bit}"
        topics.append(
            Topic(
                name,
                words,
                tuple(map(float, tells[there])),
                float(measures.share_on[bit]),
                float(measures.fidelity[bit]),
            )
        )
    return tuple(topics)


def renamed(topics: Sequence[Topic], names: Mapping[int, str]) -> tuple[Topic, ...]:
    """Returns topics with other names.

    Args:
        topics: of the first bits.
        names: the new name of each bit that gets one.

    Raises:
        InputError: when a bit is no topic, or a name is empty or another bit's.
    """
    result = list(topics)
    for bit, name in names.items():
        if isinstance(bit, bool) or not isinstance(bit, int | np.integer):
            raise InputError(f"expected the number of a bit; got {bit!r}")
        if not 0 <= bit < len(result):
            raise InputError(
                f"expected a bit that is a topic, 0 to {len(result) - 1}; got {bit}"
            )
        if not isinstance(name, str) or len(name.strip().splitlines()) != 1:
            raise InputError(f"expected a name of one line for bit {bit}; got {name!r}")
        result[bit] = dataclasses.replace(result[bit], name=name.strip())
    by_name: dict[str, int] = {}
    for bit, topic in enumerate(result):
        if topic.name in by_name:
            raise InputError(
                f"expected a name of its own for each bit; got {topic.name!r} for the "
                f"bits {by_name[topic.name]} and {bit}"
            )
        by_name[topic.name] = bit
    return tuple(result)
