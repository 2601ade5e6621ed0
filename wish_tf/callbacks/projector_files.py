from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins.projector import ProjectorConfig

from wish_tf.files import replacing

CHECKPOINT = "projector"


@dataclass(frozen=True)
class ProjectorPoints:
    """Points of TensorBoard's projector.

    Attributes:
        name: what they are called there, a Python name.
        points: float32 [n, d].
        columns: names of what is said about a point.
        metadata: a row of strings a point, [n, columns].
    """

    name: str
    points: np.ndarray
    columns: Sequence[str]
    metadata: Sequence[Sequence[str]]


def write_projector(folder: str | Path, sets: Sequence[ProjectorPoints]) -> None:
    """Writes points for TensorBoard's projector, in place of earlier ones.

    Writes a checkpoint of TensorFlow with a tensor a set, since the projector reads
    no other format of Keras; a file `NAME.tsv` a set with its metadata; and
    `projector_config.pbtxt`. All can be moved with the folder.

    Args:
        folder: a folder of events, since the projector looks nowhere else.
        sets: the points.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {each.name: tf.Variable(each.points) for each in sets}
    # The projector takes the path of a checkpoint in its configuration as one from
    # where TensorBoard was started; without, it looks up the folder's latest.
    tf.train.CheckpointManager(
        tf.train.Checkpoint(**tensors), str(folder), 1, checkpoint_name=CHECKPOINT
    ).save(0)
    config = ProjectorConfig()
    for each in sets:
        embedding = config.embeddings.add()
        embedding.tensor_name = f"{each.name}/.ATTRIBUTES/VARIABLE_VALUE"
        embedding.metadata_path = f"{each.name}.tsv"
        lines = list(each.metadata)
        if len(each.columns) > 1:  # The projector wants no header over one column.
            lines.insert(0, each.columns)
        with replacing(folder / embedding.metadata_path) as temporary:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(
                    file, "excel-tab", quoting=csv.QUOTE_NONE, quotechar=None,
                    lineterminator="\n",
                )  # fmt: skip
                writer.writerows([_one_line(value) for value in row] for row in lines)
    with replacing(folder / "projector_config.pbtxt") as temporary:
        temporary.write_text(text_format.MessageToString(config), encoding="utf-8")


def _one_line(value: str) -> str:
    """The format has no quotes: a tab or a line's end would shift what follows."""
    return re.sub(r"\s+", " ", value).strip()
