from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wish_tf.report.markup import Html, quoted, scrolling, tag


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
        tag(
            "tr",
            tag("th", quoted(name, 30), scope="row"),
            *(_cell(value) for value in row),
        )
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
