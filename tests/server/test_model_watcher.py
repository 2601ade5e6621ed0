from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.fake_servables import FakeLoader, write_version
from wish_tf.server import ModelConfig, ServerOptions
from wish_tf.server.model_config import read_model_config_file
from wish_tf.server.model_manager import ModelManager, ModelWatcher
from wish_tf.server.serving_error import ServingError

CONFIG = """model_config_list {{ config {{
  name: "{name}" base_path: "{path}" model_platform: "tensorflow"
}} }}"""


def _watch(manager: ModelManager, path: Path, seconds: float = 0.02) -> ModelWatcher:
    config = ModelConfig("m", path)
    options = ServerOptions(config, file_system_poll_wait_seconds=seconds)
    return ModelWatcher(manager, options)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _serves(manager: ModelManager, name: str, version: int) -> bool:
    try:
        statuses = manager.statuses(name)
    except ServingError:
        return False  # not named yet, or named and no version of it begun
    return any(
        status.version == version and status.state.name == "AVAILABLE"
        for status in statuses
    )


def test_nothing_is_looked_for_with_a_wait_of_0(tmp_path: Path):
    write_version(tmp_path, 1)
    manager = ModelManager([ModelConfig("m", tmp_path)], FakeLoader().load)
    write_version(tmp_path, 2)
    with _watch(manager, tmp_path, 0) as watcher:
        assert not watcher._thread.is_alive()
    assert _serves(manager, "m", 1) and not _serves(manager, "m", 2)


def test_a_fault_does_not_stop_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    write_version(tmp_path, 1)
    manager = ModelManager([ModelConfig("m", tmp_path)], FakeLoader().load)
    refresh, faults = manager.refresh, [ZeroDivisionError()]

    def fail_once() -> None:
        if faults:
            raise faults.pop()
        refresh()

    monkeypatch.setattr(manager, "refresh", fail_once)
    write_version(tmp_path, 2)
    with _watch(manager, tmp_path):
        _until(lambda: _serves(manager, "m", 2))
    assert "Cannot bring the models up to date" in caplog.text


def test_the_configuration_file_is_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    write_version(tmp_path / "a", 1)
    write_version(tmp_path / "b", 1)
    file = tmp_path / "models.config"
    file.write_text(CONFIG.format(name="a", path=tmp_path / "a"))
    manager = ModelManager(read_model_config_file(file), FakeLoader().load)
    options = ServerOptions(
        model_config_file=file,
        file_system_poll_wait_seconds=0,
        model_config_file_poll_wait_seconds=0.02,
    )
    with ModelWatcher(manager, options):
        file.write_text("model_config_list { confi }")
        _until(lambda: "Cannot follow" in caplog.text)
        assert _serves(manager, "a", 1)
        file.write_text(CONFIG.format(name="b", path=tmp_path / "b"))
        _until(lambda: _serves(manager, "b", 1))
        _until(lambda: not _serves(manager, "a", 1))
    assert caplog.text.count("Cannot follow") == 1
