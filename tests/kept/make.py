"""Makes the files of a release that later code must read: `python -m tests.kept.make`.

They stay as they are until a format is given up, which the changelog then says.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from wish_tf import TextHasher, export_hasher
from wish_tf._version import __version__
from wish_tf.cli import main
from wish_tf.recipes import DEFAULT

FOLDER = Path(__file__).parent / __version__
TEXTS = [
    f"{one} and {other} {place}"
    for place, ones in {
        "in the market": ("oil", "wheat", "gold", "copper", "sugar"),
        "on the field": ("football", "tennis", "hockey", "cricket", "rugby"),
        "of the machine": ("memory", "disk", "network", "kernel", "driver"),
    }.items()
    for one in ones
    for other in ones
    if one < other
]


def make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    recipe = DEFAULT.assigned("strategy.space.lsa_dimensions=8")
    hasher = TextHasher(16, recipe=recipe, min_df=1).fit(TEXTS)
    hasher.save(FOLDER / "hasher.keras")
    export_hasher(hasher.model_, FOLDER / "saved_model")
    lines = [json.dumps({"id": i, "text": text}) for i, text in enumerate(TEXTS)]
    documents = FOLDER / "texts.jsonl"
    documents.write_text("\n".join(lines) + "\n")
    model, codes = str(FOLDER / "saved_model"), str(FOLDER / "codes.parquet")
    assert main(["hash", model, str(documents), "--out", codes]) == 0
    index = str(FOLDER / "texts.index")
    assert main(["index", model, str(documents), "--out", index]) == 0
    expected = hasher.hash(TEXTS).packed.tolist()
    (FOLDER / "codes.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    make()
