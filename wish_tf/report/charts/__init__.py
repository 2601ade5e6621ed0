"""Charts of the report: inline SVG, or tables that are charts already."""

from wish_tf.report.charts.bars import bar_table
from wish_tf.report.charts.columns import column_chart
from wish_tf.report.charts.frame import from_zero
from wish_tf.report.charts.heat_map import heat_map
from wish_tf.report.charts.lines import Line, line_chart
from wish_tf.report.charts.scatter import Group, scatter_chart

__all__ = [
    "Group",
    "Line",
    "bar_table",
    "column_chart",
    "from_zero",
    "heat_map",
    "line_chart",
    "scatter_chart",
]
