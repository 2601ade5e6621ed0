"""Which signatures take calls of several clients at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef, TensorInfo


def can_be_batched(signature: SignatureDef) -> bool:
    """Whether rows of several calls can go through a signature in one run.

    That is when each input and each output leaves the number of rows open, by its
    first dimension, and each output nothing else. Otherwise a client's answer
    could be that of another, or have a shape that comes of others' rows, as with
    `search` of an exported model: its rows are as wide as the largest k of the run.

    Args:
        signature: From a SavedModel.

    Returns:
        False also for tensors of unknown rank and for those that are not dense.
    """
    inputs, outputs = signature.inputs.values(), signature.outputs.values()
    return (
        len(inputs) > 0
        and all(map(_has_open_rows, [*inputs, *outputs]))
        and all(dim.size >= 0 for o in outputs for dim in o.tensor_shape.dim[1:])
    )


def _has_open_rows(tensor: TensorInfo) -> bool:
    shape = tensor.tensor_shape
    return (
        tensor.WhichOneof("encoding") == "name"
        and len(shape.dim) > 0
        and shape.dim[0].size == -1
    )
