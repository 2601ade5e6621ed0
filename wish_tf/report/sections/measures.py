from __future__ import annotations

import numpy as np

from wish_tf.metrics.yardstick import MEASURES, Yardstick
from wish_tf.readable_numbers import figure
from wish_tf.report.documents import Documents
from wish_tf.report.markup import table
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source
from wish_tf.types import Csr

ASKS = {
    "precision_at_1": "has the nearest document a label of the query?",
    "precision_at_10": "and how many of the ten nearest?",
    "precision_at_100": "of the hundred nearest?",
    "precision_at_1000": "of the thousand nearest?",
    "mean_average_precision": "do all documents with its label come before the others?",
    "neighbour_recall_at_100": "how many of the ten nearest by tf-idf are found there?",
    "neighbour_recall_at_1000": "and there?",
    "distinct_codes": "how many codes have training documents?",
    "code_entropy": "to how many bits of evenly used codes does that come?",
    "mean_bucket": "how many have the code of a random document, itself included?",
    "readability": "do the ten words of a bit go together, and are they all different?",
    "train_readability": "and in the documents that they were found in?",
    "fidelity": "has a document with the bit more of its words? 0.5 says nothing",
    "least_fidelity": "of the bit whose words say least",
    "share_on": "in how many test documents is a bit on, on average?",
    "bit_correlation": "do two bits repeat each other? 1 where they do",
}


def measures(source: Source) -> Section:
    """All that `wish-tf evaluate` measures."""
    yardstick = Yardstick(
        _rows(source, source.train),
        _rows(source, source.test),
        source.train.corpus.labels,
        source.test.corpus.labels,
    )
    found = yardstick.measures(source.train.codes, source.test.codes)
    lead = (
        "Test documents are looked up among the training documents. Where documents "
        "are equally near, each counts for the chance that it is drawn. Readability "
        "and what follows are of the first eight bits, by the ten words that tell each "
        "best."
    )
    rows = [
        (name, figure(found[key]), ASKS[key])
        for key, name in MEASURES.items()
        if found[key] is not None
    ]
    made = table(("measure", "value", "what it asks"), rows)
    return Section("measures", "All measures", lead, (made,))


def _rows(source: Source, part: Documents) -> Csr:
    return part.rows(source.hasher, np.arange(len(part)))
