import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from wish_tf import InputError, export_hasher
from wish_tf.saved_model import check_export
from wish_tf.saved_model.warmup import _record
from wish_tf.server.warm_up import WARM_UP_FILE

CHECKS = ["files", "load", "warm-up", "codes"]


@pytest.fixture(scope="session")
def exported(small_model, tmp_path_factory) -> Path:
    """A version that is whole; not to be changed."""
    return export_hasher(small_model, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def version(exported, tmp_path) -> Path:
    """A copy of the version, to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "1"))


def failures(version: Path) -> dict[str, str]:
    checks = check_export(version)
    assert [check.name for check in checks] == CHECKS
    return {check.name: check.why for check in checks if check.result == "failed"}


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_a_whole_version_passes(exported):
    for path in (exported, exported.parent):
        checks = check_export(path)
        assert [check.name for check in checks] == CHECKS
        assert {check.result for check in checks[:-1]} == {"ok"}
        assert (checks[-1].result, checks[-1].why) == ("left out", "no run was given")


def test_a_base_folder_means_its_newest_version(version):
    shutil.copytree(version, version.parent / "10")
    cut(version / "saved_model.pb")
    assert failures(version.parent) == {}
    assert "load" in failures(version)


@pytest.mark.parametrize(
    "name",
    [
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
    ],
)
def test_a_file_cut_short_cannot_be_loaded(version, name):
    cut(version / name)
    checks = check_export(version)
    assert [check.result for check in checks] == ["failed", "failed", *["left out"] * 2]
    assert f"expected {name} with SHA-256" in checks[0].why
    assert "cannot be loaded" in checks[1].why


def test_missing_variables_cannot_be_loaded(version):
    shutil.rmtree(version / "variables")
    found = failures(version)
    assert set(found) == {"files", "load"} and found["files"].endswith("got none")


def test_one_changed_byte_is_found(version):
    path = version / "saved_model.pb"
    content = path.read_bytes()
    assert b"green" in content
    path.write_bytes(content.replace(b"green", b"gruen"))
    found = failures(version)
    assert set(found) == {"files"} and "saved_model.pb" in found["files"]


def test_a_file_too_many_is_found(version):
    (version / "assets").mkdir(exist_ok=True)
    (version / "assets" / "words.txt").write_text("red")
    assert failures(version) == {
        "files": "expected the files on the card; got assets/words.txt as well"
    }


@pytest.mark.parametrize("name", ["serving_default", "hash", "topics"])
def test_a_missing_signature_is_found(version, name):
    path = version / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    saved.meta_graphs[0].signature_def.pop(name)
    path.write_bytes(saved.SerializeToString())
    assert f"expected a signature '{name}'" in failures(version)["warm-up"]


def test_warm_up_requests_that_are_cut_or_missing_are_found(version):
    path = version / WARM_UP_FILE
    cut(path)
    assert set(failures(version)) == {"files", "warm-up"}
    path.write_bytes(b"")
    assert "none for hash, serving_default, topics" in failures(version)["warm-up"]
    path.unlink()
    assert set(failures(version)) == {"files", "warm-up"}


def test_a_warm_up_request_that_fails_is_found(version):
    path = version / WARM_UP_FILE
    for record, sentence in [
        (_record("other", text=["a"]), "expected a signature 'other'"),
        (_record("hash", x=["a"]), r"expected the inputs ['text'] for 'hash'"),
        (_record("hash", text=[1]), "expected 'hash' to run; got the failure"),
    ]:
        with tf.io.TFRecordWriter(str(path)) as writer:
            writer.write(record)
        assert sentence in failures(version)["warm-up"]


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_card_that_is_missing_or_no_card_is_found(version, content):
    path = version / "assets.extra" / "model_card.json"
    path.unlink() if content is None else path.write_text(content)
    assert set(failures(version)) == {"files"}


def test_where_there_is_no_version_it_is_said(tmp_path):
    with pytest.raises(InputError, match="got no such folder$"):
        check_export(tmp_path / "none")
