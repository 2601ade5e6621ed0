"""Charts of the report: inline SVG, or tables that are charts already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wish_tf.readable_numbers import figure
from wish_tf.report.markup import Html, join, quoted, scrolling, tag

WIDTH, HEIGHT, SCATTER_HEIGHT = 400, 250, 400
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 26, 40
TICKS = 5
GAP = 0.15  # between columns, of the place of one
# With more points than this the marks of a line would touch.
MOST_MARKS = 40
# Shapes tell groups apart without colour: paths around (0, 0), about as large as one
# another.
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
OTHER = "m-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0z"  # dot
DASHES = (None, "6 3", "2 3")


@dataclass(frozen=True)
class Frame:
    """The area of a chart, its scales and its axes.

    Attributes:
        x, y: the least and the largest value of each axis.
        x_name, y_name: what the axes show.
        log_x: whether the horizontal axis is logarithmic.
        x_ticks: where it has ticks, or None to choose.
        height: of the whole chart, in units of which the width has 400.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    y_name: str = ""
    log_x: bool = False
    x_ticks: Sequence[float] | None = None
    height: int = HEIGHT

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Returns where in the picture a point is."""
        low, high = self.x
        if self.log_x:
            low, high, x = np.log10([low, high, x])
        across = (x - low) / ((high - low) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        return (
            round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
            round(self.height - BOTTOM - up * (self.height - TOP - BOTTOM), 1),
        )

    def chart(self, title: str, description: str, *marks: Html) -> Html:
        """Returns the chart with marks in it, and with axes.

        Args:
            title: what it shows.
            description: what there is to see, for those who do not.
            marks: SVG, drawn over the axes.
        """
        return tag(
            "svg", tag("title", title), tag("desc", description), *self._axes(), *marks,
            viewBox=f"0 0 {WIDTH} {self.height}", role="img",
        )  # fmt: skip

    def _axes(self) -> list[Html]:
        x_ticks = self.x_ticks
        if x_ticks is None:
            x_ticks = decades(*self.x) if self.log_x else ticks(*self.x)
        right, floor = WIDTH - RIGHT, self.height - BOTTOM
        drawn = []
        for value in ticks(*self.y):
            _, y = self.at(self.x[0], value)
            drawn += [
                tag("line", x1=LEFT, x2=right, y1=y, y2=y, class_="grid"),
                tag("text", figure(value), x=LEFT - 6, y=y + 4, text_anchor="end"),
            ]
        for value in x_ticks:
            x, y = self.at(value, self.y[0])
            drawn += [
                tag("line", x1=x, x2=x, y1=y, y2=y + 4, class_="axis"),
                tag("text", figure(value), x=x, y=y + 16, text_anchor="middle"),
            ]
        name, end = {"class_": "name"}, {"x": right, "text_anchor": "end"}
        return [
            *drawn,
            tag("text", self.y_name, x=0, y=12, **name),
            tag("line", x1=LEFT, x2=right, y1=floor, y2=floor, class_="axis"),
            tag("text", self.x_name, y=self.height - 6, **end, **name),
        ]


def ticks(low: float, high: float) -> list[float]:
    """Returns about five round numbers from low to high: steps of 1, 2 or 5."""
    if high <= low:
        return [low]
    rough = (high - low) / TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(step for step in (1, 2, 5, 10) if step * power >= rough * 0.999)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(round(step * i, 10)) for i in range(int(first), int(last) + 1)]


def decades(low: float, high: float) -> list[float]:
    """Returns the powers of ten from low to high."""
    first, last = np.ceil(np.log10(low) - 1e-9), np.floor(np.log10(high) + 1e-9)
    return [10.0**i for i in range(int(first), int(last) + 1)]


def around(values: Sequence[float]) -> tuple[float, float]:
    """Returns the ends of an axis that shows all values, with room for marks."""
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1.0) * 0.06
    return low - room, high + room


def from_zero(values: Sequence[float]) -> tuple[float, float]:
    """Returns the ends of an axis from 0 that shows values of 0 or more."""
    return 0.0, (max(values) or 1.0) * 1.06


@dataclass(frozen=True)
class Group:
    """Points of one colour and shape.

    Attributes:
        number: of the colour and shape, from 0 to 7; None is the rest.
        name: what they have in common.
        points: (x, y) of each; those of a line in order of x.
    """

    number: int | None
    name: str
    points: Sequence[tuple[float, float]] | np.ndarray

    @property
    def shape(self) -> str:
        """The path of its shape."""
        return OTHER if self.number is None else SHAPES[self.number]

    @property
    def class_(self) -> str:
        """The CSS class that gives it its colour."""
        return "g-rest" if self.number is None else f"g{self.number}"

    def marks(self, frame: Frame) -> str:
        """Returns the path of its shape at each of its points."""
        places = (frame.at(x, y) for x, y in self.points)
        return "".join(f"M{x} {y}{self.shape}" for x, y in places)

    def line(self, path: str) -> Html:
        """Returns a path as a line of the group, up to number 2."""
        return tag(
            "path",
            d=path,
            class_=f"line {self.class_}",
            stroke_dasharray=DASHES[self.number or 0],
        )


def legend(groups: Sequence[Group], *, lines: bool = False) -> Html:
    """Returns a list of shapes and what they stand for.

    Args:
        groups: in their order.
        lines: whether they are lines.
    """
    width = 32 if lines else 12
    entries = []
    for group in groups:
        picture = tag(
            "svg",
            group.line(f"M0 6H{width}") if lines else None,
            tag("path", d=f"M{width / 2} 6{group.shape}", class_=group.class_),
            viewBox=f"0 0 {width} 12",
            width=width,
            height=12,
            aria_hidden="true",
        )
        entries.append(tag("li", picture, tag("bdi", group.name)))
    return tag("ul", *entries, class_="legend")


def line_chart(
    lines: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    title: str,
    description: str,
    x_name: str,
    y: tuple[float, float] | None = None,
    log_x: bool = False,
    x_ticks: Sequence[float] | None = None,
    marked: tuple[float, str] | None = None,
) -> Html:
    """Draws up to three lines, told apart by dashes and marks as by colour.

    Args:
        lines: name of each, and its points in order of x; with at least one in all.
        title, description: as `Frame.chart` takes them.
        x_name, log_x, x_ticks: as of a `Frame`.
        y: the ends of the vertical axis, or None for what holds all points.
        marked: a place on the horizontal axis, and what is there; or None.
    """
    groups = [Group(number, *line) for number, line in enumerate(lines)]
    xs, ys = zip(*(point for group in groups for point in group.points), strict=True)
    ends = y or around(ys)
    frame = Frame((min(xs), max(xs)), ends, x_name, log_x=log_x, x_ticks=x_ticks)
    drawn = [] if marked is None else _marked(frame, *marked)
    for group in groups:
        places = (frame.at(*point) for point in group.points)
        drawn.append(group.line("M" + "L".join(f"{x} {y}" for x, y in places)))
        if len(group.points) <= MOST_MARKS:
            drawn.append(tag("path", d=group.marks(frame), class_=group.class_))
    chart = frame.chart(title, description, *drawn)
    return join(chart, legend(groups, lines=True)) if len(groups) > 1 else chart


def _marked(frame: Frame, place: float, name: str) -> list[Html]:
    x, bottom = frame.at(place, frame.y[0])
    _, top = frame.at(place, frame.y[1])
    # Above the line, towards the side where there is room.
    left = x > WIDTH / 2
    anchor = {"x": x + 4 if left else x - 4, "text_anchor": "end" if left else None}
    return [
        tag("line", x1=x, x2=x, y1=bottom, y2=top, class_="marked"),
        tag("text", name, y=top - 8, **anchor),
    ]


def column_chart(
    values: Sequence[float], *, title: str, description: str, x_name: str, y_name: str
) -> Html:
    """Draws a column for each value, numbered from 1.

    Args:
        values: 0 or above, at least one.
        title, description: as `Frame.chart` takes them.
        x_name, y_name: as of a `Frame`.
    """
    count = len(values)
    ticks = [1, *range(10, count + 1, 10)] if count > 9 else range(1, count + 1)
    frame = Frame((0.5, count + 0.5), from_zero(values), x_name, y_name, x_ticks=ticks)
    path = ""
    for number, value in enumerate(values, 1):
        left, top = frame.at(number - 0.5 + GAP / 2, value)
        right, bottom = frame.at(number + 0.5 - GAP / 2, 0)
        path += f"M{left} {bottom}V{top}H{right}V{bottom}z"
    return frame.chart(title, description, tag("path", d=path, class_="g0"))


def scatter_chart(
    groups: Sequence[Group], *, title: str, description: str, x_name: str, y_name: str
) -> Html:
    """Draws points, the later groups over the earlier ones.

    Args:
        groups: with at least one point in all.
        title, description: as `Frame.chart` takes them.
        x_name, y_name: as of a `Frame`.
    """
    xs, ys = np.concatenate([group.points for group in groups]).T.tolist()
    frame = Frame(around(xs), around(ys), x_name, y_name, height=SCATTER_HEIGHT)
    drawn = [
        tag("path", d=group.marks(frame), class_=f"points {group.class_}")
        for group in groups
    ]
    chart = frame.chart(title, description, *drawn)
    if len(groups) == 1:
        return chart
    return join(chart, legend(sorted(groups, key=lambda group: group.number is None)))


def bar_table(
    rows: Sequence[tuple[object, float, object]], *, label: str, head: tuple[str, str]
) -> Html:
    """Returns a table whose last column has a bar beside each number.

    A table needs no other form for those who do not see it, and its words keep their
    size where a picture would be scaled down.

    Args:
        rows: what a row is about, how long its bar is, and what stands beside it.
        label: what the table says.
        head: names of the columns.
    """
    longest = max((length for _, length, _ in rows), default=0) or 1
    body = []
    for name, length, said in rows:
        style = f"--length:{max(0.0, length / longest):.3f}"
        bar = tag("span", class_="bar", style=style)
        cell = tag("td", bar, tag("span", said, class_="said"))
        body.append(tag("tr", tag("th", name, scope="row"), cell))
    return tag(
        "table",
        tag("caption", label),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head))),
        tag("tbody", *body),
        class_="bars",
    )


def heat_map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    label: str,
    corner: str,
) -> Html:
    """Returns a table of percents, the darker the more.

    The numbers are there, so it can be read without seeing shades.

    Args:
        values: shares from 0 to 1, float [rows, columns].
        rows, columns: their names.
        label: what the table says.
        corner: what rows are, and columns are.
    """
    # Names that are longer than a cell stand upright.
    tall = "tall" if max(len(name) for name in columns) > 3 else None
    head = [
        tag("th", tag("span", quoted(name, 30), class_=tall), scope="col")
        for name in columns
    ]
    body = [
        tag("tr", tag("th", quoted(name, 30), scope="row"), *map(_cell, row))
        for name, row in zip(rows, values.tolist(), strict=True)
    ]
    written = tag(
        "table",
        tag("caption", label),
        tag("thead", tag("tr", tag("td", corner, class_="corner"), *head)),
        tag("tbody", *body),
        class_="heat",
    )
    return scrolling(written, label)


def _cell(value: float) -> Html:
    percent = round(100 * value)
    # An empty cell says "nearly none" faster than a zero does.
    shown = percent if percent else tag("span", "0", class_="nought")
    return tag("td", shown, style=f"--share:{value:.2f}" if percent else None)
