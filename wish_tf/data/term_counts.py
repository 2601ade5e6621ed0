from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wish_tf.errors import InputError, first_line
from wish_tf.files import replacing

TEXTS = b"wish_tf.texts"


@dataclass(frozen=True)
class TermCounts:
    """In how many texts of a corpus each term is: all that vocabulary and idf need.

    A corpus that is too large for one machine is counted elsewhere, for example by
    `wish_tf.integrations.spark.count_terms`.

    Attributes:
        terms: UTF-8, each once.
        texts_with: the texts with each, int64 [len(terms)].
        texts: how many texts there are.
    """

    terms: list[bytes]
    texts_with: np.ndarray
    texts: int

    def save(self, path: str | Path) -> None:
        """Writes a Parquet file with the columns `term` and `texts`, whole or not at
        all; the number of all texts is in its metadata."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(
            {
                "term": pa.array(self.terms, pa.binary()),
                "texts": pa.array(self.texts_with, pa.int64()),
            }
        )
        table = table.replace_schema_metadata({TEXTS: str(self.texts)})
        with replacing(path) as temporary:
            pq.write_table(table, temporary)

    @classmethod
    def load(cls, path: str | Path) -> TermCounts:
        """Reads what `save` wrote.

        Raises:
            InputError: when the file is missing or holds something else.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path)
            texts = int((table.schema.metadata or {})[TEXTS])
            terms = table["term"].cast(pa.binary()).to_pylist()
            texts_with = table["texts"].cast(pa.int64()).to_numpy()
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise InputError(
                f"expected counts of terms in {path}; got what cannot be read as such: "
                f"{first_line(error)}"
            ) from error
        return cls(terms, texts_with, texts)
