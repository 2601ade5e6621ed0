"""HTML that is escaped unless it was made here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

# Elements that have no content and no end.
VOID = frozenset({"br", "line", "meta", "path"})
ELLIPSIS = "…"
# What a file in UTF-8 cannot hold, and what an HTML parser takes for an error.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What turns the direction of the text behind it, and would that of the page.
TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def visible(text: str) -> str:
    """Returns a text with a sign in the place of each character that shows nothing.

    Control characters get the pictures that Unicode has for them; what has none, such
    as a lone surrogate, gets the replacement character. Marks that turn the direction
    of what follows are left out: words of right-to-left languages need none.
    """
    return UNPRINTABLE.sub(_sign, TURNS.sub("", text))


def _sign(character: re.Match[str]) -> str:
    code = ord(character[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def cut(text: str, length: int) -> str:
    """Returns a text, with an ellipsis for what is beyond `length` characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + ELLIPSIS


def html(content: object) -> Html:
    """Returns anything as HTML: `Html` as it is, else its text, escaped."""
    if isinstance(content, Html):
        return content
    return Html(escape(visible(str(content))))


def join(*contents: object) -> Html:
    """Returns contents one after the other; None is nothing."""
    return Html("".join(html(content) for content in contents if content is not None))


def between(separator: object, contents: Iterable[object]) -> Html:
    """Returns contents with a separator between each two."""
    return Html(html(separator).join(html(content) for content in contents))


def tag(name: str, /, *contents: object, **attributes: object) -> Html:
    """Returns an element.

    Args:
        name: of the element.
        contents: escaped, but for `Html`.
        attributes: a name that Python has taken ends in `_`, other `_` become `-`;
            None leaves an attribute out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not contents:
        # An SVG element must be closed; HTML does not mind.
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(*contents)}</{name}>")


def quoted(text: str, length: int | None = None) -> Html:
    """Returns a text of the corpus, whose direction of writing is its own.

    Args:
        text: as it stands in the corpus.
        length: the most characters shown, or None for all.
    """
    shown = " ".join(text.split())
    return tag("bdi", shown if length is None else cut(shown, length))


def table(
    head: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    *,
    caption: str | None = None,
) -> Html:
    """Returns a table whose first column names the rows; wide ones scroll.

    Args:
        head: names of the columns.
        rows: a tuple of contents a row. Numbers are set to the right.
        caption: what the table says, or None.
    """
    written = tag(
        "table",
        None if caption is None else tag("caption", caption),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head))),
        tag("tbody", *(_row(row) for row in rows)),
    )
    return scrolling(written, caption or ", ".join(head))


def scrolling(content: Html, label: str) -> Html:
    """Returns content that scrolls by itself, by keyboard too, where it is too wide."""
    return tag(
        "div", content, class_="wide", tabindex=0, role="region", aria_label=label
    )


def _row(row: tuple[object, ...]) -> Html:
    cells = [tag("th", row[0], scope="row")]
    for cell in row[1:]:
        number = not isinstance(cell, Html) and str(cell)[:1].isdigit()
        cells.append(tag("td", cell, class_="number" if number else None))
    return tag("tr", *cells)


@dataclass(frozen=True)
class Section:
    """One section of the page.

    Attributes:
        name: by which it is linked to, unique in the page.
        title: its heading.
        lead: what it shows and how to read it, in a sentence or two.
        contents: what it shows; None is nothing.
    """

    name: str
    title: str
    lead: object
    contents: Sequence[Html | None] = ()

    def html(self) -> Html:
        """Returns the section as HTML."""
        return tag(
            "section",
            tag("h2", self.title, id=self.name),
            tag("p", self.lead, class_="lead"),
            *self.contents,
            aria_labelledby=self.name,
        )


def chart_box(heading: str, *contents: Html) -> Html:
    """Returns a chart under its heading, as one box of a grid."""
    return tag("figure", tag("figcaption", heading), *contents)


def note(text: object) -> Html:
    """Returns a remark."""
    return tag("p", text, class_="note")
