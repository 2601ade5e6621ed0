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

_MAGIC = b"\x89wish_tf index\r\n"
_START = struct.Struct(f"<{len(_MAGIC)}sII")
_ALIGNMENT = 64
# Arrays of up to so many bytes are always compared with their checksums.
_SMALL = 1 << 24


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
        raise InputError(f"expected a file for the index; got the folder {path!r}")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise InputError(
            f"expected an existing folder for the index; got {path!r}, whose folder "
            "does not exist"
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


def read_index_file(
    path: str | os.PathLike[str], name: str, version: int, *, verify: bool = False
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Maps what `write_index_file` wrote.

    The header and arrays of up to 16 MiB are always compared with their checksums,
    and the size of the file with what it should be.

    Args:
        path: The file, used exactly as given.
        name: Name of the format expected.
        version: The version of the format that can be read.
        verify: Whether larger arrays are compared with their checksums too, for
            which they must be read.

    Returns:
        The values, and the arrays, read-only and mapped from the file.

    Raises:
        InputError: If there is no such file, or it is damaged, of another format
            or of a version that cannot be read.
    """
    path = os.fspath(path)
    expected = f"expected a {name} file; got {path!r}, which is"
    if not os.path.isfile(path):
        raise InputError(f"{expected} {'a folder' if os.path.isdir(path) else 'none'}")
    with open(path, "rb") as file:
        start = file.read(_START.size)
        if not start.startswith(_MAGIC):
            raise InputError(f"{expected} of some other kind")
        _, length, checksum = _START.unpack(start.ljust(_START.size, b"\0"))
        # A damaged length may be more than there is memory for.
        header = file.read(min(length, os.path.getsize(path)))
        if zlib.crc32(header) != checksum:
            raise InputError(f"{expected} damaged or incomplete")
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    try:
        parsed = json.loads(header)
        if parsed["format"] != name:
            raise InputError(f"{expected} of some other kind")
        if parsed["version"] != version:
            raise InputError(
                f"expected a {name} file of version {version}; got {path!r}, which is "
                f"of version {parsed['version']}"
            )
        first = _aligned(_START.size + length)
        arrays = _arrays(mapped, first, parsed["arrays"], verify)
        return dict(parsed["values"]), arrays
    except InputError:
        raise
    # What a header can hold that was not written by this package.
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{expected} damaged or incomplete") from error


def contradiction(path: str | os.PathLike[str], name: str) -> InputError:
    """What is to be raised for a file whose values and arrays do not fit together."""
    return InputError(
        f"expected a {name} file; got {os.fspath(path)!r}, whose contents contradict "
        "each other"
    )


def _arrays(
    mapped: memoryview, first: int, entries: dict[str, dict[str, Any]], verify: bool
) -> dict[str, np.ndarray]:
    """Returns the arrays that a header tells of; ValueError if they are others."""
    arrays = {}
    end = first
    for key, entry in entries.items():
        kind = np.dtype(entry["dtype"])
        count = math.prod(entry["shape"])
        begin = first + entry["place"]
        end = begin + count * kind.itemsize
        if len(mapped) < end:
            raise ValueError(key)
        array = np.frombuffer(mapped, kind, count, begin) if count else ()
        arrays[key] = np.asarray(array, kind).reshape(entry["shape"])
        checked = verify or arrays[key].nbytes <= _SMALL
        if checked and zlib.crc32(_bytes_of(arrays[key])) != entry["crc32"]:
            raise ValueError(key)
    if len(mapped) != end:
        raise ValueError("more than the arrays")
    return arrays


def _aligned(place: int) -> int:
    return -(-place // _ALIGNMENT) * _ALIGNMENT


def _bytes_of(array: np.ndarray) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
