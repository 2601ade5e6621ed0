from __future__ import annotations

from dataclasses import dataclass

from wish_tf.report.markup import Html, tag


@dataclass(frozen=True)
class Section:
    """One section of the page.

    Attributes:
        name: by which it is linked to, unique in the page.
        title: its heading.
        lead: what it shows and how to read it, in a sentence or two.
        contents: what it shows.
    """

    name: str
    title: str
    lead: object
    contents: tuple[Html, ...]

    def html(self) -> Html:
        """Returns the section as HTML."""
        return tag(
            "section",
            tag("h2", self.title, id=self.name),
            tag("p", self.lead, class_="lead"),
            *self.contents,
            aria_labelledby=self.name,
        )


def figures(label: str, table: Html) -> Html:
    """Returns a table that is shown only on request: the numbers of a chart."""
    return tag("details", tag("summary", label), table)


def chart_box(heading: str, *contents: Html) -> Html:
    """Returns a chart under its heading, as one box of a grid."""
    return tag("figure", tag("figcaption", heading), *contents)
