from __future__ import annotations

from collections.abc import Sequence

from wish_tf.report.charts.frame import Frame, from_zero
from wish_tf.report.markup import Html, tag

GAP = 0.15


def column_chart(
    values: Sequence[float],
    *,
    title: str,
    description: str,
    x_name: str,
    y_name: str,
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
