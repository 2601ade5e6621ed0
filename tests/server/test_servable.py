from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.server.http_status import StatusCode
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError


@pytest.fixture(scope="module")
def servable(base_path: Path) -> Servable:
    return Servable(base_path / "12", 12)


def test_input_dtypes(servable: Servable):
    assert servable.input_dtypes("serving_default") == {"x": "float"}
    assert servable.input_dtypes("hash") == {"text": "string"}
    assert servable.input_dtypes("pick") == {"a": "int64", "b": "bool"}


def test_predict(servable: Servable):
    outputs = servable.predict(
        "pick", {"b": np.array([True, False]), "a": np.array([5, 6])}
    )
    assert outputs["picked"].tolist() == [5, -6]


def test_tables_are_initialised_and_outputs_ordered_by_name(servable: Servable):
    outputs = servable.predict("hash", {"text": np.array([b"b", b"zz"], object)})
    assert list(outputs) == ["bits", "code_bytes", "out_of_vocabulary"]
    assert outputs["bits"].tolist() == [[0, 1], [1, -1]]
    assert outputs["code_bytes"].tolist() == [b"b", b"zz"]
    assert outputs["out_of_vocabulary"].tolist() == [False, True]


def test_signature_missing(servable: Servable):
    with pytest.raises(ServingError) as caught:
        servable.input_dtypes("nope")
    assert str(caught.value) == (
        'INVALID_ARGUMENT: Serving signature name: "nope" not found in signature def'
    )


def test_signature_without_inputs(servable: Servable):
    with pytest.raises(ServingError) as caught:
        servable.input_dtypes("__saved_model_init_op")
    assert str(caught.value) == (
        "INVALID_ARGUMENT: Failed to get input map for signature: __saved_model_init_op"
    )


def test_other_inputs_than_the_signature_has(servable: Servable):
    with pytest.raises(ServingError) as caught:
        servable.predict("pick", {"a": np.array([1]), "c": np.array([1])})
    assert str(caught.value) == (
        "INVALID_ARGUMENT: input size does not match signature: 2!=2 "
        "len({a,c}) != len({a,b}). Sent extra: {c}. Missing but required: {b}."
    )


def test_message_of_the_op_that_failed(servable: Servable):
    with pytest.raises(ServingError) as caught:
        servable.predict("serving_default", {"x": np.zeros((1, 3), np.float32)})
    assert caught.value.code is StatusCode.INVALID_ARGUMENT
    assert caught.value.message.startswith(
        "Matrix size-incompatible: In[0]: [1,3], In[1]: [2,1]"
    )


def test_timeout(base_path: Path):
    servable = Servable(base_path / "12", 12, timeout_in_ms=50)
    with pytest.raises(ServingError) as caught:
        servable.predict("count", {"n": np.array(2**31 - 1, np.int32)})
    assert str(caught.value) == "DEADLINE_EXCEEDED: Timed out waiting for notification"
    assert servable.predict("count", {"n": np.array(3, np.int32)})["i"] == 3


def _expect_refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        Servable(folder, 1)
    message = str(caught.value)
    assert message.startswith(
        f"expected a SavedModel in {folder}; got what cannot be loaded: "
    )
    assert "\n" not in message and not message.endswith(".")
    return message


def test_not_a_saved_model(tmp_path: Path):
    assert "SavedModel file does not exist" in _expect_refusal(tmp_path)


def test_damaged_saved_model(base_path: Path, tmp_path: Path):
    (tmp_path / "saved_model.pb").write_bytes(b"\xff\xffnot a graph")
    _expect_refusal(tmp_path)

    copy = tmp_path / "copy"
    shutil.copytree(base_path / "12", copy)
    for shard in (copy / "variables").glob("variables.data*"):
        shard.unlink()
    _expect_refusal(copy)
