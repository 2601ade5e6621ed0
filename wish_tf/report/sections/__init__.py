"""The sections of the report, a file each, in their order."""

from wish_tf.report.sections.bits import bits
from wish_tf.report.sections.card import card
from wish_tf.report.sections.code_usage import code_usage
from wish_tf.report.sections.confusion import confusion
from wish_tf.report.sections.corpus import corpus
from wish_tf.report.sections.curve import curve
from wish_tf.report.sections.learning import learning
from wish_tf.report.sections.measures import measures
from wish_tf.report.sections.picture import picture
from wish_tf.report.sections.radius import radius
from wish_tf.report.sections.section import Section
from wish_tf.report.sections.slow import slow
from wish_tf.report.sections.strange import strange

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

__all__ = ["SECTIONS", "Section"]
