from __future__ import annotations

import pytest
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from wish_tf.server.example_signature import check_example_signature
from wish_tf.server.serving_error import ServingError


def _signature(inputs: str, outputs: str) -> SignatureDef:
    signature = SignatureDef(method_name="tensorflow/serving/predict")
    for name in inputs.split():
        signature.inputs[name].name = f"{name}:0"
    for name in outputs.split():
        signature.outputs[name].name = f"{name}:0"
    return signature


@pytest.mark.parametrize(
    ("method", "inputs", "outputs", "message"),
    [
        ("classify", "a b", "x", "Expected one input Tensor."),
        ("classify", "", "x", "Expected one input Tensor."),
        ("classify", "a", "x y z", "Expected one or two output Tensors, found 3"),
        ("classify", "a", "x", "No classification inputs found in SignatureDef: "),
        (
            "classify",
            "inputs",
            "x",
            "Expected classification signature outputs to contain at least one of "
            '"classes" or "scores". Signature was: ',
        ),
        ("regress", "a b", "x", "Expected one input Tensor."),
        ("regress", "a", "x y", "Expected one output Tensor."),
        ("regress", "a", "x", "No regression inputs found in SignatureDef: "),
        ("regress", "inputs", "x", "No regression outputs found in SignatureDef: "),
    ],
)
def test_signatures_that_do_not_fit(
    method: str, inputs: str, outputs: str, message: str
):
    with pytest.raises(ServingError) as caught:
        check_example_signature(_signature(inputs, outputs), method)
    assert caught.value.message.startswith(message)
    assert caught.value.code.name == "INVALID_ARGUMENT"


def test_signatures_that_fit():
    check_example_signature(_signature("inputs", "scores"), "classify")
    check_example_signature(_signature("inputs", "outputs"), "regress")
