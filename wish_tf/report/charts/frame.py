from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wish_tf.readable_numbers import figure
from wish_tf.report.markup import Html, join, tag

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 26, 40
TICKS = 5


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
    y_name: str
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
            "svg",
            tag("title", title),
            tag("desc", description),
            self._axes(),
            *marks,
            viewBox=f"0 0 {WIDTH} {self.height}",
            role="img",
        )

    def _axes(self) -> Html:
        x_ticks = self.x_ticks
        if x_ticks is None:
            x_ticks = decades(*self.x) if self.log_x else ticks(*self.x)
        floor, middle = self.y[0], self.height - BOTTOM
        drawn = []
        for value in ticks(*self.y):
            _, y = self.at(self.x[0], value)
            drawn += [
                tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"),
                tag("text", figure(value), x=LEFT - 6, y=y + 4, text_anchor="end"),
            ]
        for value in x_ticks:
            x, y = self.at(value, floor)
            drawn += [
                tag("line", x1=x, x2=x, y1=y, y2=y + 4, class_="axis"),
                tag("text", figure(value), x=x, y=y + 16, text_anchor="middle"),
            ]
        return join(
            *drawn,
            tag("text", self.y_name, x=0, y=12, class_="name"),
            tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=middle, y2=middle, class_="axis"),
            tag(
                "text",
                self.x_name,
                x=WIDTH - RIGHT,
                y=self.height - 6,
                text_anchor="end",
                class_="name",
            ),
        )


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
