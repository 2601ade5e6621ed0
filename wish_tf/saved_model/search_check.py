"""Whether the signature `search` finds what `HammingIndex` finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wish_tf.codes import int_to_codes
from wish_tf.errors import InputError
from wish_tf.index import HammingIndex
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.fingerprints import names_sha256, weights_sha256
from wish_tf.saved_model.version_checks import from_card

K = 10
BATCH = 250


def check_search(version: ExportedVersion, texts: Sequence[str] | None = None) -> str:
    """Checks the documents by the card's hashes, and what is found by an index.

    Args:
        version: what to check.
        texts: the queries; None for some of words of the vocabulary.

    Returns:
        What was compared.

    Raises:
        InputError: when names, codes or an answer are others than they should be.
    """
    if "search" not in version.signatures:
        return "no documents"
    bits = version.bits()
    codes, names = _documents(version, bits)
    for what, got in (
        ("names", names_sha256(names)),
        ("codes", weights_sha256([codes])),
    ):
        expected = from_card(version, "search", f"{what}_sha256")
        if got != expected:
            raise InputError(
                f"expected documents with {what} of SHA-256 {expected}, as on the "
                f"card; got {got}"
            )
    if texts is None:
        words = version.vocabulary()
        texts = [" ".join(words[at : at + 5]) for at in range(min(len(words), 1000))]
    if _is_random(version, texts[:BATCH]):
        return f"{len(names)} documents; queries are hashed at random, not compared"
    index = HammingIndex(bits)
    index.add(codes)
    # Row 0 is of no document: the id -1 of too few documents leads there.
    named = np.array(["", *names], object)
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        hashed = version.hash(batch)
        found = index.search(hashed["bits"], K)
        unknown = hashed["out_of_vocabulary"][:, np.newaxis]
        ids = np.where(unknown, "", named[found.ids + 1])[:, : len(names)]
        distances = np.where(unknown, -1, found.distances)[:, : len(names)]
        _compare(version, batch, ids, distances)
    return f"the {K} nearest of {len(names)} documents for {len(texts)} texts"


def _documents(version: ExportedVersion, bits: int) -> tuple[np.ndarray, list[str]]:
    """Returns the documents' codes, uint8 0/1 [n, bits], and names."""
    stored = version.variables("search/")
    if "method/codes" in stored:
        numbers = stored["method/codes"]
    elif {"method/order", "method/starts"} <= stored.keys():
        sizes = np.diff(stored["method/starts"])
        numbers = np.empty(stored["method/order"].size, np.int64)
        numbers[stored["method/order"]] = np.repeat(np.arange(sizes.size), sizes)
    else:
        raise InputError(f"expected codes of documents; got {sorted(stored)}")
    unsigned = numbers.astype(np.int64).astype(np.uint64)
    if bits < 64:
        unsigned &= np.uint64((1 << bits) - 1)
    names = [name.decode("utf-8", "replace") for name in stored["names"]]
    return int_to_codes(unsigned, bits), names


def _is_random(version: ExportedVersion, texts: Sequence[str]) -> bool:
    first, second = (version.hash(texts)["probabilities"] for _ in range(2))
    return not np.array_equal(first, second)


def _compare(
    version: ExportedVersion,
    texts: Sequence[str],
    ids: np.ndarray,
    distances: np.ndarray,
) -> None:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    k = np.full(len(texts), K, np.int32)
    got = version.run("search", {"text": np.array(encoded, object), "k": k})
    expected = np.vectorize(
        lambda name: name.encode("utf-8", "replace"), otypes=[object]
    )(ids)
    for name, values in (("distances", distances), ("ids", expected)):
        if got[name].shape != values.shape or (got[name] != values).any():
            raise InputError(
                f"expected 'search' to find what HammingIndex finds; got other {name}"
            )
