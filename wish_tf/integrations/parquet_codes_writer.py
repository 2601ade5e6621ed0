from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wish_tf.codes import codes_to_int
from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.hashed_texts import HashedTexts

METADATA_KEY = b"wish_tf"
FORMAT = 1
# The integer is signed, as every reader of Parquet knows it.
LONGEST_INTEGER = 63
# The least number of rows in a group but the last: large enough for readers, small
# enough that texts of a few kilobytes fit into memory.
ROW_GROUP = 1 << 16


class ParquetCodesWriter:
    """Writes codes to a Parquet file that appears whole or not at all.

    A row is a document; where it holds no known word, all but `id` and `text` are
    null. The columns:

    | column | type | |
    |---|---|---|
    | `id` | as given | |
    | `code` | int64 | bit 0 is the most significant; only up to 63 bits |
    | `code_bytes` | fixed-size binary | the packed bytes, see `wish_tf.codes` |
    | `probabilities` | fixed-size list of float32 | if wanted |
    | `text` | string | if wanted |

    The metadata of the schema have, under `wish_tf`, a JSON object with `format`,
    `bits` and `model`. Use it as a context manager: the file is there when the
    block ends, and not when it raises.

    Args:
        path: the file. A former one is replaced at the end.
        bits: length of the codes.
        id_type: Arrow type of the ids.
        model: what is known of the model, JSON values.
        probabilities: whether to write the probability of each bit.
        texts: whether to write the texts.

    Examples:
        >>> import tempfile
        >>> from wish_tf.integrations import ParquetCodes
        >>> probabilities = np.array([[0.9, 0.2], [0.6, 0.7]], np.float32)
        >>> hashed = HashedTexts(probabilities, np.array([False, False]))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with ParquetCodesWriter(f"{folder}/codes.parquet", bits=2) as writer:
        ...         writer.write([10, 11], hashed)
        ...     for ids, codes in ParquetCodes(f"{folder}/codes.parquet").batches():
        ...         print(ids, codes.tolist())
        [10 11] [[1, 0], [1, 1]]
    """

    def __init__(
        self,
        path: str | Path,
        bits: int,
        *,
        id_type: pa.DataType | None = None,
        model: Mapping[str, Any] | None = None,
        probabilities: bool = False,
        texts: bool = False,
    ):
        self._path = path
        self._bits = bits
        fields = [("id", id_type or pa.int64())]
        if bits <= LONGEST_INTEGER:
            fields.append(("code", pa.int64()))
        fields.append(("code_bytes", pa.binary(-(-bits // 8))))
        if probabilities:
            fields.append(("probabilities", pa.list_(pa.float32(), bits)))
        if texts:
            fields.append(("text", pa.string()))
        about = {"format": FORMAT, "bits": bits, "model": dict(model or {})}
        self._schema = pa.schema(fields, {METADATA_KEY: json.dumps(about).encode()})
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> ParquetCodesWriter:
        with ExitStack() as stack:
            temporary = stack.enter_context(replacing(self._path))
            self._file = stack.enter_context(pq.ParquetWriter(temporary, self._schema))
            stack.push(self._write_the_rest)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *raised: Any) -> bool | None:
        return self._open.__exit__(*raised)

    def write(
        self,
        ids: Sequence[int | str] | np.ndarray | pa.Array,
        hashed: HashedTexts,
        texts: Sequence[str | None] | pa.Array | None = None,
    ) -> None:
        """Adds documents; any number at a time.

        Args:
            ids: n ids of the type that was said.
            hashed: the codes of the n documents.
            texts: the n documents; only if texts are written.

        Raises:
            InputError: when there is not one of each for every document, the codes
                are of another length, or an id is of another type.
        """
        bits = hashed.bits
        if bits.shape[1] != self._bits:
            raise InputError(
                f"expected codes of {self._bits} bits, as in the file; "
                f"got {bits.shape[1]}"
            )
        if ("text" in self._schema.names) != (texts is not None):
            raise InputError(
                "expected texts if and only if the file has them; got "
                + ("none" if texts is None else "some for a file without")
            )
        columns = {"id": self._column("id", ids, len(bits))}
        if texts is not None:
            columns["text"] = self._column("text", texts, len(bits))
        unknown = hashed.out_of_vocabulary
        if "code" in self._schema.names:
            integers = codes_to_int(bits).astype(np.int64)
            columns["code"] = pa.array(integers, mask=unknown)
        packed = pa.py_buffer(np.ascontiguousarray(hashed.packed))
        known = pa.py_buffer(np.packbits(~unknown, bitorder="little"))
        binary = self._schema.field("code_bytes").type
        columns["code_bytes"] = pa.Array.from_buffers(
            binary, len(bits), [known, packed]
        )
        if "probabilities" in self._schema.names:
            columns["probabilities"] = pa.FixedSizeListArray.from_arrays(
                pa.array(hashed.probabilities.ravel()),
                self._bits,
                mask=pa.array(unknown),
            )
        batch = pa.record_batch(
            [columns[name] for name in self._schema.names], schema=self._schema
        )
        self._waiting.append(batch)
        if sum(len(batch) for batch in self._waiting) >= ROW_GROUP:
            self._write_row_group()

    def _write_row_group(self) -> None:
        # The file would get a row group for each batch, however small.
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._file.write_table(table, row_group_size=2 * ROW_GROUP)
        self._waiting.clear()

    def _write_the_rest(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._waiting:
            self._write_row_group()

    def _column(
        self,
        name: str,
        values: Sequence[Any] | np.ndarray | pa.Array,
        documents: int,
    ) -> pa.Array:
        wanted = self._schema.field(name).type
        try:
            column = pa.array(values, wanted)
        except (pa.ArrowException, TypeError, OverflowError) as error:
            raise InputError(
                f"expected {name}s of the type {wanted}; got others: "
                f"{str(error).splitlines()[0]}"
            ) from error
        if len(column) != documents:
            raise InputError(
                f"expected {documents} {name}s, one a code; got {len(column)}"
            )
        return column
