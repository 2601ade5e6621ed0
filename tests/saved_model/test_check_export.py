import shutil
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from wish_tf import InputError, export_hasher
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import check_export
from wish_tf.saved_model.fingerprints import vocabulary_sha256, weights_sha256
from wish_tf.saved_model.warmup import _record
from wish_tf.server.warm_up import WARM_UP_FILE

CHECKS = [
    "load",
    "signatures",
    "codes",
    "topics",
    "warm-up",
    "model card",
    "vocabulary",
    "weights",
    "search",
    "training model",
]


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
    assert [check.name for check in checks] in (CHECKS, CHECKS[:-1])
    return {check.name: check.why for check in checks if check.result == "failed"}


def edit(version: Path, change) -> None:
    """Changes the SavedModel's meta graph."""
    path = version / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    change(saved.meta_graphs[0])
    path.write_bytes(saved.SerializeToString())


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content and len(old) == len(new)
    path.write_bytes(content.replace(old, new))


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_a_whole_version_passes(exported):
    for path in (exported, exported.parent):
        checks = check_export(path)
        assert [check.name for check in checks] == CHECKS
        assert {check.result for check in checks[:-1]} == {"ok"}
        assert (checks[-1].result, checks[-1].why) == ("left out", "no run was given")


def test_hashes_on_the_card_are_those_of_the_model(exported, small_model):
    reasons = {check.name: check.why for check in check_export(exported)}
    vocabulary = vocabulary_sha256(
        small_model.vectorization.vocabulary, small_model.vectorization.idf_weights
    )
    weights = weights_sha256(
        keras.ops.convert_to_numpy(variable) for variable in small_model.variables
    )
    assert reasons["vocabulary"] == f"SHA-256 {vocabulary}"
    assert reasons["weights"] == f"SHA-256 {weights}"


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
    assert checks[0].result == "failed" and "cannot be loaded" in checks[0].why
    assert {check.result for check in checks[1:]} == {"left out"}


def test_missing_variables_cannot_be_loaded(version):
    shutil.rmtree(version / "variables")
    assert set(failures(version)) == {"load"}


def test_an_edited_vocabulary_is_found(version):
    replace_in(version / "saved_model.pb", b"green", b"gruen")
    assert {"vocabulary", "model card"} <= set(failures(version))


def test_a_vocabulary_edited_for_the_look_up_only_is_found(version):
    def change(graph) -> None:
        for node in graph.graph_def.node:
            if node.op == "Const" and b"green" in node.attr["value"].tensor.string_val:
                values = node.attr["value"].tensor.string_val
                values[list(values).index(b"green")] = b"gruen"

    edit(version, change)
    found = failures(version)
    assert "expected vocabulary and idf weights of SHA-256" in found["vocabulary"]


def test_an_edited_idf_weight_is_found(version):
    def change(graph) -> None:
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                tensor = node.attr["value"].tensor if node.op == "Const" else None
                if tensor and tensor.dtype == tf.float32.as_datatype_enum:
                    if tf.make_ndarray(tensor).tolist() == [1, 2, 3, 1]:
                        edited = tf.make_tensor_proto([1.0, 2.0, 3.0, 1.5])
                        node.attr["value"].tensor.CopyFrom(edited)

    edit(version, change)
    found = failures(version)
    assert set(found) == {"vocabulary"} and "as on the card" in found["vocabulary"]


def test_weights_of_another_training_are_found(version, tmp_path):
    keras.utils.set_random_seed(1)
    vectorization = TfidfVectorization(
        ["red", "blue", "green", "red blue"],
        [1.0, 2.0, 3.0, 1.0],
        ngram_range=(1, 2),
        stop_words=["the"],
    )
    other = HashingModel(
        vectorization, WISH(11, 4, topic_dim=16, hidden_units=(8,), name="wish")
    )
    shutil.rmtree(version / "variables")
    shutil.copytree(
        export_hasher(other, tmp_path / "other") / "variables", version / "variables"
    )
    found = failures(version)
    assert "as on the card" in found["weights"] and "vocabulary" not in found


@pytest.mark.parametrize("name", ["serving_default", "hash", "topics"])
def test_a_missing_signature_is_found(version, name):
    edit(version, lambda graph: graph.signature_def.pop(name))
    found = failures(version)
    assert f"got none of {name}" in found["signatures"]
    assert "warm-up" in found


def test_a_missing_or_renamed_output_is_found(version):
    edit(version, lambda graph: graph.signature_def["hash"].outputs.pop("code_bytes"))
    assert {"signatures", "codes"} <= set(failures(version))


def test_an_output_of_another_dtype_is_found(version):
    def change(graph) -> None:
        outputs = graph.signature_def["hash"].outputs
        outputs["bits"].CopyFrom(outputs["probabilities"])

    edit(version, change)
    found = failures(version)
    assert "'float32'" in found["signatures"] and "codes" in found


def test_code_bytes_that_are_not_the_bits_are_found(version):
    def change(graph) -> None:
        signature = graph.signature_def["hash"]
        signature.outputs["code_bytes"].name = signature.inputs["text"].name

    edit(version, change)
    found = failures(version)
    assert set(found) == {"codes"} and "packed bits" in found["codes"]


def test_a_default_signature_of_another_method_is_found(version):
    def change(graph) -> None:
        graph.signature_def["serving_default"].method_name = "other"

    edit(version, change)
    assert set(failures(version)) == {"signatures"}


def test_warm_up_requests_that_are_cut_or_missing_are_found(version):
    path = version / WARM_UP_FILE
    cut(path)
    assert set(failures(version)) == {"warm-up"}
    path.write_bytes(b"")
    assert "none for hash, serving_default, topics" in failures(version)["warm-up"]
    path.unlink()
    assert set(failures(version)) == {"warm-up"}


def test_a_warm_up_request_that_fails_is_found(version):
    path = version / WARM_UP_FILE
    for record, sentence in [
        (_record("other", text=["a"]), "expected a signature 'other'"),
        (_record("hash", x=["a"]), r"expected the inputs ['text'] for 'hash'"),
        (_record("hash", text=[1]), "expected 'hash' to run; got the failure"),
    ]:
        with tf.io.TFRecordWriter(str(path)) as writer:
            writer.write(record)
        found = failures(version)
        assert set(found) == {"warm-up"} and sentence in found["warm-up"]


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_card_that_is_missing_or_no_card_is_found(version, content):
    path = version / "assets.extra" / "model_card.json"
    path.unlink() if content is None else path.write_text(content)
    assert set(failures(version)) == {"model card", "vocabulary", "weights"}


def test_a_card_without_its_text_is_found(version):
    (version / "assets.extra" / "model_card.md").unlink()
    assert set(failures(version)) == {"model card"}


def test_the_card_of_another_model_is_found(version):
    replace_in(
        version / "assets.extra" / "model_card.json", b'"bits": 11', b'"bits": 12'
    )
    assert "expected the card's 12 bits; got 11" in failures(version)["model card"]


def test_where_there_is_no_version_it_is_said(tmp_path):
    with pytest.raises(InputError, match="got no such folder$"):
        check_export(tmp_path / "none")


def test_a_model_that_hashes_at_random_is_said_to(tmp_path):
    keras.utils.set_random_seed(0)
    model = HashingModel(
        TfidfVectorization(["red", "blue"], [1.0, 2.0]),
        WISH(
            16,
            2,
            topic_dim=16,
            hidden_units=(64,),
            dropout=0.5,
            dropout_when_hashing=True,
        ),
    )
    checks = {c.name: c for c in check_export(export_hasher(model, tmp_path))}
    assert checks["codes"].result == "ok" and "at random" in checks["codes"].why
    assert "failed" not in {check.result for check in checks.values()}
