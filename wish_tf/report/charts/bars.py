from __future__ import annotations

from collections.abc import Sequence

from wish_tf.report.markup import Html, tag


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
    body = [
        tag(
            "tr",
            tag("th", name, scope="row"),
            tag(
                "td",
                tag(
                    "span",
                    class_="bar",
                    style=f"--length:{max(0.0, length / longest):.3f}",
                ),
                tag("span", said, class_="said"),
            ),
        )
        for name, length, said in rows
    ]
    return tag(
        "table",
        tag("caption", label),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head))),
        tag("tbody", *body),
        class_="bars",
    )
