"""The picture of what training costs, drawn from training.json."""

from __future__ import annotations

from pathlib import Path
from statistics import median


def draw(corpora: dict, path: Path) -> bool:
    """Draws seconds a pass against documents and against vocabulary.

    A dotted line goes from the origin through the first point: what a cost in
    proportion would be.

    Args:
        corpora: `corpora` of training.json.
        path: the SVG file to write.

    Returns:
        Whether there was anything to draw.
    """
    measured = {
        name: corpus["scaling"]
        for name, corpus in corpora.items()
        if "scaling" in corpus
    }
    if not measured:
        return False
    import matplotlib

    matplotlib.use("svg")
    # The same picture, to the byte, from the same figures.
    matplotlib.rcParams["svg.hashsalt"] = "wish_tf"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for panel, key, of, label in (
        (panels[0], "by_documents", "documents", "documents"),
        (panels[1], "by_words", "words", "words in the vocabulary"),
    ):
        for name, scaling in measured.items():
            x = [case[of] for case in scaling[key]]
            y = [
                median(case["seconds_a_document"]) * case["documents"]
                for case in scaling[key]
            ]
            [line] = panel.plot(x, y, "o-", label=name)
            panel.plot(
                [0, x[-1]], [0, y[0] / x[0] * x[-1]], ":", color=line.get_color()
            )
        panel.set(xlabel=label, ylabel="seconds a pass", xlim=(0, None), ylim=(0, None))
        panel.legend()
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    figure.savefig(temporary, format="svg", metadata={"Date": None})
    temporary.replace(path)
    return True
