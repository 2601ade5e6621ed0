"""Versions that load at once, for tests of what is around them."""

from __future__ import annotations

import threading
from pathlib import Path

from wish_tf.errors import InputError


class FakeServable:
    """Remembers whether it was closed; `ended` can be waited for."""

    def __init__(self, path: Path, version: int) -> None:
        self.version = version
        self.content = (path / "content").read_text()
        self.ended = threading.Event()

    @property
    def closed(self) -> bool:
        return self.ended.is_set()

    def close(self) -> None:
        assert not self.closed
        self.ended.set()


class FakeLoader:
    """Loads `FakeServable`s; a version whose content is "bad" fails."""

    def __init__(self) -> None:
        self.loaded: list[FakeServable] = []

    def load(self, path: Path, version: int) -> FakeServable:
        servable = FakeServable(path, version)
        if servable.content == "bad":
            raise InputError(f"version {version} is bad")
        self.loaded.append(servable)
        return servable


def write_version(base: Path, version: int, content: str = "good") -> None:
    """Makes or changes a version that `FakeLoader` can load."""
    folder = base / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "content").write_text(content)
