import re

import numpy as np
import pytest

from tests.report.page_reader import PageReader
from wish_tf.report.charts import (
    SHAPES,
    Frame,
    Group,
    around,
    bar_table,
    column_chart,
    decades,
    from_zero,
    heat_map,
    line_chart,
    scatter_chart,
    ticks,
)

SAID = {
    "title": "What <it> is",
    "description": "It & more",
    "x_name": "x",
}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 8, [0, 2, 4, 6, 8]),
        (-1.2, 1.3, [-1, -0.5, 0, 0.5, 1]),
        (0, 331, [0, 100, 200, 300]),
        (0.013, 0.02, [0.014, 0.016, 0.018, 0.02]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def test_ends_of_axes():
    assert decades(1, 1000) == [1, 10, 100, 1000] and decades(3, 500) == [10, 100]
    assert around([0, 10]) == pytest.approx((-0.6, 10.6))
    assert around([5, 5]) == pytest.approx((4.7, 5.3))
    assert from_zero([2, 4]) == pytest.approx((0, 4.24))
    assert from_zero([0, 0]) == pytest.approx((0, 1.06))


def test_places_worked_out_by_hand():
    # 400 by 250 with margins of 48, 14, 26 and 40 leaves 338 by 184.
    frame = Frame((0, 2), (0, 10), "x", "y")
    assert frame.at(0, 0) == (48, 210) and frame.at(2, 10) == (386, 26)
    assert frame.at(1, 5) == (217, 118)
    logarithmic = Frame((1, 100), (0, 1), "x", "y", log_x=True)
    assert logarithmic.at(10, 0) == (217, 210)
    # An axis of one value has it at its beginning.
    assert Frame((3, 3), (1, 1), "x", "y").at(3, 1) == (48, 210)


def paths(chart: str) -> list[dict]:
    return [attributes for name, attributes in PageReader(chart).tags if name == "path"]


def test_a_chart_says_what_it_shows_to_those_who_do_not_see_it():
    chart = column_chart([1], y_name="y", **SAID)
    assert "<title>What &lt;it&gt; is</title><desc>It &amp; more</desc>" in chart
    assert 'role="img"' in chart


def test_columns_are_as_high_as_their_values():
    [columns] = paths(column_chart([4, 2, 0], y_name="y", **SAID))
    tops = [float(x) for x in re.findall(r"V([\d.]+)H", columns["d"])]
    heights = [210 - top for top in tops]
    assert heights == pytest.approx([184 / 1.06, 92 / 1.06, 0], abs=0.1)


def test_lines_are_told_apart_without_colour():
    lines = [(name, [(0, value), (1, value)]) for value, name in enumerate("abc")]
    chart = line_chart(lines, **SAID, marked=(1, "here"))
    drawn = [own for own in paths(chart) if "line" in own["class"].split()]
    # Each is drawn in the chart and in the legend, in the same way.
    dashes = [own.get("stroke-dasharray") for own in drawn]
    assert dashes[:3] == dashes[3:] and len(set(dashes[:3])) == 3
    assert "here" in PageReader(chart).text
    assert PageReader(chart).wrong == []
    alone = line_chart(lines[:1], **SAID)
    assert "legend" not in alone


def test_a_line_of_many_points_has_no_marks():
    few, many = (
        line_chart([("a", [(x, x) for x in range(n)])], **SAID) for n in (5, 500)
    )
    assert len(paths(few)) == 2 and len(paths(many)) == 1


def test_every_point_of_a_scatter_is_drawn_in_the_shape_of_its_group():
    groups = [
        Group(None, "rest", np.zeros((3, 2))),
        *(Group(i, f"<{i}>", np.full((i + 1, 2), i)) for i in range(len(SHAPES))),
    ]
    chart = scatter_chart(groups, y_name="y", **SAID)
    drawn = [own for own in paths(chart) if "points" in own["class"].split()]
    assert [own["d"].count("M") for own in drawn] == [3, 1, 2, 3, 4, 5, 6, 7, 8]
    for own, group in zip(drawn, groups, strict=True):
        assert group.shape in own["d"]
    names = re.findall(r"<bdi>(.*?)</bdi>", chart)
    assert names == [f"&lt;{i}&gt;" for i in range(len(SHAPES))] + ["rest"]
    assert PageReader(chart).wrong == []


def test_bars_are_as_long_as_their_values_and_never_negative():
    written = bar_table(
        [("<a>", 4, "four"), ("b", 1, "one"), ("c", -1, "minus")],
        label="All",
        head=("what", "much"),
    )
    assert re.findall(r"--length:([\d.]+)", written) == ["1.000", "0.250", "0.000"]
    assert "&lt;a&gt;" in written and "four" in written
    assert PageReader(bar_table([], label="", head=("", ""))).wrong == []


def test_a_heat_map_has_its_numbers():
    values = np.array([[0.0, 1.0], [0.256, 0.004]])
    written = heat_map(values, ["a", "b"], ["0", "1"], label="All", corner="x")
    cells = re.findall(r"<td(?: style=\"--share:([\d.]+)\")?>(.*?)</td>", written)
    assert cells == [
        ("", '<span class="nought">0</span>'),
        ("1.00", "100"),
        ("0.26", "26"),
        ("", '<span class="nought">0</span>'),
    ]
    assert "tall" not in written
    tall = heat_map(values, ["a", "b"], ["long", "1"], label="All", corner="x")
    assert tall.count('class="tall"') == 2
