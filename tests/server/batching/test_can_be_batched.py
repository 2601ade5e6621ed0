from __future__ import annotations

import pytest
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from wish_tf.server.batching import can_be_batched


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


def test_a_signature_that_leaves_the_number_of_rows_open_can():
    assert can_be_batched(signature(x=[-1], y1=[-1, 8], y2=[-1]))
    assert can_be_batched(signature(x1=[-1, -1], x2=[-1], y=[-1, 0]))


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


def test_ragged_tensors_cannot():
    made = signature(x=[-1], y=[-1])
    made.outputs["y"].composite_tensor.type_spec.type_spec_class_name = "ragged"
    assert not can_be_batched(made)


def test_all_signatures_of_an_exported_model_can(small_model, tmp_path):
    from tensorflow.python.saved_model.loader_impl import parse_saved_model

    from wish_tf.export import export_hasher

    folder = export_hasher(small_model, tmp_path)
    signatures = parse_saved_model(str(folder)).meta_graphs[0].signature_def
    assert can_be_batched(signatures["serving_default"])
    assert can_be_batched(signatures["hash"])
    assert can_be_batched(signatures["topics"])
