from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, get_type_hints

from wish_tf.corpora import Documents, Fields, Splits, load_corpus, split_corpus
from wish_tf.data.term_counts import TermCounts
from wish_tf.errors import InputError
from wish_tf.files import check_parts
from wish_tf.layers import TfidfVectorization
from wish_tf.recipes import Recipe
from wish_tf.runs.term_settings import TERM_SETTINGS, TermSettings

# So many documents are read into memory. Beyond, that takes more of it than it tells
# about a corpus: the default learns from far fewer (`strategy.sample`).
MOST_IN_MEMORY = 1_000_000


@dataclass(frozen=True)
class TrainConfig:
    """What one run is asked for; kept in its config.json.

    Attributes:
        corpus: name or file, as `load_corpus` takes it.
        bits: number of hash bits.
        recipe: how the model is built and trained, as `Recipe.to_json` writes it.
        like: an older run whose codes are kept, or None.
        seed: of the random split and of the training.
        split: `"random"` or `"reference"`.
        epoch_by: which epoch's weights count: the best by the `"objective"` of
            training on the validation texts, the best by a measure of
            `wish_tf.metrics.yardstick.QUALITIES` on these, or the `"last"`. None is
            the first of these, or None where the recipe has no epochs.
        data_dir: as `load_corpus` takes it.
        limit: likewise.
        fields: likewise.
        terms: how texts are taken apart.
        counts: a file of `TermCounts` of a larger corpus, of which `corpus` is a
            sample; None: vocabulary and idf are learned from the training texts.
    """

    corpus: str
    bits: int
    recipe: dict[str, Any]
    like: str | None = None
    seed: int = 0
    split: str = "random"
    epoch_by: str | None = None
    data_dir: str | None = None
    limit: int | None = None
    fields: Fields = field(default_factory=Fields)
    terms: TermSettings = field(default_factory=TermSettings)
    counts: str | None = None

    def __post_init__(self) -> None:
        if self.epoch_by is None and self.recipe["fit"] is not None:
            object.__setattr__(self, "epoch_by", "objective")

    @classmethod
    def from_json(cls, config: dict[str, Any]) -> TrainConfig:
        """Returns what a config.json asks for.

        Raises:
            InputError: when it is not that of a run.
        """
        parts = get_type_hints(cls) | {
            "fields": get_type_hints(Fields),
            "terms": TERM_SETTINGS,
            "recipe": {},
        }
        check_parts(config, parts, "in config.json")
        Recipe.from_json(config["recipe"])
        values = {name: config[name] for name in cls.__dataclass_fields__}
        fields = {name: config["fields"][name] for name in Fields.__dataclass_fields__}
        terms: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in config["terms"].items()
            if name in TERM_SETTINGS
        }
        return cls(
            **values | {"fields": Fields(**fields), "terms": TermSettings(**terms)}
        )

    def to_json(self) -> dict[str, Any]:
        """Returns what is to be kept in a config.json."""
        return asdict(self)

    def load_splits(self) -> Splits:
        """Returns the corpus as train, validation and test; of more than
        `MOST_IN_MEMORY` documents in files, and without a `limit`, a random sample of
        so many."""
        corpus = load_corpus(
            self.corpus,
            data_dir=self.data_dir,
            limit=self.limit,
            fields=self.fields,
            unique_ids=False,
            most=MOST_IN_MEMORY if self.limit is None else None,
        )
        return split_corpus(corpus, self.split, self.seed)

    def term_counts(
        self, splits: Splits, on_progress: Callable[[int, int], None]
    ) -> TermCounts | None:
        """Returns in how many texts each term is, if the training texts do not tell:
        those of the file `counts`, or of all documents of which `splits` are a sample.

        Args:
            splits: what `load_splits` returned.
            on_progress: called with the number of documents counted, and of all.

        Raises:
            InputError: when documents have to be read again, and cannot be.
        """
        if self.counts is not None:
            return TermCounts.load(self.counts)
        total = splits.sampled_from
        if total is None:
            return None
        documents = Documents(self.corpus, self.fields)
        if "-" in documents.paths:
            raise InputError(
                f"expected files, where there are more than {MOST_IN_MEMORY:,} "
                f"documents; got {total:,} by standard input"
            )

        def texts() -> Iterator[str]:
            count = 0
            for batch in documents.batches(None):
                found = [text for text in batch.texts if text is not None]
                yield from found
                count += len(found)
                on_progress(count, total)

        return TfidfVectorization(**asdict(self.terms)).count_texts(texts())
