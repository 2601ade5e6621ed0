"""Small hashers, and a page over them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.page.served import Served, serve_page
from tests.server.page.small_hashers import SmallHasher, export_small


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of as many bits with other weights."""
    folder = tmp_path_factory.mktemp("other")
    export_small(folder, seed=1)
    return folder


@pytest.fixture(scope="session")
def served(hasher: SmallHasher, other_model: Path) -> Iterator[Served]:
    """Two models, the first with its index."""
    models = {"small": hasher.path, "other/<b>": other_model}
    with serve_page(models, [hasher.index]) as server:
        yield server
