from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.server.fake_servables import FakeLoader, write_version
from wish_tf.errors import InputError
from wish_tf.server import ModelConfig, VersionPolicy
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.serving_error import ServingError

ALL = VersionPolicy(every=True)


@pytest.fixture
def loader() -> FakeLoader:
    return FakeLoader()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two models: `a` with versions 1 and 2, `b` with version 7."""
    write_version(tmp_path / "a", 1)
    write_version(tmp_path / "a", 2)
    write_version(tmp_path / "b", 7)
    return tmp_path


@pytest.fixture
def manager(folder: Path, loader: FakeLoader) -> ModelManager:
    configs = [
        ModelConfig("a", folder / "a", ALL, {"stable": 1}),
        ModelConfig("b", folder / "b"),
    ]
    return ModelManager(configs, loader.load)


def _leased(manager: ModelManager, *which: object) -> int:
    with manager.lease(*which) as servable:
        return servable.version


def _refusal(manager: ModelManager, *which: object) -> str:
    with pytest.raises(ServingError) as caught:
        _leased(manager, *which)
    return str(caught.value)


def test_requests_find_their_version(manager: ModelManager):
    assert _leased(manager, "a") == 2
    assert _leased(manager, "a", 1) == 1
    assert _leased(manager, "a", None, "stable") == 1
    assert _leased(manager, "b") == 7
    assert manager.has_model("a") and not manager.has_model("c")


@pytest.mark.parametrize(
    ("which", "code"),
    [
        (("c",), "NOT_FOUND"),
        (("a", 3), "NOT_FOUND"),
        (("a", None, "canary"), "INVALID_ARGUMENT"),
        (("c", None, "stable"), "INVALID_ARGUMENT"),
        (("",), "INVALID_ARGUMENT"),
    ],
)
def test_requests_for_what_is_not_there(manager: ModelManager, which, code: str):
    assert _refusal(manager, *which).startswith(f"{code}: ")


def test_statuses(manager: ModelManager):
    assert [status.version for status in manager.statuses("a")] == [2, 1]
    assert [status.version for status in manager.statuses("a", 1)] == [1]
    assert [status.version for status in manager.statuses("a", None, "stable")] == [1]
    with pytest.raises(ServingError, match="^NOT_FOUND: Could not find any versions"):
        manager.statuses("c")
    with pytest.raises(ServingError, match="Could not find version 3 of model a"):
        manager.statuses("a", 3)


def test_the_configuration_can_change(
    manager: ModelManager, folder: Path, loader: FakeLoader
):
    write_version(folder / "c", 1)
    manager.configure(
        [
            ModelConfig("a", folder / "a", labels={"canary": 2}),
            ModelConfig("c", folder / "c"),
        ]
    )
    assert _leased(manager, "a", None, "canary") == 2
    assert "Unrecognized" in _refusal(manager, "a", None, "stable")
    assert "Specific(a, 1)" in _refusal(manager, "a", 1)
    assert "Latest(b)" in _refusal(manager, "b")
    assert manager.statuses("b")[0].state.name == "END"
    assert _leased(manager, "c") == 1
    assert sorted(item.version for item in loader.loaded if item.closed) == [1, 7]


def test_a_configuration_without_versions_changes_nothing(
    manager: ModelManager, folder: Path
):
    with pytest.raises(InputError, match="nope: No such file"):
        manager.configure([ModelConfig("c", folder / "nope")])
    with pytest.raises(InputError, match=r"versions \[5\] in .*; got \[1, 2\]$"):
        policy = VersionPolicy(specific=frozenset({5}))
        manager.configure([ModelConfig("a", folder / "a", policy)])
    assert _leased(manager, "b") == 7


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("version", "labels"),
    [("bad", {}), ("good", {"next": 9})],
    ids=["bad version", "label of no version"],
)
def test_a_refused_configuration_changes_nothing(
    manager: ModelManager,
    folder: Path,
    loader: FakeLoader,
    order: int,
    version: str,
    labels: dict[str, int],
):
    """Whichever of the models comes first, and though others could be had."""
    write_version(folder / "b", 8)
    write_version(folder / "c", 1, version)
    before = [(manager.statuses(name), manager.available) for name in "ab"]
    configs = [
        ModelConfig("a", folder / "a", labels={"stable": 2}),
        ModelConfig("b", folder / "b"),
        ModelConfig("c", folder / "c", labels=labels),
    ]
    served = list(loader.loaded)
    with pytest.raises((InputError, ServingError)):
        manager.configure(configs[::order])
    assert [(manager.statuses(name), manager.available) for name in "ab"] == before
    assert not manager.has_model("c")
    assert _leased(manager, "a", None, "stable") == 1 and _leased(manager, "b") == 7
    assert [item.closed for item in served] == [False] * 3
    assert all(item.closed for item in loader.loaded if item not in served)


def test_new_labels_may_be_early_if_so_allowed(folder: Path, loader: FakeLoader):
    config = ModelConfig("b", folder / "b", labels={"next": 8})
    manager = ModelManager([config], loader.load, True)
    assert "Specific(b, 8)" in _refusal(manager, "b", None, "next")
    write_version(folder / "b", 8)
    manager.refresh()
    assert _leased(manager, "b", None, "next") == 8
    with pytest.raises(ServingError, match="FAILED_PRECONDITION"):
        manager.configure([ModelConfig("b", folder / "b", labels={"next": 9})])


def test_a_server_does_not_start_without_its_models(folder: Path, loader: FakeLoader):
    write_version(folder / "bad", 1, "bad")
    configs = [ModelConfig("b", folder / "b"), ModelConfig("bad", folder / "bad")]
    with pytest.raises(InputError, match="^version 1 is bad$"):
        ModelManager(configs, loader.load)
    assert [servable.closed for servable in loader.loaded] == [True]
    with pytest.raises(InputError, match="; got none$"):
        (folder / "empty").mkdir()
        ModelManager([ModelConfig("e", folder / "empty")], loader.load)


def test_close_waits_for_requests(manager: ModelManager):
    with manager.lease("b") as servable:
        manager.close()
        assert not servable.closed
        assert "Latest(b)" in _refusal(manager, "b")
    assert servable.ended.wait(10)


def _states(manager: ModelManager, name: str = "b") -> dict[int, str]:
    return {status.version: status.state.name for status in manager.statuses(name)}


def test_the_old_version_serves_while_the_new_one_loads(folder: Path):
    seen = []

    def load(path: Path, version: int) -> object:
        if version == 8:
            seen.append((_leased(manager, "b"), _states(manager)))
        return FakeLoader().load(path, version)

    manager = ModelManager([ModelConfig("b", folder / "b")], load)
    write_version(folder / "b", 8)
    with manager.lease("b") as servable:
        manager.refresh()
        assert servable.version == 7 and not servable.closed
        assert _leased(manager, "b") == 8
        assert _states(manager) == {8: "AVAILABLE", 7: "UNLOADING"}
    assert servable.ended.wait(10)
    assert seen == [(7, {8: "LOADING", 7: "AVAILABLE"})]


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    manager: ModelManager, folder: Path, loader: FakeLoader
):
    write_version(folder / "b", 8, "bad")
    manager.refresh()
    manager.refresh()
    assert _states(manager) == {8: "END", 7: "AVAILABLE"}
    assert manager.statuses("b")[0].error_message == "version 8 is bad"
    write_version(folder / "b", 8, "good again")
    manager.refresh()
    assert _states(manager) == {8: "AVAILABLE", 7: "END"}
    shutil.rmtree(folder / "b" / "8")
    manager.refresh()
    assert _states(manager) == {8: "END", 7: "AVAILABLE"}


def test_neither_an_empty_folder_nor_a_missing_one_ends_the_service(
    manager: ModelManager, folder: Path, caplog: pytest.LogCaptureFixture
):
    (folder / "b").rename(folder / "elsewhere")
    for told in ("No such file", "what is loaded of model b stays"):
        manager.refresh()
        manager.refresh()
        assert _leased(manager, "b") == 7 and caplog.text.count(told) == 1
        (folder / "b").mkdir(exist_ok=True)
    write_version(folder / "b", 8)
    manager.refresh()
    assert _states(manager) == {8: "AVAILABLE", 7: "END"}
