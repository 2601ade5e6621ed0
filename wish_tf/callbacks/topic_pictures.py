"""The topics of a model as TensorBoard shows them: a picture and a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from wish_tf.naming import Bucket, Topic, reading

# Width of a picture in pixels, about.
WIDTH = 384
# Of the ends of the scale, told apart without colour vision: orange is 1, blue -1.
ORANGE, BLUE = np.array([230, 97, 0]), np.array([26, 90, 200])


def overlap_picture(overlap: np.ndarray) -> np.ndarray:
    """Draws a matrix of values from -1 (blue) over 0 (white) to 1 (orange).

    Args:
        overlap: float [bits, bits]; what is beyond is drawn as -1 or 1.

    Returns:
        uint8 [height, width, 3].
    """
    values = np.clip(overlap, -1, 1)[..., np.newaxis]
    end = np.where(values < 0, BLUE, ORANGE)
    colours = 255 + np.abs(values) * (end - 255)
    cell = max(4, WIDTH // len(overlap))
    cells = np.rint(colours).astype(np.uint8)
    return cells.repeat(cell, axis=0).repeat(cell, axis=1)


def words_table(words: list[list[str]]) -> str:
    """Returns a table in Markdown of each bit's words.

    Args:
        words: of each bit, strongest first.
    """
    lines = ["| bit | words |", "|---|---|"]
    for bit, of_bit in enumerate(words):
        lines.append(f"| {bit} | {_escaped(' '.join(of_bit))} |")
    return "\n".join(lines)


def topics_table(topics: Sequence[Topic]) -> str:
    """Returns a table in Markdown of what names each bit."""
    lines = ["| bit | name | on | AUC | words |", "|---|---|---|---|---|"]
    for bit, topic in enumerate(topics):
        name, words = map(_escaped, (topic.name, " ".join(topic.words)))
        lines.append(
            f"| {bit} | {name} | {topic.share:.0%} | {topic.fidelity:.2f} | {words} |"
        )
    return "\n".join(lines)


def buckets_table(topics: Sequence[Topic], buckets: Sequence[Bucket]) -> str:
    """Returns a table in Markdown of the texts of each code of the named bits."""
    names = [topic.name for topic in topics]
    lines = [
        "| code | of the texts | topics (words that set it apart) |",
        "|---|---|---|",
    ]
    for bucket in buckets:
        read = reading(bucket.bits, names, [bucket])
        lines.append(f"| {bucket.code} | {bucket.share:.1%} | {_escaped(read)} |")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    # Words come from texts: none may be taken for a mark.
    return re.sub(r"[^\w\s]|_", _as_entity, text)


def _as_entity(character: re.Match[str]) -> str:
    return f"&#{ord(character[0])};"
