from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event

from wish_tf.files import replacing

SUFFIX = ".wish"


class EventFolder:
    """A folder of TensorBoard events that holds every step once.

    Args:
        path: the folder; other event files in it are left alone.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._writer: tf.summary.SummaryWriter | None = None

    def start(self, step: int) -> bool:
        """Starts writing at a step, and forgets what there is of it and later ones.

        So a training that was killed after its last checkpoint and is resumed has
        no epoch twice, in whichever reader.

        Args:
            step: the first that is going to be written.

        Returns:
            Whether there are earlier steps.
        """
        self.close()
        kept = [
            _keep_before(file, step)
            for file in self.path.glob(f"events.out.tfevents.*{SUFFIX}")
        ]
        self._writer = tf.summary.create_file_writer(
            str(self.path), filename_suffix=SUFFIX
        )
        return any(kept)

    @property
    def started(self) -> bool:
        return self._writer is not None

    def at(self, step: int) -> AbstractContextManager[Any]:
        """Returns a context in which `tf.summary` writes here, at a step."""
        assert self._writer is not None, "start comes first"
        return self._writer.as_default(step)

    def flush(self) -> None:
        assert self._writer is not None, "start comes first"
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _keep_before(file: Path, step: int) -> bool:
    """Drops the events from a step on; returns whether anything is left."""
    records, left = [], False
    try:
        for record in tf.data.TFRecordDataset(str(file)):
            event = Event.FromString(record.numpy())
            if not event.HasField("summary"):
                records.append(record.numpy())
            elif event.step < step:
                records.append(record.numpy())
                left = True
    except tf.errors.DataLossError:
        pass  # The last record of a process that was killed may be half there.
    if not left:
        file.unlink()
        return False
    with replacing(file) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
        for record in records:
            writer.write(record)
    return True
