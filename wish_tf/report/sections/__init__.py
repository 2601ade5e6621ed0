"""The sections of the report, in their order."""

from wish_tf.report.sections.bits import bits
from wish_tf.report.sections.codes import code_usage, confusion, picture
from wish_tf.report.sections.documents import slow, strange
from wish_tf.report.sections.retrieval import curve, measures, radius
from wish_tf.report.sections.run import card, corpus, learning

SECTIONS = (
    corpus,
    learning,
    code_usage,
    bits,
    confusion,
    picture,
    radius,
    curve,
    measures,
    slow,
    strange,
    card,
)

__all__ = ["SECTIONS"]
