from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Cell:
    """One run: a method trained on a corpus with a code length and a seed.

    Attributes:
        experiment: what it is for, and the name of the file of results.
        method: a name of `baselines.METHODS`.
        preset: a recipe of WISH, a binariser of the sentence encoder, or "default".
        corpus: of `wish_tf.corpora`.
        bits: length of the codes.
        seed: of the training.
        settings: what differs from the preset.
    """

    experiment: str
    method: str
    preset: str
    corpus: str
    bits: int
    seed: int
    settings: dict = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The cell as text; a line of results with it need not be run again."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def key_of(line: dict) -> str:
        """The key of the cell that a line of results is of."""
        return Cell(**{name: line[name] for name in Cell.__dataclass_fields__}).key
