from __future__ import annotations

import threading
from pathlib import Path

import pytest
import tensorflow as tf

from tests.server.fake_servables import FakeLoader, write_version
from wish_tf.errors import InputError
from wish_tf.server.model_version import ModelVersion, VersionState
from wish_tf.server.serving_error import ServingError, StatusCode


@pytest.fixture
def loader() -> FakeLoader:
    return FakeLoader()


def _version(base: Path, loader: FakeLoader, content: str = "good") -> ModelVersion:
    write_version(base, 4, content)
    return ModelVersion(4, base / "4", loader.load)


def _leased(version: ModelVersion) -> ModelVersion:
    assert version.acquire()
    return version


def test_it_is_unloaded_after_the_last_lease(tmp_path: Path, loader: FakeLoader):
    version = _version(tmp_path, loader)
    assert version.state is VersionState.START and not version.acquire()
    version.load()
    assert not version.may_load_again()
    with pytest.raises(ZeroDivisionError), _leased(version) as first:
        with _leased(version):
            version.retire()
            version.retire()
            assert not version.acquire()
            assert version.state is VersionState.UNLOADING
        assert not first.closed
        raise ZeroDivisionError
    assert first.ended.wait(10)


def test_an_idle_version_is_unloaded_at_once(tmp_path: Path, loader: FakeLoader):
    version = _version(tmp_path, loader)
    version.load()
    version.retire()
    assert loader.loaded[0].closed and version.status.state is VersionState.END
    assert version.may_load_again()


def test_who_has_the_last_lease_does_not_wait_for_the_unloading(
    tmp_path: Path, loader: FakeLoader
):
    version = _version(tmp_path, loader)
    version.load()
    gate = threading.Event()
    close = loader.loaded[0].close
    loader.loaded[0].close = lambda: gate.wait(10) and close()
    with _leased(version):
        version.retire()
    assert version.state is VersionState.UNLOADING
    gate.set()
    assert loader.loaded[0].ended.wait(10)


def test_the_status_does_not_show_the_folders_of_the_machine(tmp_path: Path):
    def fail(path: Path, number: int) -> None:
        raise InputError(f"expected a model in {path}; got none in {path}/a")

    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for base in ("real", "link"):
        version = ModelVersion(4, tmp_path / base / "4", fail)
        version.load()
        message = version.status.error_message
        assert message == "expected a model in 4; got none in 4/a"
        assert str(tmp_path) in version.error.message


def _caused_by(cause: Exception) -> InputError:
    error = InputError("no model")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServingError(StatusCode.DATA_LOSS, "no model"), StatusCode.DATA_LOSS),
        (_caused_by(OSError()), StatusCode.NOT_FOUND),
        (_caused_by(tf.errors.DataLossError(None, None, "")), StatusCode.DATA_LOSS),
        (MemoryError("no model"), StatusCode.UNKNOWN),
    ],
)
def test_the_status_has_the_code_of_the_failure(
    tmp_path: Path, error: Exception, code: StatusCode
):
    def fail(path: Path, number: int) -> None:
        raise error

    version = ModelVersion(1, tmp_path, fail)
    version.load()
    status = version.status
    assert (status.error_code, status.error_message) == (code, "no model")


def test_a_failed_version_may_be_loaded_again_when_its_folder_has_changed(
    tmp_path: Path, loader: FakeLoader
):
    version = _version(tmp_path, loader, "bad")
    assert not version.may_load_again()
    version.load()
    assert not version.may_load_again()
    write_version(tmp_path, 4, "good again")
    assert version.may_load_again()
