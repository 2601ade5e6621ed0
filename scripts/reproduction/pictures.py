"""The paper's figures, from the lines of results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np

from reproduction.experiments import (
    COMBINATIONS,
    METHODS,
    PICTURED,
    WISH,
    recipe,
    with_settings,
)
from reproduction.scale import Scale
from reproduction.tables import name_of, select
from wish_tf.files import replacing

matplotlib.use("agg")
# The same picture, to the byte, from the same figures.
matplotlib.rcParams["svg.hashsalt"] = "wish_tf"
from matplotlib import pyplot  # noqa: E402

PRECISION = "Prec@100"


def draw_all(lines: list[dict], folder: Path, scale: Scale) -> None:
    """Draws every figure that there are results for.

    Args:
        lines: of all experiments.
        folder: where the pictures are written, `figN.svg` or `fig10.png`.
        scale: what was run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, draw in FIGURES.items():
        figure = draw(lines, scale)
        # A scatter of thousands of points is smaller as pixels.
        kind = "png" if number == 10 else "svg"
        with replacing(folder / f"fig{number}.{kind}") as temporary:
            figure.savefig(
                temporary,
                format=kind,
                dpi=130,
                metadata={"Date": None} if kind == "svg" else None,
            )
        pyplot.close(figure)


def figure_of(panels: int, width: float = 4.5, height: float = 3.2):
    return pyplot.subplots(
        1,
        panels,
        figsize=(width * panels, height),
        layout="constrained",
        squeeze=False,
    )


def precision_of(lines: list[dict], **wanted) -> float:
    """The mean precision of the lines that have given values; NaN without any."""
    values = [line["precision_at_100"] for line in select(lines, **wanted)]
    return float(np.mean(values)) if values else np.nan


def bars(panel, groups: tuple[str, ...], series: dict[str, list[float]]) -> None:
    """Draws a group of bars for each corpus, one bar a series."""
    width = 0.8 / len(series)
    for i, (name, values) in enumerate(series.items()):
        panel.bar(np.arange(len(groups)) + i * width, values, width, label=name)
    panel.set_xticks(np.arange(len(groups)) + 0.4 - width / 2, groups)
    panel.set(ylabel=PRECISION)
    panel.legend()


def fig3(lines: list[dict], scale: Scale):
    figure, [[panel]] = figure_of(1, 6)
    series = {
        name_of(method, preset): [
            precision_of(
                lines,
                experiment="table1",
                method=method,
                preset=preset,
                corpus=corpus,
                bits=PICTURED,
            )
            for corpus in scale.corpora
        ]
        for method, preset in [("lda", "default"), *WISH]
    }
    bars(panel, scale.corpora, series)
    return figure


def fig4(lines: list[dict], scale: Scale):
    figure, [[panel]] = figure_of(1, 6)
    series = {
        label: [
            of_setting(lines, corpus, 8, "stochastic", value)
            for corpus in scale.corpora
        ]
        for label, value in (("stochastic", True), ("deterministic", False))
    }
    bars(panel, scale.corpora, series)
    return figure


def of_setting(lines: list[dict], corpus: str, bits: int, name: str, value) -> float:
    """The precision of seed 0 of `paper` with one setting; a run with the preset's
    own value is Table 1's."""
    preset = recipe("paper", corpus, bits)
    usual = with_settings(preset, {name: value}) == preset
    return precision_of(
        [line for line in lines if line["experiment"] != "fig9"],
        method="wish",
        preset="paper",
        corpus=corpus,
        bits=bits,
        seed=0,
        settings={} if usual else {name: value},
    )


def lines_of_setting(lines, scale: Scale, name: str, values, label: str, log: bool):
    figure, [[panel]] = figure_of(1, 6)
    for corpus in ("reuters", "20newsgroups"):
        for bits in (4, 8):
            y = [of_setting(lines, corpus, bits, name, value) for value in values]
            panel.plot(values, y, "o-", label=f"{corpus}, {bits} bits")
    if log:
        panel.set_xscale("log")
    panel.set(xlabel=label, ylabel=PRECISION, ylim=(0, 1))
    panel.legend()
    return figure


def fig5(lines: list[dict], scale: Scale):
    return lines_of_setting(
        lines, scale, "topic_dim", scale.topic_dims, "topic vector size d", False
    )


def fig6(lines: list[dict], scale: Scale):
    return lines_of_setting(
        lines, scale, "orthogonality", scale.lambdas, "weight λ", True
    )


def fig7(lines: list[dict], scale: Scale):
    figure, [panels] = figure_of(2)
    for panel, corpus in zip(panels, ("reuters", "20newsgroups"), strict=True):
        for label, (name, value) in COMBINATIONS.items():
            y = [of_setting(lines, corpus, bits, name, value) for bits in scale.bits]
            panel.plot(scale.bits, y, "o-", label=label)
        panel.set(title=corpus, xlabel="bits", ylabel=PRECISION, ylim=(0, 1))
        panel.legend()
    return figure


def fig8(lines: list[dict], scale: Scale):
    figure, [panels] = figure_of(2, 5, 4.2)
    names = [name_of(method, preset) for method, preset in [*WISH, *METHODS]]
    largest = "agnews" if "agnews" in scale.corpora else scale.corpora[0]
    for panel, field, label in (
        (panels[0], "train_seconds", "training, seconds"),
        (panels[1], "hash_microseconds", "hashing, microseconds a text"),
    ):
        values = []
        for method, preset in [*WISH, *METHODS]:
            found = select(
                lines,
                experiment="table1",
                method=method,
                preset=preset,
                corpus=largest,
                bits=PICTURED,
            )
            measured = [line[field] for line in found if field in line]
            values.append(np.mean(measured) if measured else np.nan)
        panel.barh(names, values)
        panel.invert_yaxis()
        # Without any result yet there is nothing to take a logarithm of.
        scale_name = "linear" if np.isnan(values).all() else "log"
        panel.set(xscale=scale_name, xlabel=label, title=f"{largest}, {PICTURED} bits")
    return figure


def fig9(lines: list[dict], scale: Scale):
    corpora = [name for name in ("tmc", "agnews") if name in scale.corpora]
    figure, [panels] = figure_of(len(corpora), 5.5, 4.2)
    colours = pyplot.get_cmap("tab20").colors
    # A method that only one corpus has results for yet is named, too.
    named = {}
    for panel, corpus in zip(panels, corpora, strict=True):
        for number, (method, preset) in enumerate([*WISH, *METHODS]):
            y = [
                precision_of(
                    lines,
                    experiment="fig9",
                    method=method,
                    preset=preset,
                    corpus=corpus,
                    bits=bits,
                )
                for bits in scale.long_bits
            ]
            if not np.isnan(y).all():
                wide = 3 if method == "wish" else 1
                [named[name_of(method, preset)]] = panel.plot(
                    scale.long_bits,
                    y,
                    "o-",
                    color=colours[number],
                    linewidth=wide,
                )
        panel.set(title=corpus, xlabel="bits", ylabel=PRECISION)
    if named:
        figure.legend(named.values(), named.keys(), loc="outside right center")
    return figure


def fig10(lines: list[dict], scale: Scale):
    found = [line for line in lines if "map" in line]
    figure, [panels] = figure_of(max(1, len(found)), 4.5, 4.5)
    rng = np.random.default_rng(0)
    colours = pyplot.get_cmap("tab20").colors
    for panel, line in zip(panels, found, strict=False):
        places, counts = (np.array(line["map"][k]) for k in ("places", "counts"))
        # A text stands beside its code's place, so that many can be seen.
        around = 0.015 * np.ptp(places, axis=0)
        for number, name in enumerate(line["map"]["classes"]):
            at = np.repeat(places, counts[:, number], axis=0)
            at = at + rng.normal(size=at.shape) * around
            colour = colours[number % len(colours)]
            panel.scatter(*at.T, s=2, color=colour, label=name, linewidths=0)
        panel.set(title=name_of(line["method"], line["preset"]), xticks=[], yticks=[])
    if found:
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=5,
            markerscale=4,
            fontsize="small",
        )
    return figure


FIGURES: dict[int, Callable] = {
    3: fig3,
    4: fig4,
    5: fig5,
    6: fig6,
    7: fig7,
    8: fig8,
    9: fig9,
    10: fig10,
}
