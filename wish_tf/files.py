"""Files and folders that appear whole or not at all, and never over an input."""

from __future__ import annotations

import errno
import fcntl
import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError

_PREFIX, _SUFFIX = ".wish_tf.", ".partial"


def check_outputs(
    outputs: Iterable[str | Path | None],
    inputs: Iterable[str | Path | None],
    *,
    folders: bool = False,
) -> None:
    """Refuses to write what is read, before any work.

    A file is known by itself, so also by a link or another spelling.

    Args:
        outputs: what will be written; None is passed over.
        inputs: what is read: files, patterns of files, and folders all of whose
            files are read. None and what does not exist (the name of a built-in
            corpus) are passed over; "-" is the standard input.
        folders: whether the outputs are folders, not files.

    Raises:
        InputError: when an output is an input or in one, two outputs are one, or an
            output is a folder where a file is meant. With `folders`, also when an
            output holds an input.
    """
    read: list[str] = []
    patterns: list[str] = []
    for path in inputs:
        name = os.path.expanduser("/dev/stdin" if path == "-" else path or "")
        patterns += [os.path.abspath(name)] * glob.has_magic(name)
        read += [name] if os.path.exists(name) else glob.glob(name, recursive=True)
    written: list[Path] = []
    for output in (path for path in outputs if path):
        target = Path(os.path.realpath(output))
        if not folders and target.exists() and not target.is_file():
            kind = "a folder" if target.is_dir() else "no file"
            raise InputError(
                f"expected a file to write; got {str(output)!r}, which is {kind}"
            )
        for pattern in patterns:
            if fnmatch(os.path.abspath(output), pattern):
                raise InputError(
                    "expected an output apart from what is read; got "
                    f"{str(output)!r}, which {pattern!r} would match"
                )
        for taken in read:
            within = [target, *target.parents] if os.path.isdir(taken) else [target]
            holds = Path(os.path.realpath(taken)).parents if folders else ()
            if any(_is_one(part, taken) for part in within) or any(
                _is_one(target, part) for part in holds
            ):
                raise InputError(
                    "expected an output apart from what is read; got "
                    f"{str(output)!r}, and {str(taken)!r} is read"
                )
        if any(target == other or _is_one(target, other) for other in written):
            raise InputError(f"expected different outputs; got {str(output)!r} twice")
        written.append(target)


def _is_one(path: Path, other: str | Path) -> bool:
    return path.exists() and os.path.exists(other) and os.path.samefile(path, other)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path for `path`, to which it is moved on success.

    On an exception what was written is removed, and whatever stood at `path` stays
    as it was. Of two writers of one path the last one's file stays, whole. The
    temporary path has the name of `path` and lies in a `scratch_folder` beside it.

    Args:
        path: the file, or the folder that does not exist yet, to be written.
            Missing parent folders are made; a link stays a link.

    Raises:
        OSError: when it cannot be written.
    """
    # The target of a link, so that the link stays.
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
    with scratch_folder(target.parent) as folder:
        temporary = folder / target.name
        yield temporary
        if temporary.is_file():
            if target.is_file():
                shutil.copymode(target, temporary)
            # Else a crash could leave the new name and no content.
            _sync(temporary)
        os.replace(temporary, target)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Yields a new hidden folder, which is removed at the end with what is in it.

    It is locked (`flock`) for as long as its process lives. Those of killed
    processes are therefore removed by the next one that comes to its end. A file
    system without locks keeps them. Where locks hold within one machine only (NFS
    mounted with `local_lock`, Lustre with `localflock`), two machines must not write
    to one folder.

    Args:
        parent: the folder to make it in.

    Raises:
        OSError: when it cannot be made.
    """
    folder, lock = _locked_folder(parent)
    try:
        yield folder
        _remove_stale(parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    """Makes a folder; returns it and the file descriptor that holds its lock."""
    while True:
        try:
            folder = Path(tempfile.mkdtemp(_SUFFIX, _PREFIX, parent))
        except OSError as error:
            # Without the name that nobody asked for.
            raise OSError(error.errno, error.strerror, os.fspath(parent)) from error
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # No locks here.
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)
        # Another process took it for a dead one's before it was locked.


def _remove_stale(parent: Path) -> None:
    """Removes the scratch folders of processes that are dead."""
    for folder in parent.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):  # A living one's, another user's, or just gone.
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def write_json(path: str | Path, value: Any) -> None:
    """Writes a JSON file, whole or not at all."""
    with replacing(path) as temporary:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: str | Path, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the object in a JSON file.

    Args:
        path: the file.
        parts: what it must hold, as `check_parts` takes it.

    Raises:
        InputError: when it is missing or holds something else.
    """
    if not Path(path).is_file():
        raise InputError(f"expected a JSON file; got {path}, which is none")
    try:
        value = json.loads(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"expected JSON in {path}; got what cannot be read: {error}"
        ) from error
    check_parts(value, parts, f"in {path}")
    return value


def check_parts(value: Any, parts: Mapping[str, Any], where: str) -> None:
    """Checks what an object of JSON holds; it may hold more.

    Args:
        value: should be the object.
        parts: by key a type, a union of types or, for an object, its parts.
        where: to be said in an error.

    Raises:
        InputError: when it is no object, or a part is missing or of another type.
    """
    if not isinstance(value, dict):
        raise InputError(f"expected an object {where}; got {value!r:.60}")
    for name, kind in parts.items():
        if name not in value:
            raise InputError(f"expected {name} {where}; got none")
        if isinstance(kind, Mapping):
            check_parts(value[name], kind, f"as {name} {where}")
        elif not isinstance(value[name], kind):
            wanted = getattr(kind, "__name__", str(kind))
            raise InputError(
                f"expected {name} of type {wanted} {where}; got {value[name]!r:.60}"
            )
