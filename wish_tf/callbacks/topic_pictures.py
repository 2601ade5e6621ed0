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
    return _table(["bit", "words"], [[i, " ".join(x)] for i, x in enumerate(words)])


def topics_table(topics: Sequence[Topic]) -> str:
    """Returns a table in Markdown of what names each bit."""
    rows = [
        (bit, each.name, f"{each.share:.0%}", f"{each.fidelity:.2f}", each.words)
        for bit, each in enumerate(topics)
    ]
    return _table(
        ["bit", "name", "on", "AUC", "words"],
        [[*row, " ".join(words)] for *row, words in rows],
    )


def buckets_table(topics: Sequence[Topic], buckets: Sequence[Bucket]) -> str:
    """Returns a table in Markdown of the texts of each code of the named bits."""
    names = [topic.name for topic in topics]
    return _table(
        ["code", "of the texts", "topics (words that set it apart)"],
        [
            [each.code, f"{each.share:.1%}", reading(each.bits, names, [each])]
            for each in buckets
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head)]
    # Words come from texts: none may be taken for a mark.
    lines += [[_escaped(str(cell)) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return re.sub(r"[^\w\s]|_", lambda mark: f"&#{ord(mark[0])};", text)
