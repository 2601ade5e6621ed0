from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wish_tf.codes import unpack_bits
from wish_tf.errors import InputError
from wish_tf.integrations.parquet_codes_writer import FORMAT, METADATA_KEY


class ParquetCodes:
    """The codes in a Parquet file that `ParquetCodesWriter` wrote.

    Args:
        path: the file.

    Attributes:
        bits: length of the codes.
        model: what the file says of the model that gave them.
        documents: how many there are, those without a known word as well.

    Raises:
        InputError: when there is no such file, or it is another one.
    """

    def __init__(self, path: str | Path):
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                about = json.loads(file.schema_arrow.metadata[METADATA_KEY])
                self.documents = file.metadata.num_rows
        except FileNotFoundError:
            raise InputError(
                f"expected a Parquet file of codes; got no {str(path)!r}"
            ) from None
        except (pa.ArrowInvalid, OSError, TypeError, KeyError, ValueError) as error:
            raise InputError(
                "expected a Parquet file of codes that wish_tf wrote; got "
                f"{str(path)!r}, which is another file, or damaged"
            ) from error
        if about["format"] != FORMAT:
            raise InputError(
                f"expected a file of codes of format {FORMAT}; got {str(path)!r} "
                f"of format {about['format']}"
            )
        self.bits = int(about["bits"])
        self.model = about["model"]

    def batches(self, size: int = 1 << 16) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the documents that have a code.

        Args:
            size: how many are read at once; bounds the memory.

        Yields:
            Ids, [m], int64, or objects where they are strings or one is missing
            (None), and codes, uint8 [m, bits] of 0 and 1.
        """
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(size, columns=["id", "code_bytes"]):
                known = batch.filter(batch["code_bytes"].is_valid())
                packed = b"".join(known["code_bytes"].to_pylist())
                rows = np.frombuffer(packed, np.uint8).reshape(known.num_rows, -1)
                if known.num_rows:
                    yield _ids(known["id"]), unpack_bits(rows, self.bits)


def _ids(column: pa.Array) -> np.ndarray:
    if not column.null_count:
        return column.to_numpy(zero_copy_only=False)
    # NumPy would have to make integers beside a null floating, and others of them.
    ids = np.empty(len(column), object)
    ids[:] = column.to_pylist()
    return ids
