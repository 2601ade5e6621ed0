from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.fake_servables import FakeLoader, write_version
from wish_tf.server import ModelConfig, VersionPolicy
from wish_tf.server.served_model import ServedModel


@pytest.fixture
def loader() -> FakeLoader:
    return FakeLoader()


def _serving(config: ModelConfig, load: Callable) -> ServedModel:
    model = ServedModel(load)
    _configure(model, config)
    return model


def _configure(model: ServedModel, config: ModelConfig) -> None:
    versions = model.load_beside(config)
    model.take(config, versions)
    model.retire_all_but(set(versions))


@pytest.fixture
def model(tmp_path: Path, loader: FakeLoader) -> ServedModel:
    """A model that serves its version 1."""
    write_version(tmp_path, 1)
    return _serving(ModelConfig("m", tmp_path), loader.load)


def _states(model: ServedModel) -> dict[int, str]:
    return {status.version: status.state.name for status in model.statuses}


def _leased(model: ServedModel, version: int | None = None) -> int | None:
    lease = model.lease(version)
    if lease is None:
        return None
    with lease as servable:
        return servable.version


def test_a_new_version_takes_over(model: ServedModel, tmp_path: Path):
    write_version(tmp_path, 2)
    with model.lease(None) as servable:
        model.refresh()
        assert servable.version == 1 and not servable.closed
        assert _states(model) == {2: "AVAILABLE", 1: "UNLOADING"}
        assert _leased(model) == 2 and _leased(model, 1) is None
    assert servable.ended.wait(10)
    write_version(tmp_path, 10)
    _configure(model, ModelConfig("m", tmp_path, VersionPolicy(every=True)))
    assert list(_states(model)) == [10, 2, 1]
    shutil.rmtree(tmp_path / "10")
    model.refresh()
    assert _states(model) == {10: "END", 2: "AVAILABLE", 1: "AVAILABLE"}
    assert _leased(model) == 2


def test_the_old_version_serves_while_the_new_one_loads(tmp_path: Path):
    seen = []

    def load(path: Path, version: int) -> object:
        if version == 2:
            seen.append((_leased(model), _states(model)))
        return FakeLoader().load(path, version)

    write_version(tmp_path, 1)
    model = _serving(ModelConfig("m", tmp_path), load)
    write_version(tmp_path, 2)
    model.refresh()
    assert seen == [(1, {2: "LOADING", 1: "AVAILABLE"})]


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    model: ServedModel, tmp_path: Path, loader: FakeLoader
):
    write_version(tmp_path, 2, "bad")
    model.refresh()
    model.refresh()
    assert _states(model) == {2: "END", 1: "AVAILABLE"}
    assert model.statuses[0].error_message == "version 2 is bad"
    assert _leased(model) == 1
    write_version(tmp_path, 2, "good again")
    model.refresh()
    assert _states(model) == {2: "AVAILABLE", 1: "END"}
    assert loader.loaded[0].closed and not loader.loaded[1].closed


def test_neither_an_empty_folder_nor_a_missing_one_ends_the_service(
    model: ServedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    model.refresh()
    model.refresh()
    assert _leased(model) == 1
    assert caplog.text.count("No such file") == 1
    tmp_path.mkdir()
    model.refresh()
    model.refresh()
    assert _leased(model) == 1
    assert caplog.text.count("what is loaded of model m stays") == 1
    # The next version takes over.
    write_version(tmp_path, 2)
    model.refresh()
    assert _states(model) == {2: "AVAILABLE", 1: "END"}


def test_a_model_can_be_withdrawn_and_come_back(model: ServedModel, tmp_path: Path):
    model.withdraw()
    model.refresh()
    assert _states(model) == {1: "END"}
    _configure(model, ModelConfig("m", tmp_path))
    assert _states(model) == {1: "AVAILABLE"}
