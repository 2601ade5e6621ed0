"""The page: its head, the verdict on the model, and the sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from wish_tf._version import __version__
from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.health import (
    Finding,
    Verdict,
    bit_entropy,
    dead_bits,
    distinct_codes,
    largest_bucket,
    overall,
    precision,
    unknown_words,
)
from wish_tf.metrics import code_statistics
from wish_tf.recipes import Recipe
from wish_tf.recipes.presets import name_of
from wish_tf.report.markup import Html, Section, join, quoted, tag
from wish_tf.report.sections import SECTIONS
from wish_tf.report.source import Source
from wish_tf.runs import RunFolder

STYLE = Path(__file__).with_name("style.css")
# Nothing is loaded and nothing runs, whatever a document holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
GLANCE_WORDS = 5
# Signs that differ in shape: a tick in a disc, an exclamation mark in a triangle, a
# cross in an octagon, a dash in a ring.
DISC = "M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z"
OCTAGON = "M7.5 1h9l6.5 6.5v9l-6.5 6.5h-9l-6.5-6.5v-9z"
SIGNS = {
    Verdict.GOOD: (DISC, "M6.5 12.5l4 4l7-8"),
    Verdict.LOOK: ("M12 1.5l11.5 21h-23z", "M12 9v6.5M12 18v2"),
    Verdict.PROBLEM: (OCTAGON, "M8 8l8 8M16 8l-8 8"),
    Verdict.UNKNOWN: (DISC, "M7 12h10"),
}


def write_report(
    folder: RunFolder,
    path: str | Path,
    *,
    on_progress: Callable[[str, int, int], None] = lambda doing, done, total: None,
) -> None:
    """Writes a page about a finished run: one HTML file that loads nothing.

    It says whether the model is healthy and what each bit means, and shows corpus,
    training, use of the codes, retrieval and the documents that stand out. Large
    corpora are sampled, always in the same way, which the page says.

    Args:
        folder: the run.
        path: the file, replaced if it is there.
        on_progress: called with what is about to be done, how many things are done,
            and how many there are.

    Raises:
        InputError: when the run is not there or not finished, its corpus cannot be
            read, or the path is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(
            f"expected a file to write the report to; got the folder {path}"
        )
    # What can be wrong with the input shows before there is a line of progress.
    total = 1 + len(SECTIONS)
    source = Source.of(folder, lambda: on_progress("hashing the documents", 0, total))
    sections = []
    for done, make in enumerate(SECTIONS, 1):
        on_progress(make.__name__.replace("_", " "), done, total)
        sections.append(make(source))
    written = page(source, sections)
    with replacing(path) as temporary:
        temporary.write_text(written, encoding="utf-8", newline="\n")
    on_progress("done", total, total)


def findings(source: Source) -> list[Finding]:
    """Returns what is known of the health of a run's model."""
    train, test, buckets = source.train, source.test, source.buckets
    bits, names = source.hasher.bits, source.hasher.names_
    entropy = code_statistics(train.codes).bit_entropy.tolist()
    unknown = len(test) - len(test.known)
    return [
        distinct_codes(len(buckets.codes), len(train), bits),
        dead_bits(entropy, names),
        bit_entropy(entropy, train.codes.mean(axis=0).tolist(), names),
        unknown_words(unknown, len(test), "test document"),
        largest_bucket(int(buckets.sizes[0]), len(train), bits),
        precision(source.retrieval, source.majority),
    ]


def page(source: Source, sections: Sequence[Section]) -> Html:
    """Returns the whole page.

    Args:
        source: what it is about.
        sections: in their order.
    """
    run = source.folder.path.resolve().name
    corpus, bits = Path(source.config.corpus).name, source.hasher.bits
    title = f"{run}: {bits} bits on {corpus} – wish-tf report"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(STYLE.read_text("utf-8"))),
    )
    header = tag(
        "header",
        tag("p", "wish-tf report", class_="kicker"),
        tag("h1", quoted(run, 60)),
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
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    body = tag(
        "body",
        tag("a", "To the contents", href="#contents", class_="skip"),
        header,
        tag(
            "main",
            _health(findings(source)),
            _contents(sections),
            _glance(source),
            *(section.html() for section in sections),
        ),
        tag("footer", tag("p", f"Made by wish-tf {__version__}, {now}.")),
    )
    return join(Html("<!DOCTYPE html>"), tag("html", head, body, lang="en"))


def _health(found: list[Finding]) -> Html:
    verdict, sentence = overall(found)
    entries = (
        tag(
            "li",
            tag("h3", each.name),
            tag("p", _sign(each.verdict), each.verdict.value, class_="verdict"),
            tag("p", each.value, class_="value"),
            tag("p", each.meaning),
            class_=each.verdict.name.lower(),
        )
        for each in found
    )
    return tag(
        "section",
        tag("h2", "Is the model healthy?", id="health"),
        tag("p", _sign(verdict), tag("strong", sentence), class_="overall"),
        tag("ul", *entries, class_="findings"),
        aria_labelledby="health",
        class_="health",
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


def _contents(sections: Sequence[Section]) -> Html:
    links = (
        tag("li", tag("a", section.title, href=f"#{section.name}"))
        for section in sections
    )
    heading = tag("h2", "Contents", id="contents")
    return tag("nav", heading, tag("ol", *links), aria_labelledby="contents")


def _glance(source: Source) -> Html:
    entries = []
    for bit, topic in enumerate(source.hasher.topics()):
        link = tag("a", f"Bit {bit}", href=f"#bit-{bit}")
        words = tag("bdi", " ".join(topic.words[:GLANCE_WORDS]))
        entries.append(tag("li", link, " ", words))
    return tag(
        "section",
        tag("h2", "The bits at a glance", id="glance"),
        tag("ul", *entries, class_="glance"),
        aria_labelledby="glance",
    )
