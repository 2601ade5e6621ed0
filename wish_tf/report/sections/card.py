from __future__ import annotations

from typing import Any

from wish_tf.report.markup import Html, between, tag
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source
from wish_tf.saved_model.model_card import make_model_card

# What is in the sections above, or concerns an export alone.
LEFT_OUT = ("null_means", "words_of_each_bit", "exported_with", "date")


def card(source: Source) -> Section:
    """What an export of this model says of itself."""
    facts = make_model_card(source.hasher.model_, source.folder)
    lead = (
        "What goes with every export of this model, as it was measured when training "
        "ended. The hashes tell whether another model is this one."
    )
    kept = {name: value for name, value in facts.items() if name not in LEFT_OUT}
    return Section("card", "The model card", lead, (_facts(kept),))


def _facts(facts: dict[str, Any]) -> Html:
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name.replace("_", " ")), tag("dd", _value(value)))
            for name, value in facts.items()
        ),
    )


def _value(value: Any) -> Html:
    if isinstance(value, dict):
        return _facts(value)
    if isinstance(value, list):
        return between(", ", map(_value, value))
    if value is None:
        return tag("i", "not known")
    if isinstance(value, bool):
        return tag("span", "yes" if value else "no")
    if isinstance(value, float):
        return tag("span", f"{value:.4g}")
    return tag("bdi", value)
