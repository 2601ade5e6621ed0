from __future__ import annotations

import numpy as np

from wish_tf.readable_numbers import count
from wish_tf.report.charts import Line, line_chart
from wish_tf.report.health import majority
from wish_tf.report.markup import table, tag
from wish_tf.report.sections.radius import NOT_MEASURED, relevant
from wish_tf.report.sections.section import Section, chart_box
from wish_tf.report.source import Source

LARGEST, STEPS = 1000, 40
SHOWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def curve(source: Source) -> Section:
    """Prec@k for k from 1 to 1000."""
    title = "Prec@k" if source.classes is not None else "Neighbour overlap@k"
    retrieval = source.retrieval
    if retrieval is None:
        return Section("curve", title, NOT_MEASURED, ())
    most = min(LARGEST, retrieval.documents)
    ks = np.unique(np.geomspace(1, most, STEPS).round().astype(int)).tolist()
    points = [(k, float(retrieval.precisions(k).mean())) for k in ks]
    chance, commonest = retrieval.chance, majority(source)
    lines = [Line(title, points), Line("chance", [(1, chance), (most, chance)])]
    if commonest is not None:
        always = [(1, commonest), (most, commonest)]
        lines.append(Line("always the commonest class", always))
    shown = [k for k in SHOWN if k <= most]
    values = [float(retrieval.precisions(k).mean()) for k in shown]
    lead = (
        f"Of the k training documents nearest to a test document, the share that "
        f"{relevant(source)}; mean over {count(len(retrieval.found))} test documents. "
        "Where documents at the same distance do not all fit into the k, each of them "
        "counts for the chance that it is drawn, so their order does not matter."
    )
    chart = line_chart(
        lines,
        title=f"{title} by k",
        description=f"It is {values[0]:.3f} at k = 1 and {values[-1]:.3f} at "
        f"k = {shown[-1]}; chance is {chance:.3f}.",
        x_name="k, logarithmic",
        y_name="",
        y=(0, 1),
        log_x=most > 1,
    )
    rows = [
        (count(k), f"{value:.3f}", f"{value / chance:.1f}" if chance else "")
        for k, value in zip(shown, values, strict=True)
    ]
    numbers = table(("k", title, "times chance"), rows)
    beside = tag("div", chart_box(title, chart), numbers, class_="beside")
    return Section("curve", title, lead, (beside,))
