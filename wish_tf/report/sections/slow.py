from __future__ import annotations

from wish_tf.readable_numbers import UNIT, count, counted
from wish_tf.report.hashing_time import REPEATS, slowest
from wish_tf.report.markup import quoted, table
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source

MEASURED, SHOWN = 20, 5


def slow(source: Source) -> Section:
    """The documents that take longest to hash."""
    # One of each part would hide which is slow; test documents are new to the model.
    documents = source.test
    hasher = source.hasher
    times, median = slowest(documents.corpus.texts, hasher.hash, MEASURED)
    lead = (
        f"Measured when this page was made, on that machine: the {len(times)} longest "
        f"of {counted(len(documents), 'test document')} were hashed one at a time, "
        f"{REPEATS} times each, and the median counts. A document of median length "
        f"({counted(median.characters, 'character')}) took "
        f"{_milliseconds(median.seconds)}. Texts that are hashed together take much "
        "less each."
    )
    rows = [
        (
            quoted(documents.corpus.ids[one.place], 60),
            _milliseconds(one.seconds),
            f"{one.seconds / median.seconds:.1f}",
            count(one.characters),
            quoted(documents.corpus.texts[one.place], 90),
        )
        for one in times[:SHOWN]
    ]
    head = ("document", "time", "times the median document", "characters", "beginning")
    shown = table(head, rows, caption=f"The {len(rows)} slowest documents")
    return Section("slowest", "The slowest documents", lead, (shown,))


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f}{UNIT}ms"
