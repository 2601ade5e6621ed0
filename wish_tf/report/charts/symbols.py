"""Shapes that tell groups apart without colour."""

from __future__ import annotations

from collections.abc import Sequence

from wish_tf.report.markup import Html, tag

# Paths around (0, 0), about as large as one another.
SHAPES = (
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",  # disc
    "m-2.7-2.7h5.4v5.4h-5.4z",  # square
    "m0-3.6l3.3 6h-6.6z",  # triangle
    "m0-3.8l3.2 3.8l-3.2 3.8l-3.2-3.8z",  # diamond
    "m-1-3.4h2v2.4h2.4v2h-2.4v2.4h-2v-2.4h-2.4v-2h2.4z",  # plus
    "m0 3.6l3.3-6h-6.6z",  # triangle upside down
    "m-3.4-2l1.4-1.4l2 2l2-2l1.4 1.4l-2 2l2 2l-1.4 1.4l-2-2l-2 2l-1.4-1.4l2-2z",  # x
    "m-3.6-1.1h7.2v2.2h-7.2z",  # bar
)
DASHES = (None, "6 3", "2 3")
OTHER = "m-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0z"  # dot


def shape(number: int | None) -> str:
    """Returns the path of a group's shape; None is the rest."""
    return OTHER if number is None else SHAPES[number]


def group_class(number: int | None) -> str:
    """Returns the CSS class that gives a group its colour."""
    return "g-rest" if number is None else f"g{number}"


def dashes(number: int) -> str | None:
    """Returns how a line is broken; None for an unbroken one."""
    return DASHES[number]


def legend(names: Sequence[tuple[int | None, str]], *, lines: bool = False) -> Html:
    """Returns a list of shapes and what they stand for.

    Args:
        names: the number of each group, and its name.
        lines: whether they are lines.
    """
    return tag("ul", *(_entry(*name, lines) for name in names), class_="legend")


def _entry(number: int | None, name: str, line: bool) -> Html:
    width, drawn = 12, []
    if line and number is not None:
        width = 32
        drawn = [
            tag(
                "path",
                d=f"M0 6H{width}",
                class_=f"line {group_class(number)}",
                stroke_dasharray=dashes(number),
            )
        ]
    picture = tag(
        "svg",
        *drawn,
        tag("path", d=f"M{width / 2} 6{shape(number)}", class_=group_class(number)),
        viewBox=f"0 0 {width} 12",
        width=width,
        height=12,
        aria_hidden="true",
    )
    return tag("li", picture, tag("bdi", name))
