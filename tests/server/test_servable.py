from __future__ import annotations

import shutil
from collections.abc import Iterator
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

BATCHED = BatchingParameters(num_batch_threads=1)


@pytest.fixture(scope="module", params=[None, BATCHED], ids=["plain", "batched"])
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


def test_tables_are_initialised_and_outputs_ordered_by_name(servable: Servable):
    text = np.array([b"b", b"zz"], object)
    outputs = servable.predict("hash", {"text": text})
    assert list(outputs) == ["bits", "code_bytes", "out_of_vocabulary"]
    assert outputs["bits"].tolist() == [[0, 1], [1, -1]]
    assert outputs["code_bytes"].tolist() == [b"b", b"zz"]
    assert outputs["out_of_vocabulary"].tolist() == [False, True]


def test_what_the_graph_or_the_signature_refuses(servable: Servable):
    error = fault(servable, "pick", a=np.array([1]), c=np.array([1]))
    assert error.code is StatusCode.INVALID_ARGUMENT
    assert error.message == "expected the inputs a, b; got a, c"
    error = fault(servable, "serving_default", x=np.zeros((9, 3), np.float32))
    assert error.code is StatusCode.INVALID_ARGUMENT
    start = "Matrix size-incompatible: In[0]: [9,3], In[1]: [2,1]"
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


@pytest.mark.parametrize("damage", ["empty", "no graph", "no variables"])
def test_damaged_saved_models(base_path: Path, tmp_path: Path, damage: str):
    if damage == "no graph":
        (tmp_path / "saved_model.pb").write_bytes(b"\xff\xffnot a graph")
    if damage == "no variables":
        shutil.copytree(base_path / "12", tmp_path, dirs_exist_ok=True)
        for shard in (tmp_path / "variables").glob("variables.data*"):
            shard.unlink()
    with pytest.raises(InputError, match=r"^expected a SavedModel in .*; got [^\n]*$"):
        Servable(tmp_path, 1)


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
