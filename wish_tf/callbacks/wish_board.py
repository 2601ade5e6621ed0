from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams_api

from wish_tf.callbacks.board_sample import BoardSample
from wish_tf.callbacks.progress import Progress, ProgressCallback
from wish_tf.callbacks.projector_files import ProjectorPoints, write_projector
from wish_tf.callbacks.topic_pictures import (
    buckets_table,
    overlap_picture,
    topics_table,
    words_table,
)
from wish_tf.codes import code_strings
from wish_tf.naming import Bucket, Topic

WORDS = 10
# Steps of the annealing from one record to the next.
ANNEALING_STEPS = 10
# Of the names that models and callbacks put into logs; others are under other/.
TAGS = {
    "loss": "loss/total",
    "reconstruction": "loss/reconstruction",
    "kl": "loss/kl",
    "orthogonality": "loss/orthogonality",
    "objective": "loss/objective",
    "bit_entropy": "codes/bit_entropy",
    "distinct_codes": "codes/distinct_codes",
    "dead_bits": "codes/dead_bits",
    "kl_weight": "training/kl_weight",
    "learning_rate": "training/learning_rate",
    "precision_at_100": "retrieval/precision_at_100",
    "neighbour_overlap_at_100": "retrieval/neighbour_overlap_at_100",
}


class WishBoard(ProgressCallback):
    """Shows the training of a `WISH`, or of nested codes, in TensorBoard.

    docs/tensorboard.md says what each tag means and how a healthy one looks. Steps
    are epochs from 0, as those of `keras.callbacks.TensorBoard`. What an earlier
    training left in the folder stays.

    The projector's files are written when training ends, of the weights that
    callbacks before this one leave then.

    Args:
        log_dir: folder of the events; `train`, `validation` and `annealing` are
            made in it.
        sample: the documents by which retrieval is measured, or None.
        vocabulary: the words, by number; without them topics show numbers.
        hparams: settings to show beside those of model and optimizer.
    """

    def __init__(
        self,
        log_dir: str | Path,
        *,
        sample: BoardSample | None = None,
        vocabulary: Sequence[str] | None = None,
        hparams: Mapping[str, Any] | None = None,
    ):
        super().__init__()
        self.log_dir = Path(log_dir)
        self.sample = sample
        self.vocabulary = vocabulary
        self.hparams = dict(hparams or {})
        self._writers: dict[str, tf.summary.SummaryWriter] = {}
        self._shown: dict[str, np.ndarray] = {}

    def set_model(self, model: keras.Model) -> None:
        """Called by Keras.

        Raises:
            ValueError: when the model has no topics.
        """
        if not hasattr(model, "topics") or not hasattr(model, "encoder"):
            raise ValueError(
                f"expected a WISH, which has topics; got a {type(model).__name__}"
            )
        super().set_model(model)

    def on_progress(self, progress: Progress) -> None:
        if progress.stage == "topics" and progress.step % ANNEALING_STEPS == 0:
            with self._at(progress.step, "annealing"):
                for name, value in progress.values.items():
                    tf.summary.scalar(f"annealing/{name}", value)

    def show(self, topics: Sequence[Topic], buckets: Sequence[Bucket]) -> None:
        """Shows what names the bits and the buckets of a finished hasher.

        Args:
            topics: of the first bits.
            buckets: of their codes.
        """
        with self._at(0):
            tf.summary.text("topics/names", topics_table(topics))
            tf.summary.text("topics/buckets", buckets_table(topics, buckets))
        self._close()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._close()
        self._shown = {}
        with self._at(0):
            hparams_api.hparams(self._all_hparams())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        trained = {k: v for k, v in logs.items() if not k.startswith("val_")}
        trained["learning_rate"] = self._learning_rate()
        trained["kl_weight"] = self.model.kl_weight
        with self._at(epoch, "train"):
            _scalars(trained)
        with self._at(epoch, "validation"):
            validated = {k[4:]: v for k, v in logs.items() if k.startswith("val_")}
            if self.sample is not None:
                database, queries = self.sample.probabilities(self.model.encoder)
                # What stands in the logs is of all documents.
                validated = self.sample.retrieval(database, queries) | validated
                tf.summary.histogram("codes/mean_p", queries.mean(axis=0), buckets=20)
            _scalars(validated)
        with self._at(epoch):
            self._show_topics()
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._close()
        write_projector(self.log_dir, self._points())

    def _at(self, step: int, run: str = "") -> AbstractContextManager[Any]:
        """Returns a context in which `tf.summary` writes to a run, at a step."""
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(str(self.log_dir / run))
        return self._writers[run].as_default(step)

    def _close(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()

    def _show_topics(self) -> None:
        """Shows the topics where they have changed."""
        vectors, words = self.model.decoder.topics.numpy(), self.model.topics(WORDS)[0]
        before, gram = self._shown, vectors @ vectors.T
        self._shown = {"gram": gram, "words": words}
        if not before or not np.array_equal(before["gram"], gram):
            tf.summary.image("topics/gram", overlap_picture(gram)[None])
            others = np.abs(gram - np.diag(np.diag(gram)))
            tf.summary.scalar("topics/largest_gram", others.max())
        if not before or not np.array_equal(before["words"], words):
            tf.summary.text("topics/words", words_table(self._words(words)))

    def _words(self, numbers: np.ndarray) -> list[list[str]]:
        known = self.vocabulary
        return [[str(i if known is None else known[i]) for i in bit] for bit in numbers]

    def _points(self) -> list[ProjectorPoints]:
        vectors, words = self.model.decoder.topics.numpy(), self.model.topics(WORDS)[0]
        about = [[str(i), " ".join(bit)] for i, bit in enumerate(self._words(words))]
        points = [ProjectorPoints("topics", vectors, ("bit", "words"), about)]
        if self.sample is not None:
            _, p = self.sample.probabilities(self.model.encoder)
            columns = {"code": code_strings(p > 0.5)}
            if self.sample.labels is not None:
                columns["label"] = [_label(label) for label in self.sample.labels]
            if self.sample.texts is not None:
                columns["text"] = [text[:100] for text in self.sample.texts]
            rows = list(zip(*columns.values(), strict=True))
            points.insert(0, ProjectorPoints("probabilities", p, (*columns,), rows))
        return points

    def _learning_rate(self) -> float:
        # Under a strategy it is a variable of all replicas, which is no number.
        rate = self.model.optimizer.learning_rate
        return float(keras.ops.convert_to_numpy(rate))

    def _all_hparams(self) -> dict[str, bool | int | float | str]:
        settings = {
            "optimizer": type(self.model.optimizer).__name__,
            "learning_rate": self._learning_rate(),
            **_flat(self.model.get_config()),
            **self.hparams,
        }
        return {
            name: value if isinstance(value, (bool, int, float, str)) else str(value)
            for name, value in settings.items()
            if value is not None
        }


def _scalars(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        tf.summary.scalar(TAGS.get(name, f"other/{name}"), value)


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings of a model and its encoder, without Keras' own."""
    flat: dict[str, Any] = {}
    for name, value in config.items():
        if name == "encoder":
            flat |= _flat(value)
        elif name not in ("name", "trainable", "dtype", "topics_initializer"):
            flat[name] = value
    return flat


def _label(label: Any) -> str:
    if isinstance(label, (str, bytes)) or not hasattr(label, "__iter__"):
        return str(label)
    return ", ".join(map(str, label))
