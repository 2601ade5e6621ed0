from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wish_tf.report.charts.frame import Frame, around
from wish_tf.report.charts.symbols import group_class, legend, shape
from wish_tf.report.markup import Html, join, tag

HEIGHT = 400


@dataclass(frozen=True)
class Group:
    """Points of one colour and shape.

    Attributes:
        number: of the colour and shape, from 0 to 7; None is the rest.
        name: what they have in common.
        points: float [n, 2].
    """

    number: int | None
    name: str
    points: np.ndarray


def scatter_chart(
    groups: Sequence[Group],
    *,
    title: str,
    description: str,
    x_name: str,
    y_name: str,
) -> Html:
    """Draws points, the later groups over the earlier ones.

    Args:
        groups: with at least one point in all.
        title, description: as `Frame.chart` takes them.
        x_name, y_name: as of a `Frame`.
    """
    points = np.concatenate([group.points for group in groups])
    frame = Frame(
        around(points[:, 0].tolist()),
        around(points[:, 1].tolist()),
        x_name,
        y_name,
        height=HEIGHT,
    )
    drawn = []
    for group in groups:
        places = (frame.at(x, y) for x, y in group.points.tolist())
        path = "".join(f"M{x} {y}{shape(group.number)}" for x, y in places)
        drawn.append(tag("path", d=path, class_=f"points {group_class(group.number)}"))
    chart = frame.chart(title, description, *drawn)
    if len(groups) == 1:
        return chart
    names = [(group.number, group.name) for group in groups]
    return join(chart, legend(sorted(names, key=lambda name: name[0] is None)))
