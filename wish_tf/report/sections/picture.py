from __future__ import annotations

import numpy as np

from wish_tf.readable_numbers import count, share
from wish_tf.report.charts import Group, scatter_chart
from wish_tf.report.documents import SEED
from wish_tf.report.markup import Html, quoted, table, tag
from wish_tf.report.projection import principal_plane
from wish_tf.report.sections.section import Section, chart_box
from wish_tf.report.source import Source

POINTS, CLASSES = 2000, 8


def picture(source: Source) -> Section:
    """The codes in a plane."""
    train = source.train
    known = np.flatnonzero(~train.hashed.out_of_vocabulary)
    shown = known
    if len(known) > POINTS:
        rng = np.random.default_rng(SEED)
        shown = np.sort(rng.choice(known, POINTS, replace=False))
    if not len(shown):
        return Section(
            "picture", "Picture of the codes", "No document has a known word.", ()
        )
    plane, explained = principal_plane(train.hashed.probabilities[shown])
    lead = (
        f"Each point is a training document ({count(len(shown))} of "
        f"{count(train.total)}): the probabilities of its bits, seen from where they "
        "differ most (principal components). Documents of one bucket lie on one spot. "
        f"The plane shows {share(float(explained.sum()))} of how documents differ, so "
        "what is near here may be far in a direction that is not seen."
    )
    groups = _groups(source, shown, plane)
    chart = scatter_chart(
        groups,
        title="Codes of documents in the plane of their two principal components",
        description=_where(groups),
        x_name=f"first component, {share(float(explained[0]))}",
        y_name=f"second component, {share(float(explained[1]))}",
    )
    contents = [chart_box("Principal components of the bits' probabilities", chart)]
    if len(groups) > 1:
        contents.append(_table(groups))
    beside = tag("div", *contents, class_="beside")
    return Section("picture", "Picture of the codes", lead, (beside,))


def _groups(source: Source, shown: np.ndarray, plane: np.ndarray) -> list[Group]:
    if source.classes is None:
        return [Group(0, "documents", plane)]
    labels = [source.train.labels[place] for place in shown]
    members = source.classes.members(labels)[:, :CLASSES].toarray()
    # A document with several labels is shown as one of its commonest.
    number = np.where(members.any(axis=1), members.argmax(axis=1), -1)
    groups = [Group(None, "other classes", plane[number < 0])]
    groups += [
        Group(i, name, plane[number == i])
        for i, name in enumerate(source.classes.names[:CLASSES])
    ]
    return [group for group in groups if len(group.points)]


def _middle(group: Group) -> str:
    x, y = group.points.mean(axis=0)
    # Adding 0.0 turns the -0.0 of rounding into 0.0.
    x, y = round(float(x), 1) + 0.0, round(float(y), 1) + 0.0
    return f"({x:.1f}, {y:.1f})".replace("-", "−")


def _where(groups: list[Group]) -> str:
    middles = ", ".join(f"{group.name} {_middle(group)}" for group in groups)
    return f"The middle of each group: {middles}."


def _table(groups: list[Group]) -> Html:
    rows = [
        (quoted(group.name, 40), count(len(group.points)), _middle(group))
        for group in groups
    ]
    return table(("class", "points", "middle"), rows)
