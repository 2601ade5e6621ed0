"""The outputs of a hasher's signatures, checked, as what a caller wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wish_tf.client.errors import InvalidRequest, ServerError
from wish_tf.client.found_documents import FoundDocuments
from wish_tf.codes import check_bits, pack_bits
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts

_HASH_OUTPUTS = ("bits", "code_bytes", "out_of_vocabulary", "probabilities")
_SEARCH_OUTPUTS = ("bad_k", "distances", "ids", "out_of_vocabulary")
_TOPIC_OUTPUTS = ("weights", "words")
_KINDS = {"integers": "iu", "numbers": "fiu", "booleans": "b", "strings": "O"}


def decode_hash(outputs: Mapping[str, Any], count: int) -> HashedTexts:
    """Returns codes of what the signature `hash` gave for `count` texts.

    Args:
        outputs: See `Transport.predict`.
        count: Number of texts that were sent, at least 1.

    Raises:
        ServerError: If an output is missing or of another shape or type, or if
            bits, bytes and probabilities do not agree with one another.
    """
    bits, code_bytes, unknown, probabilities = _named(outputs, _HASH_OUTPUTS)
    bits = _array(bits, "bits", "integers")
    code_bytes = _array(code_bytes, "code_bytes", "strings", object)
    probabilities = _array(probabilities, "probabilities", "numbers").astype(np.float32)
    unknown = _array(unknown, "out_of_vocabulary", "booleans")
    lengths = {len(bits), len(code_bytes), len(unknown), len(probabilities)}
    if lengths != {count}:
        raise _unusable(f"{count} predictions", " and ".join(map(str, sorted(lengths))))
    try:
        bits = check_bits(bits, "bits")
    except InputError as error:
        raise ServerError(f"the server sent what are no codes: {error}", 200) from error
    if probabilities.shape != bits.shape or unknown.ndim != 1:
        raise _unusable(
            f"probabilities of shape {bits.shape} and a flag a text",
            f"shapes {probabilities.shape} and {unknown.shape}",
        )
    hashed = HashedTexts(probabilities, unknown)
    _check_rows(hashed.bits == bits, "bits that agree with their probabilities")
    packed = [row.tobytes() for row in pack_bits(bits)]
    same = [a == b for a, b in zip(packed, code_bytes.tolist(), strict=True)]
    _check_rows(np.array(same)[:, None], "code_bytes that are the packed bits")
    return hashed


def decode_search(outputs: Mapping[str, Any], count: int, k: int) -> FoundDocuments:
    """Returns documents of what the signature `search` gave.

    Args:
        outputs: See `Transport.predict`.
        count: Number of texts that were sent, at least 1.
        k: How many documents were asked for.

    Returns:
        Rows of k documents; where the server knows fewer, they are filled up.

    Raises:
        ServerError: If they are not ids, distances and flags, or the model's export
            does not give so many documents.
    """
    bad, distances, ids, unknown = _named(outputs, _SEARCH_OUTPUTS)
    ids = _array(ids, "ids", "strings", object)
    distances = _array(distances, "distances", "integers")
    unknown = _array(unknown, "out_of_vocabulary", "booleans")
    if _array(bad, "bad_k", "booleans").any():
        raise InvalidRequest(
            f"expected k from 1 to the largest of the export; got {k} (see wish-tf "
            "export --largest-k)"
        )
    if ids.ndim != 2 or ids.shape != distances.shape or unknown.shape != ids.shape[:1]:
        raise _unusable(
            "ids and distances of each text, and a flag",
            f"shapes {ids.shape}, {distances.shape} and {unknown.shape}",
        )
    if len(ids) != count:
        raise _unusable(f"{count} predictions", str(len(ids)))
    if not all(isinstance(name, str) for name in ids.flat):
        raise _unusable("ids that are strings", "other values")
    # Every answer is as wide as the largest k of the export.
    ids, distances = ids[:, :k], distances[:, :k].astype(np.int32)
    missing = [(0, 0), (0, k - ids.shape[1])]
    return FoundDocuments(
        np.pad(ids, missing, constant_values=""),
        np.pad(distances, missing, constant_values=-1),
        unknown,
    )


def decode_topics(outputs: Mapping[str, Any], k: int) -> list[list[tuple[str, float]]]:
    """Returns each bit's words and weights of what the signature `topics` gave.

    Args:
        outputs: See `Transport.predict`; of one row.
        k: How many words were asked for.

    Raises:
        ServerError: If they are not words and weights.
    """
    weights, words = _named(outputs, _TOPIC_OUTPUTS)
    words = _array(words, "words", "strings", object)
    weights = _array(weights, "weights", "numbers")
    if words.ndim != 3 or len(words) != 1 or words.shape != weights.shape:
        raise _unusable(
            "words and weights of each bit",
            f"shapes {words.shape} and {weights.shape}",
        )
    # Every answer is as wide as the largest k of the export.
    words, weights = words[0, :, :k], weights[0, :, :k]
    if not all(isinstance(word, str) for word in words.flat):
        raise _unusable("words that are strings", "other values")
    return [
        [(word, weight) for word, weight in zip(*bit, strict=True) if word]
        for bit in zip(words.tolist(), weights.tolist(), strict=True)
    ]


def decode_code_length(metadata: Any) -> int:
    """Returns the number of hash bits that the metadata of a model tells.

    Raises:
        ServerError: If they are not those of a hasher.
    """
    try:
        signatures = metadata["metadata"]["signature_def"]["signature_def"]
        shape = signatures["hash"]["outputs"]["probabilities"]["tensor_shape"]
        return int(shape["dim"][1]["size"])
    except (KeyError, TypeError, IndexError, ValueError):
        raise _unusable(
            "the signature 'hash' of a model exported by wish-tf",
            f"metadata without it: {str(metadata)[:100]!r}",
        ) from None


def _named(outputs: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    if not outputs.keys() >= set(names):
        raise _unusable(
            f"the outputs {', '.join(names)} of a model exported by wish-tf",
            ", ".join(sorted(outputs)) or "none",
        )
    return [outputs[name] for name in names]


def _array(values: Any, name: str, kind: str, dtype: type | None = None) -> np.ndarray:
    try:
        array = np.asarray(values, dtype)
    except (ValueError, OverflowError):
        raise _unusable(f"{name} of one shape", "rows of several lengths") from None
    if array.dtype.kind not in _KINDS[kind] or array.ndim == 0:
        raise _unusable(
            f"{name} to be an array of {kind}", f"{array.dtype} of shape {array.shape}"
        )
    return array


def _check_rows(agrees: np.ndarray, expected: str) -> None:
    wrong = ~agrees.all(axis=1)
    if wrong.any():
        raise _unusable(expected, f"others for text {np.argmax(wrong)} of a request")


def _unusable(expected: str, got: str) -> ServerError:
    return ServerError(f"expected {expected}; the server sent {got}", 200)
