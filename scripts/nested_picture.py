#!/usr/bin/env python3
"""Draws one code of a run, cut at several lengths: docs/pictures/nested.svg.

wish-tf train python-docs --bits 64 --out runs/64
python scripts/nested_picture.py runs/64 "eigenvalues of a sparse matrix"
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

from wish_tf.codes import NAMED_BITS
from wish_tf.files import replacing
from wish_tf.runs import RunFolder, TrainConfig

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "wish_tf"
from matplotlib import pyplot  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

CUTS = (8, 16, 32, 64)
SHOWN = 2
TOPIC, REFINED, OFF = "#e66100", "#1a5ac8", "#e8e8e8"
TARGET = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "nested.svg"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="of 64 bits, e.g. runs/64")
    parser.add_argument("text", help="whose code is drawn")
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    folder = RunFolder(args.run)
    hasher = folder.hasher()
    if hasher.bits != CUTS[-1]:
        parser.error(f"expected a run of {CUTS[-1]} bits; got one of {hasher.bits}")
    corpus = TrainConfig.from_json(folder.check_finished()).load_splits().train
    codes = hasher.transform(corpus.texts)
    code = hasher.transform([args.text])[0]
    figure = draw(code, hasher.read(code), codes, corpus.ids, args.text)
    with replacing(args.out) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def draw(
    code: np.ndarray, read: str, codes: np.ndarray, ids: list[str], text: str
) -> pyplot.Figure:
    """Returns the picture.

    Args:
        code: of the text, 0/1 [64].
        read: what the code says.
        codes: of the documents, 0/1 [n, 64].
        ids: of the documents.
        text: that the code is of.
    """
    figure, panel = pyplot.subplots(figsize=(9, 3.2), layout="constrained")
    equal = np.cumprod(codes == code, axis=1)
    for row, cut in enumerate(CUTS):
        y = -2.2 * row
        for bit in range(cut):
            on = TOPIC if bit < NAMED_BITS else REFINED
            colour = on if code[bit] else OFF
            panel.add_patch(Rectangle((bit, y), 0.8, 1, fc=colour, lw=0))
        same = np.flatnonzero(equal[:, cut - 1])
        some = ", ".join(ids[i] for i in same[:SHOWN])
        said = f"{len(same):,} documents" if len(same) != 1 else "1 document"
        panel.text(-1, y + 0.5, f"{cut} bits", ha="right", va="center")
        panel.text(cut + 0.6, y + 0.65, said, va="center", fontsize=9, weight="bold")
        panel.text(cut + 0.6, y + 0.1, some, va="center", fontsize=7)
    panel.set_title(f"“{text}”\n{read}", loc="left", fontsize=10)
    panel.set(xlim=(-8, CUTS[-1] + 26), ylim=(-2.2 * len(CUTS) + 2, 1.2))
    panel.axis("off")
    return figure


if __name__ == "__main__":
    main()
