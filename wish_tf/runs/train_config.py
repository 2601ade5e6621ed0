from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from wish_tf.corpora import Splits, load_corpus, split_corpus
from wish_tf.recipes import PRESETS, Recipe


@dataclass(frozen=True)
class TrainConfig:
    """What one run is asked for; kept in its config.json.

    Attributes:
        corpus: name or file, as `load_corpus` takes it.
        bits: number of hash bits.
        preset: a name in `wish_tf.recipes.PRESETS`.
        epochs: passes over the training texts.
        batch_size: texts a step.
        topic_dim: length of a topic vector.
        seed: of the random split and of the training.
        split: `"random"` or `"reference"`.
        epoch_by: which epoch's weights count: the best by the `"objective"` of
            training on the validation texts, the best by the `"labels"` of
            these, or the `"last"`.
        data_dir: as `load_corpus` takes it.
        limit: likewise.
        text_field: likewise.
        label_field: likewise.
    """

    corpus: str
    bits: int
    preset: str
    epochs: int
    batch_size: int
    topic_dim: int
    seed: int = 0
    split: str = "random"
    epoch_by: str = "objective"
    data_dir: str | None = None
    limit: int | None = None
    text_field: str = "text"
    label_field: str | None = None

    @classmethod
    def from_json(cls, config: dict[str, Any]) -> TrainConfig:
        """Returns what a config.json asks for."""
        return cls(**{name: config[name] for name in cls.__dataclass_fields__})

    def to_json(self) -> dict[str, Any]:
        """Returns what is to be kept in a config.json."""
        return asdict(self)

    def recipe(self) -> Recipe:
        """Returns how the model is built and trained."""
        return replace(
            PRESETS[self.preset](self.bits),
            epochs=self.epochs,
            batch_size=self.batch_size,
            topic_dim=self.topic_dim,
        )

    def load_splits(self) -> Splits:
        """Returns the corpus as train, validation and test."""
        corpus = load_corpus(
            self.corpus,
            data_dir=self.data_dir,
            limit=self.limit,
            text_field=self.text_field,
            label_field=self.label_field,
        )
        return split_corpus(corpus, self.split, self.seed)
