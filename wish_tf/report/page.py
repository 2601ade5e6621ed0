"""The page: its head, the verdict on the model, and the sections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from wish_tf._version import __version__
from wish_tf.health.finding import Finding, Verdict
from wish_tf.health.marks import overall
from wish_tf.recipes import Recipe
from wish_tf.recipes.presets import name_of
from wish_tf.report.health import findings
from wish_tf.report.markup import Html, join, quoted, tag
from wish_tf.report.sections import Section
from wish_tf.report.source import Source
from wish_tf.report.style import STYLE

# Nothing is loaded and nothing runs, whatever a document holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
GLANCE_WORDS = 5
# Signs that differ in shape: a tick in a disc, an exclamation mark in a triangle, a
# cross in an octagon, a dash in a ring.
SIGNS = {
    Verdict.GOOD: (
        "M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z",
        "M6.5 12.5l4 4l7-8",
    ),
    Verdict.LOOK: ("M12 1.5l11.5 21h-23z", "M12 9v6.5M12 18v2"),
    Verdict.PROBLEM: (
        "M7.5 1h9l6.5 6.5v9l-6.5 6.5h-9l-6.5-6.5v-9z",
        "M8 8l8 8M16 8l-8 8",
    ),
    Verdict.UNKNOWN: (
        "M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z",
        "M7 12h10",
    ),
}


def page(source: Source, sections: Sequence[Section]) -> Html:
    """Returns the whole page.

    Args:
        source: what it is about.
        sections: in their order.
    """
    name = Path(source.config.corpus).name
    title = f"{source.folder.path.resolve().name}: {source.hasher.bits} bits on {name}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} – wish-tf report"),
        tag("style", Html(STYLE)),
    )
    body = tag(
        "body",
        tag("a", "To the contents", href="#contents", class_="skip"),
        _header(source, name),
        tag(
            "main", _health(source), _contents(source, sections), *map(_html, sections)
        ),
        tag("footer", tag("p", f"Made by wish-tf {__version__}, {_now()}.")),
    )
    return join(Html("<!DOCTYPE html>"), tag("html", head, body, lang="en"))


def _html(section: Section) -> Html:
    return section.html()


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def _header(source: Source, corpus: str) -> Html:
    bits = source.hasher.bits
    return tag(
        "header",
        tag("p", "wish-tf report", class_="kicker"),
        tag("h1", quoted(source.folder.path.resolve().name, 60)),
        tag(
            "p",
            f"A model that gives every text a code of {bits} bits, such that similar "
            "texts get codes that differ in few bits, and each bit is a topic. It was "
            "trained on ",
            quoted(corpus, 80),
            f" by the recipe “{name_of(Recipe.from_json(source.config.recipe))}”.",
            class_="lead",
        ),
    )


def _health(source: Source) -> Html:
    found = findings(source)
    verdict, sentence = overall(found)
    return tag(
        "section",
        tag("h2", "Is the model healthy?", id="health"),
        tag("p", _sign(verdict), tag("strong", sentence), class_="overall"),
        tag("ul", *map(_finding, found), class_="findings"),
        aria_labelledby="health",
        class_="health",
    )


def _finding(finding: Finding) -> Html:
    return tag(
        "li",
        tag("h3", finding.name),
        tag("p", _sign(finding.verdict), finding.verdict.value, class_="verdict"),
        tag("p", finding.value, class_="value"),
        tag("p", finding.meaning),
        class_=finding.verdict.name.lower(),
    )


def _sign(verdict: Verdict) -> Html:
    outside, inside = SIGNS[verdict]
    return tag(
        "svg",
        tag("path", d=outside, class_="outside"),
        tag("path", d=inside, class_="inside"),
        viewBox="0 0 24 24",
        aria_hidden="true",
        class_=f"sign {verdict.name.lower()}",
    )


def _contents(source: Source, sections: Sequence[Section]) -> Html:
    links = [
        tag("li", tag("a", section.title, href=f"#{section.name}"))
        for section in sections
    ]
    glance = [
        tag(
            "li",
            tag("a", f"Bit {bit}", href=f"#bit-{bit}"),
            " ",
            tag("bdi", " ".join(topic.words[:GLANCE_WORDS])),
        )
        for bit, topic in enumerate(source.hasher.topics())
    ]
    return join(
        tag(
            "nav",
            tag("h2", "Contents", id="contents"),
            tag("ol", *links),
            aria_labelledby="contents",
        ),
        tag(
            "section",
            tag("h2", "The bits at a glance", id="glance"),
            tag("ul", *glance, class_="glance"),
            aria_labelledby="glance",
        ),
    )
