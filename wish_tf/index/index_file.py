"""One file of named arrays, written as a whole or not at all and mapped when read.

    magic     16 bytes
    length    of the header in bytes, uint32
    checksum  CRC-32 of the header, uint32
    header    JSON: format, version, values, and for every array its dtype, shape,
              place behind the header and CRC-32
    arrays    each at a multiple of 64 bytes of the file

All numbers are little-endian. What is in between is 0.
"""

from __future__ import annotations

import dataclasses
import json
import math
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.index.npz_file import MAGIC as NPZ_MAGIC
from wish_tf.index.npz_file import parse_npz

_MAGIC = b"\x89wish_tf index\r\n"
_START = struct.Struct(f"<{len(_MAGIC)}sII")
_ALIGNMENT = 64
# Arrays of up to so many bytes are always compared with their checksums.
_SMALL = 1 << 24


@dataclasses.dataclass(frozen=True)
class StoredIndex:
    """What an index file holds.

    Attributes:
        version: version of the format.
        values: numbers and strings by name; {} in version 1, which had arrays only.
        arrays: arrays by name, read-only and mapped from the file.
    """

    version: int
    values: dict[str, Any]
    arrays: dict[str, np.ndarray]


def write_index_file(
    path: str | os.PathLike[str],
    name: str,
    version: int,
    values: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Writes arrays to one file, replacing a former one in a single step.

    Args:
        path: The file, used exactly as given.
        name: Name of the format, stored in the file.
        version: Version of the format, stored in the file.
        values: Numbers and strings to store.
        arrays: Arrays of numbers to store.

    Raises:
        InputError: If the folder does not exist or the path is a folder.
        OSError: If the file system refuses to write; a former file stays as it is.
    """
    path = os.fspath(path)
    if os.path.isdir(path):
        raise InputError(f"an index is saved as a file; got the folder {path!r}.")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise InputError(
            f"an index is saved in an existing folder; got {path!r}, whose folder "
            "does not exist."
        )
    entries: dict[str, dict[str, Any]] = {}
    whole: dict[str, np.ndarray] = {}
    end = 0
    for key, array in arrays.items():
        whole[key] = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        entries[key] = {
            "dtype": whole[key].dtype.str,
            "shape": array.shape,
            "place": end,
            "crc32": zlib.crc32(_bytes_of(whole[key])),
        }
        end = _aligned(end + array.nbytes)
    header = json.dumps(
        {"format": name, "version": version, "values": values, "arrays": entries}
    ).encode()
    with replacing(path) as temporary, temporary.open("xb") as file:
        file.write(_START.pack(_MAGIC, len(header), zlib.crc32(header)))
        file.write(header)
        start = _aligned(file.tell())
        for key, entry in entries.items():
            file.write(bytes(start + entry["place"] - file.tell()))
            file.write(_bytes_of(whole[key]))
        file.flush()
        os.fsync(file.fileno())


def read_index_file(
    path: str | os.PathLike[str], name: str, version: int, *, verify: bool = False
) -> StoredIndex:
    """Maps what `write_index_file` wrote, or reads a file of version 1.

    The header and arrays of up to 16 MiB are always compared with their checksums,
    and the size of the file with what it should be.

    Args:
        path: The file, used exactly as given.
        name: Name of the format expected.
        version: Newest version of the format that can be read.
        verify: Whether larger arrays are compared with their checksums too, for
            which they must be read.

    Raises:
        InputError: If there is no such file, or it is damaged, of another format
            or of a version that cannot be read.
    """
    path = os.fspath(path)
    expected = f"{path!r} must be a {name} file"
    damaged = InputError(f"{expected}; got a damaged or incomplete file.")
    if not os.path.isfile(path):
        raise InputError(f"{expected}; got no file of that name.")
    with open(path, "rb") as file:
        magic = file.read(len(_MAGIC))
        if magic.startswith(NPZ_MAGIC):
            file.seek(0)
            return _read_npz(parse_npz(file), name, expected, damaged)
        if magic != _MAGIC:
            raise InputError(f"{expected}; got a file of some other kind.")
        file.seek(0)
        start = file.read(_START.size)
        _, length, checksum = _START.unpack(start.ljust(_START.size, b"\0"))
        header = file.read(length)
        if len(header) < length or zlib.crc32(header) != checksum:
            raise damaged
        header = json.loads(header)
        if header["format"] != name:
            raise InputError(f"{expected}; got a file of some other kind.")
        if header["version"] != version:
            raise _wrong_version(expected, header["version"])
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    arrays = {}
    first = end = _aligned(_START.size + length)
    for key, entry in header["arrays"].items():
        kind = np.dtype(entry["dtype"])
        count = math.prod(entry["shape"])
        begin = first + entry["place"]
        end = begin + count * kind.itemsize
        if len(mapped) < end:
            raise damaged
        array = np.frombuffer(mapped, kind, count, begin) if count else ()
        arrays[key] = np.asarray(array, kind).reshape(entry["shape"])
        checked = verify or arrays[key].nbytes <= _SMALL
        if checked and zlib.crc32(_bytes_of(arrays[key])) != entry["crc32"]:
            raise damaged
    if len(mapped) != end:
        raise damaged
    return StoredIndex(version, header["values"], arrays)


def _read_npz(
    arrays: dict[str, np.ndarray] | None,
    name: str,
    expected: str,
    damaged: InputError,
) -> StoredIndex:
    if arrays is None:
        raise damaged
    found = arrays.pop("format", None)
    if found is None or found.shape != () or str(found) != name:
        raise InputError(f"{expected}; got a file of some other kind.")
    found = arrays.pop("version", None)
    if found is None or found.shape != () or found != 1:
        raise _wrong_version(expected, found)
    return StoredIndex(1, {}, arrays)


def _wrong_version(expected: str, found: object) -> InputError:
    return InputError(
        f"{expected} of a version that this version of wish_tf can read; "
        f"got version {found}."
    )


def _aligned(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT


def _bytes_of(array: np.ndarray) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
