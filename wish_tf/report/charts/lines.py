from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wish_tf.report.charts.frame import WIDTH, Frame, around
from wish_tf.report.charts.symbols import dashes, group_class, legend, shape
from wish_tf.report.markup import Html, join, tag

# With more points than this their marks would touch.
MOST_MARKS = 40


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: what it shows.
        points: (x, y), in order of x.
    """

    name: str
    points: Sequence[tuple[float, float]]


def line_chart(
    lines: Sequence[Line],
    *,
    title: str,
    description: str,
    x_name: str,
    y_name: str,
    y: tuple[float, float] | None = None,
    log_x: bool = False,
    x_ticks: Sequence[float] | None = None,
    marked: tuple[float, str] | None = None,
) -> Html:
    """Draws up to three lines, told apart by dashes and marks as by colour.

    Args:
        lines: with at least one point in all.
        title, description: as `Frame.chart` takes them.
        x_name, y_name, log_x, x_ticks: as of a `Frame`.
        y: the ends of the vertical axis, or None for what holds all points.
        marked: a place on the horizontal axis, and what is there; or None.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    frame = Frame((min(xs), max(xs)), y or around(ys), x_name, y_name, log_x, x_ticks)
    drawn = [_line(frame, number, line) for number, line in enumerate(lines)]
    if marked is not None:
        drawn.insert(0, _mark(frame, *marked))
    chart = frame.chart(title, description, *drawn)
    if len(lines) == 1:
        return chart
    names = [(number, line.name) for number, line in enumerate(lines)]
    return join(chart, legend(names, lines=True))


def _line(frame: Frame, number: int, line: Line) -> Html:
    places = [frame.at(x, y) for x, y in line.points]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    drawn = tag(
        "path",
        d=path,
        class_=f"line {group_class(number)}",
        stroke_dasharray=dashes(number),
    )
    if len(places) > MOST_MARKS:
        return drawn
    marks = "".join(f"M{x} {y}{shape(number)}" for x, y in places)
    return join(drawn, tag("path", d=marks, class_=group_class(number)))


def _mark(frame: Frame, x: float, name: str) -> Html:
    across, bottom = frame.at(x, frame.y[0])
    _, top = frame.at(x, frame.y[1])
    # Above the line, towards the side where there is room.
    left = across > WIDTH / 2
    return join(
        tag("line", x1=across, x2=across, y1=bottom, y2=top, class_="marked"),
        tag(
            "text",
            name,
            x=across + 4 if left else across - 4,
            y=top - 8,
            text_anchor="end" if left else None,
        ),
    )
