"""What topic models make of the same texts: the bar for bits that are topics."""

from __future__ import annotations

from wish_tf.baselines.lda import LDA
from wish_tf.baselines.nmf import NMF
from wish_tf.codes import NAMED_BITS
from wish_tf.metrics.yardstick import Yardstick

WORDS = 10


def topic_models(
    yardstick: Yardstick, bits: int, share_on: float, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Trains LDA and NMF, and measures their topics as if they were bits.

    Args:
        yardstick: of the texts; the models are trained on its database.
        bits: how many topics; no more than eight are made.
        share_on: a topic is on in its heaviest share of the texts, as large as this.
        seed: of the trainings.

    Returns:
        What `Yardstick.topics` returns, of each model by its own words, those of most
        weight (`"lda"`, `"nmf"`), and by the words of `wish_tf.naming.topic_words`
        (`"lda, told"`, `"nmf, told"`).
    """
    measured = {}
    for name, kind in (("lda", LDA), ("nmf", NMF)):
        model = kind(min(bits, NAMED_BITS), seed=seed)
        model.share_on = share_on
        model.fit(yardstick.rows)
        codes = model.transform(yardstick.rows), model.transform(yardstick.query_rows)
        measured[name] = yardstick.topics(*codes, words=model.topics(WORDS))
        measured[f"{name}, told"] = yardstick.topics(*codes)
    return measured
