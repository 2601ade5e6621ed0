from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from tests.server.page.small_hashers import SmallHasher
from wish_tf.errors import InputError
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable, can_be_batched
from wish_tf.server.serving_error import ServingError, StatusCode

SLOW = BatchingParameters(batch_timeout_micros=200_000, num_batch_threads=1)


@pytest.fixture(scope="module", params=[None, SLOW], ids=["plain", "batched"])
def servable(request: pytest.FixtureRequest, base_path: Path) -> Iterator[Servable]:
    metrics = ServerMetrics()
    servable = Servable(base_path / "12", 12, 30_000, request.param, metrics)
    yield servable
    servable.close()


def fault(servable: Servable, signature: str, **inputs: np.ndarray) -> ServingError:
    with pytest.raises(ServingError) as caught:
        servable.predict(signature, inputs)
    return caught.value


def test_what_it_says_of_itself(servable: Servable, base_path: Path):
    assert (servable.version, servable.path) == (12, base_path / "12")
    assert servable.input_dtypes("serving_default") == {"x": "float"}
    assert servable.input_dtypes("hash") == {"text": "string"}
    assert servable.input_dtypes("pick") == {"a": "int64", "b": "bool"}
    assert servable.values_in_a_row["hash"] == 4
    assert "count" not in servable.merged
    for name in ("nope", "__saved_model_init_op"):
        with pytest.raises(ServingError, match=f"INVALID_ARGUMENT: .*{name}"):
            servable.input_dtypes(name)


@pytest.mark.parametrize("rows", [1, 20])
def test_tables_are_initialised_and_outputs_ordered_by_name(
    servable: Servable, rows: int
):
    text = np.array([b"b", b"zz"] * rows, object)
    outputs = servable.predict("hash", {"text": text})
    assert list(outputs) == ["bits", "code_bytes", "out_of_vocabulary"]
    assert outputs["bits"].tolist() == [[0, 1], [1, -1]] * rows
    assert outputs["code_bytes"].tolist() == [b"b", b"zz"] * rows
    assert outputs["out_of_vocabulary"].tolist() == [False, True] * rows


def test_other_inputs_than_the_signature_has(servable: Servable):
    error = fault(servable, "pick", a=np.array([1]), c=np.array([1]))
    assert error.code is StatusCode.INVALID_ARGUMENT
    assert error.message == "expected the inputs a, b; got a, c"


@pytest.mark.parametrize("rows", [1, 20])
def test_message_of_the_op_that_failed(servable: Servable, rows: int):
    error = fault(servable, "serving_default", x=np.zeros((rows, 3), np.float32))
    assert error.code is StatusCode.INVALID_ARGUMENT
    start = f"Matrix size-incompatible: In[0]: [{rows},3], In[1]: [2,1]"
    assert error.message.startswith(start)


def test_a_small_run_that_does_not_end_is_ended(base_path: Path):
    servable = Servable(base_path / "12", 12, timeout_in_ms=50)
    error = fault(servable, "count", n=np.array(2**31 - 1, np.int32))
    assert error.code is StatusCode.DEADLINE_EXCEEDED
    assert servable.predict("count", {"n": np.array(3, np.int32)})["i"] == 3


def test_small_runs_are_those_of_graphs_without_loops(hasher: SmallHasher):
    """There the limit of time does not act: large and small answer the same."""
    servable = Servable(hasher.path / "1", 1)
    texts = [text.encode("utf-8", "replace") for text in hasher.texts[:40]]
    large = servable.predict("hash", {"text": np.array(texts, object)})
    for at in range(0, 40, 4):
        few = np.array(texts[at : at + 4], object)
        for name, array in servable.predict("hash", {"text": few}).items():
            expected = large[name][at : at + 4]
            if name == "probabilities":
                np.testing.assert_allclose(array, expected, atol=1e-6)
            else:
                assert array.tolist() == expected.tolist()


def test_calls_are_merged_and_each_gets_its_own_answer(base_path: Path):
    metrics = ServerMetrics()
    batched = Servable(base_path / "12", 12, 30_000, SLOW, metrics)

    def call(number: int) -> list:
        inputs = {"x": np.array([[number, 0]], np.float32)}
        return batched.predict("serving_default", inputs)["y"].tolist()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert answers == [[[float(number)]] for number in range(8)]
    runs = metrics.text().partition("wrapped_run_count{} ")[2].partition("\n")[0]
    assert 1 <= int(runs) < 8
    batched.close()


def _expect_refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        Servable(folder, 1)
    message = str(caught.value)
    start = f"expected a SavedModel in {folder}; got what cannot be loaded: "
    assert message.startswith(start)
    assert "\n" not in message and not message.endswith(".")
    return message


def test_damaged_saved_models(base_path: Path, tmp_path: Path):
    assert "SavedModel file does not exist" in _expect_refusal(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"\xff\xffnot a graph")
    _expect_refusal(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(base_path / "12", copy)
    for shard in (copy / "variables").glob("variables.data*"):
        shard.unlink()
    _expect_refusal(copy)


def signature(**tensors: list[int] | None) -> SignatureDef:
    """Inputs begin with `x`, outputs with `y`; None is an unknown rank."""
    made = SignatureDef()
    for name, shape in tensors.items():
        info = (made.inputs if name.startswith("x") else made.outputs)[name]
        info.name = f"{name}:0"
        info.tensor_shape.unknown_rank = shape is None
        for size in shape or ():
            info.tensor_shape.dim.add(size=size)
    return made


def test_a_signature_that_leaves_the_number_of_rows_open_can_be_batched():
    assert can_be_batched(signature(x=[-1], y1=[-1, 8], y2=[-1]))
    assert can_be_batched(signature(x1=[-1, -1], x2=[-1], y=[-1, 0]))
    ragged = signature(x=[-1], y=[-1])
    ragged.outputs["y"].composite_tensor.type_spec.type_spec_class_name = "ragged"
    assert not can_be_batched(ragged)


@pytest.mark.parametrize(
    "tensors",
    [
        {"x": [1], "y": [-1, 8]},
        {"x": [-1], "y": [8, -1]},
        {"x": [-1], "y": [-1, 8, -1]},
        {"x": [-1], "y": []},
        {"x": [], "y": [-1]},
        {"x": None, "y": [-1]},
        {"x": [-1], "y": None},
        {"x1": [-1], "x2": [2], "y": [-1]},
        {"y": [-1]},
    ],
)
def test_others_cannot(tensors):
    assert not can_be_batched(signature(**tensors))
