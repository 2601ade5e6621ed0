from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wish_tf.errors import InputError


class ParquetTexts:
    """The texts of a Parquet file, a few at a time.

    Args:
        path: the file.
        text_column: a column of strings.
        id_column: a column of any type; None: the rows count from 1.

    Attributes:
        id_type: Arrow type of the ids.

    Raises:
        InputError: when there is no such file, or it has no such columns.
    """

    def __init__(
        self,
        path: str | Path,
        text_column: str = "text",
        id_column: str | None = None,
    ):
        self._path, self._text, self._id = path, text_column, id_column
        try:
            schema = pq.read_schema(path)
        except FileNotFoundError:
            raise InputError(
                f"expected a Parquet file; there is no {str(path)!r}"
            ) from None
        except pa.ArrowInvalid as error:
            raise InputError(
                f"expected a Parquet file; {str(path)!r} is another file, or damaged"
            ) from error
        text_type = self._type_of(text_column, schema)
        if not (pa.types.is_string(text_type) or pa.types.is_large_string(text_type)):
            raise InputError(
                f"expected strings in the column {text_column!r} of {str(path)!r}; "
                f"got {text_type}"
            )
        self.id_type = pa.int64()
        if id_column is not None:
            self.id_type = self._type_of(id_column, schema)

    def batches(self, size: int) -> Iterator[tuple[pa.Array, list[str | None]]]:
        """Yields ids and texts, up to `size` of each; a null text is None."""
        columns = [self._text] + ([] if self._id is None else [self._id])
        row = 1
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(size, columns=columns):
                if self._id is None:
                    ids = pa.array(range(row, row + len(batch)), self.id_type)
                else:
                    ids = batch[self._id]
                yield ids, batch[self._text].to_pylist()
                row += len(batch)

    def _type_of(self, column: str, schema: pa.Schema) -> pa.DataType:
        if column not in schema.names:
            raise InputError(
                f"expected a column {column!r} in {str(self._path)!r}; it has "
                f"{', '.join(map(repr, schema.names)) or 'none'}"
            )
        return schema.field(column).type
