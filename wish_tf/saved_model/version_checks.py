"""The checks of an exported version that need nothing but the version.

Each returns what it compared, if that is worth telling, and raises `InputError`
with the reason when it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from wish_tf.codes import pack_bits
from wish_tf.errors import InputError
from wish_tf.files import check_parts, read_json
from wish_tf.naming import NamingSettings
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.fingerprints import vocabulary_sha256, weights_sha256
from wish_tf.saved_model.warmup import read_warmup
from wish_tf.server.version_directory import CARD_FILE
from wish_tf.server.warm_up import MAX_RECORDS, WARM_UP_FILE

# Of each tensor by its name: dtype and shape, where "bits" stands for their number.
Tensors: TypeAlias = dict[str, tuple[tf.DType, list[int | str | None]]]
# Inputs and outputs.
Signature: TypeAlias = tuple[Tensors, Tensors]
METHOD = "tensorflow/serving/predict"
HASH: Signature = (
    {"text": (tf.string, [None])},
    {
        "bits": (tf.int32, [None, "bits"]),
        "code_bytes": (tf.string, [None]),
        "probabilities": (tf.float32, [None, "bits"]),
        "out_of_vocabulary": (tf.bool, [None]),
    },
)
TOPICS: Signature = (
    {"k": (tf.int32, [None])},
    {
        "words": (tf.string, [None, "bits", NamingSettings.words]),
        "weights": (tf.float32, [None, "bits", NamingSettings.words]),
        "names": (tf.string, [None, "bits"]),
    },
)
SEARCH: Signature = (
    {"text": (tf.string, [None]), "k": (tf.int32, [None])},
    {
        "ids": (tf.string, [None, None]),
        "distances": (tf.int32, [None, None]),
        "out_of_vocabulary": (tf.bool, [None]),
    },
)
SIGNATURES: dict[str, Signature] = {
    "serving_default": HASH,
    "hash": HASH,
    "topics": TOPICS,
}


def _signatures(version: ExportedVersion) -> dict[str, Signature]:
    """The signatures that a version ought to have; `search` may be missing."""
    search = {"search": SEARCH} if "search" in version.signatures else {}
    return SIGNATURES | search


def check_signatures(version: ExportedVersion) -> None:
    """Checks names, dtypes and shapes of all signatures."""
    expected = _signatures(version)
    missing = sorted(set(expected) - set(version.signatures))
    if missing:
        raise InputError(
            f"expected the signatures {sorted(expected)}; "
            f"got none of {', '.join(missing)}"
        )
    bits = version.bits()
    for name, (inputs, outputs) in expected.items():
        signature = version.signatures[name]
        if signature.method_name != METHOD:
            raise InputError(
                f"expected {name!r} to have the method {METHOD}; got "
                f"{signature.method_name!r}"
            )
        _check_tensors(f"inputs of {name!r}", inputs, signature.inputs, bits)
        _check_tensors(f"outputs of {name!r}", outputs, signature.outputs, bits)


def _check_tensors(
    what: str, expected: Tensors, infos: Mapping[str, Any], bits: int
) -> None:
    got = {
        name: (
            tf.as_dtype(info.dtype).name,
            tf.TensorShape(info.tensor_shape).as_list(),
        )
        for name, info in infos.items()
    }
    wanted = {
        name: (dtype.name, [bits if size == "bits" else size for size in shape])
        for name, (dtype, shape) in expected.items()
    }
    if got != wanted:
        raise InputError(f"expected the {what} to be {wanted}; got {got}")


def check_codes(version: ExportedVersion) -> str | None:
    """Checks that the outputs for texts with and without known words agree."""
    known = version.vocabulary()
    texts = [" ".join(known[i : i + 20]) for i in range(0, min(len(known), 1000), 10)]
    texts += ["", "\x00"]
    outputs = version.hash(texts)
    probabilities, bits = outputs["probabilities"], outputs["bits"]
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise InputError(
            "expected probabilities from 0 to 1; got some that are not, or NaN"
        )
    if not np.array_equal(bits, probabilities > 0.5):
        raise InputError(
            "expected bits to be 1 where the probability is above 1/2; got others"
        )
    packed = [bytes(row) for row in pack_bits(bits)]
    if packed != list(outputs["code_bytes"]):
        raise InputError("expected code_bytes to be the packed bits; got other bytes")
    if outputs["out_of_vocabulary"].tolist() != [False] * (len(texts) - 2) + [True] * 2:
        raise InputError(
            "expected out_of_vocabulary to be true for texts without a known word "
            "only; got otherwise"
        )
    if not np.array_equal(version.hash(texts)["probabilities"], probabilities):
        return "drawn at random, so 'hash' and 'serving_default' cannot be compared"
    default = version.hash(texts, "serving_default")
    for name, values in outputs.items():
        if not np.array_equal(values, default[name]):
            raise InputError(
                f"expected {name} of 'hash' and 'serving_default' to be the same; "
                "got others"
            )
    return None


def check_topics(version: ExportedVersion) -> None:
    """Checks shape and order of the topics."""
    outputs = version.run("topics", {"k": np.array([3], np.int32)})
    words, weights = outputs["words"], outputs["weights"]
    if words.shape != weights.shape or words.shape[:2] != (1, version.bits()):
        raise InputError(
            f"expected words and weights of {version.bits()} bits; got the shapes "
            f"{words.shape} and {weights.shape}"
        )
    if (words[:, :, 3:] != b"").any():
        raise InputError("expected three words of a bit, as asked for; got more")
    if not (np.diff(weights, axis=2) <= 0).all():
        raise InputError("expected the strongest words first; got another order")


def check_warmup(version: ExportedVersion) -> str:
    """Checks the warm-up requests by sending them."""
    requests = read_warmup(version.path / WARM_UP_FILE)
    if len(requests) > MAX_RECORDS:
        raise InputError(
            f"expected at most {MAX_RECORDS} warm-up requests; got {len(requests)}"
        )
    for number, request in enumerate(requests):
        try:
            inputs = {
                name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()
            }
        except (TypeError, ValueError) as error:
            raise InputError(
                f"expected tensors in warm-up request {number}; got others: {error}"
            ) from error
        version.run(
            request.model_spec.signature_name, inputs, list(request.output_filter)
        )
    asked = {request.model_spec.signature_name for request in requests}
    cold = sorted(set(_signatures(version)) - asked)
    if cold:
        raise InputError(
            "expected warm-up requests for every signature; got none for "
            f"{', '.join(cold)}"
        )
    return f"{len(requests)} requests"


def from_card(version: ExportedVersion, part: str, name: str) -> Any:
    """Returns a fact on the model card.

    Raises:
        InputError: when there is no card, or the fact is not on it.
    """
    return read_json(version.path / CARD_FILE, {part: {name: object}})[part][name]


def check_card(version: ExportedVersion) -> None:
    """Checks that the model card is there and is this model's."""
    card = read_json(version.path / CARD_FILE, {"bits": int})
    if card["bits"] != version.bits():
        raise InputError(
            f"expected the card's {card['bits']} bits; got {version.bits()}"
        )
    k = np.array([2**31 - 1], np.int32)
    outputs = version.run("topics", {"k": k}, ["words", "names"])
    found = [
        (name, [word for word in words if word])
        for name, words in zip(outputs["names"][0], outputs["words"][0], strict=True)
        if name
    ]
    topics = read_json(version.path / CARD_FILE, {"topics": list})["topics"]
    for bit, topic in enumerate(topics):
        check_parts(topic, {"name": str, "words": list}, f"as topic {bit} of the card")
    named = [
        (topic["name"].encode(), [str(word).encode() for word in topic["words"]])
        for topic in topics
    ]
    if named != found:
        raise InputError("expected the card's names and words of bits; got others")
    if ("search" in card) != ("search" in version.signatures):
        raise InputError(
            "expected documents on the card and a signature 'search', or neither; got "
            f"{'the documents' if 'search' in card else 'the signature'} only"
        )
    if not (version.path / CARD_FILE).with_suffix(".md").is_file():
        raise InputError("expected a model_card.md beside the card; got none")


def check_vocabulary(version: ExportedVersion) -> str:
    """Checks vocabulary and idf weights by the card's hash."""
    words = version.vocabulary()
    expected = from_card(version, "vocabulary", "sha256_with_idf_weights")
    got = vocabulary_sha256(words, version.idf_weights())
    if got != expected:
        raise InputError(
            f"expected vocabulary and idf weights of SHA-256 {expected}, as on the "
            f"card; got {got}"
        )
    return f"SHA-256 {got}"


def check_weights(version: ExportedVersion) -> str:
    """Checks the variables by the card's hash."""
    expected = from_card(version, "weights", "sha256")
    got = weights_sha256(version.weights())
    if got != expected:
        raise InputError(
            f"expected weights of SHA-256 {expected}, as on the card; got {got}"
        )
    return f"SHA-256 {got}"
