"""Answers the page's calls for data; knows nothing of sockets."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from wish_tf.errors import InputError
from wish_tf.explain.explain import explain
from wish_tf.explain.explanation import Explanation
from wish_tf.explain.places import places
from wish_tf.files import check_parts, read_json
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.page.code_use import CodeUse
from wish_tf.server.page.health import health
from wish_tf.server.page.model_indexes import ModelIndexes
from wish_tf.server.page.page_call import PageCall
from wish_tf.server.page.page_index import PageIndex
from wish_tf.server.page.servable_hasher import ServableHasher, bits_of
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_handler import failure
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument
from wish_tf.server.version_directory import CARD_FILE

FOLDER = "/page/"
# A text of w words is hashed about w times.
MOST_WORDS = 1000
MOST_CHARACTERS = 100_000
_NO_INDEX = (
    "Start the server with --index NAME.index, a file that wish-tf index makes of a "
    "corpus, to see neighbours and buckets."
)
_OTHER_VERSION = (
    "No index that the server was given has the codes of version {version}: make one "
    "with wish-tf index and start the server with it."
)


class PageHandler:
    """What the page asks beside TF-Serving's calls: small JSON objects, each way."""

    def __init__(
        self,
        manager: ModelManager,
        predictor: Predictor,
        indexes: ModelIndexes,
        rows: int,
    ) -> None:
        """Binds to models.

        Args:
            manager: The models.
            predictor: What runs and counts the requests that run a model.
            indexes: The indexes.
            rows: Most texts of a run of a model.
        """
        self._manager = manager
        self._predictor = predictor
        self._indexes = indexes
        self._rows = rows
        self._calls = {
            ("GET", FOLDER + "models"): self._models,
            ("POST", FOLDER + "neighbours"): self._neighbours,
            ("POST", FOLDER + "search"): self._search,
            ("POST", FOLDER + "buckets"): self._buckets,
            ("POST", FOLDER + "bucket"): self._bucket,
            ("POST", FOLDER + "explain"): self._explain,
        }

    @property
    def paths(self) -> frozenset[str]:
        """All paths of its calls."""
        return frozenset(path for _, path in self._calls)

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answers a call; blocks while a model runs.

        Args:
            method: HTTP method.
            path: One of `paths`.
            body: Request body, not compressed.

        Returns:
            HTTP status and JSON body.
        """
        try:
            call = self._calls.get((method, path))
            if call is None:
                raise invalid_argument(f"Malformed request: {method} {path}")
            # All but ASCII is escaped: a document may hold what is not UTF-8.
            return StatusCode.OK.http_status, json.dumps(call(body)).encode()
        except Exception as error:
            return failure(method, path, error)

    def _models(self, _body: bytes) -> dict[str, Any]:
        return {"models": [self._model(name) for name in self._manager.available]}

    def _model(self, name: str) -> dict[str, Any]:
        with self._manager.lease(name) as servable:
            bits, card = bits_of(servable), _card(servable)
            index = None if bits is None else self._indexes.of(servable)
            use = index.use if index else CodeUse.of_card(card) if card else None
            return {
                "name": name,
                "version": str(servable.version),
                "bits": bits,
                "has_topics": "topics" in servable.signatures,
                "index": _described(index),
                "why_no_index": None if index else self._why_no_index(servable),
                "corpus": card and card["corpus"] and card["corpus"]["name"],
                "precision_at_100": card
                and card["precision_at_100"]
                and card["precision_at_100"]["test"],
                "measured_on": use and use.source,
                "shares": use and use.shares,
                "buckets": card and card["buckets"],
                "health": health(
                    use, [topic["name"] for topic in card["topics"]] if card else ()
                ),
            }

    def _why_no_index(self, servable: Servable) -> str:
        if not len(self._indexes):
            return _NO_INDEX
        return _OTHER_VERSION.format(version=servable.version)

    def _neighbours(self, body: bytes) -> dict[str, Any]:
        call, index = self._indexed(body)
        return index.neighbours(call.code(index.bits))

    def _search(self, body: bytes) -> dict[str, Any]:
        call, index = self._indexed(body)
        code = call.code(index.bits) if call.has("code") else None
        try:
            return index.search(call.text("text"), code)
        except InputError as error:
            # Half a word was typed: that is no mistake of the page.
            return {"hits": [], "why": str(error)}

    def _buckets(self, body: bytes) -> dict[str, Any]:
        call, index = self._indexed(body)
        return index.buckets(call.start())

    def _bucket(self, body: bytes) -> dict[str, Any]:
        call, index = self._indexed(body)
        return index.bucket(call.code(index.bits), call.start())

    def _indexed(self, body: bytes) -> tuple[PageCall, PageIndex]:
        call = PageCall(body, self._predictor.limits)
        with self._manager.lease(call.text("model")) as servable:
            index = None if bits_of(servable) is None else self._indexes.of(servable)
            if index is None:
                raise ServingError(
                    StatusCode.FAILED_PRECONDITION, self._why_no_index(servable)
                )
            return call, index

    def _explain(self, body: bytes) -> dict[str, Any]:
        call = PageCall(body, self._predictor.limits)
        model, text = call.text("model"), call.text("text")
        _check_length(text)
        with self._manager.lease(model) as servable:
            bits = bits_of(servable)
            if bits is None:
                raise invalid_argument(f"Expecting a hasher but got the model: {model}")
            run = functools.partial(self._predictor.run, servable, model)
            with self._predictor.counted(model, "Explain", "REST"):
                try:
                    found = explain(ServableHasher(run, bits, self._rows).hash, text)
                except InputError as error:
                    raise invalid_argument(str(error)) from error
        return {
            "words": found.words,
            "unknown": found.unknown,
            "probabilities": found.probabilities.tolist(),
            "effects": found.effects.tolist(),
            "decisive": found.decisive.tolist(),
            "parts": _parts(text, found),
        }


# What is shown of a model card.
_FACTS: dict[str, dict[str, Any]] = {
    "corpus": {"name": str, "documents_by_part": {"train": int}},
    "precision_at_100": {"test": float | int | None},
    "codes": {
        "measured_on": str,
        "in_use": int,
        "dead_bits": int,
        "entropy_in_bits": float | int,
        "entropy_of_each_bit": list,
    },
}


def _card(servable: Servable) -> dict[str, Any] | None:
    try:
        parts = {"bits": int, "buckets": list, "topics": list}
        card = read_json(servable.path / CARD_FILE, parts)
        for bit, topic in enumerate(card["topics"]):
            check_parts(topic, {"name": str}, f"as topic {bit} on the card")
        for part, facts in _FACTS.items():
            # None is what the export could not know.
            if card.setdefault(part, None) is not None:
                check_parts(card[part], facts, f"as {part} on the card")
    except (OSError, InputError):
        return None  # of another's export, or of a folder that is gone
    return card


def _described(index: PageIndex | None) -> dict[str, Any] | None:
    if index is None:
        return None
    return {
        "name": index.name,
        "documents": index.documents,
        "left_out": index.left_out,
    }


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise invalid_argument(
            f"Expecting at most {MOST_CHARACTERS} characters to explain but got: "
            f"{len(text)}"
        )
    words = len(re.findall(r"\w\w+", text))
    if words > MOST_WORDS:
        raise invalid_argument(
            f"Expecting at most {MOST_WORDS} words to explain but got: {words}"
        )


def _parts(text: str, found: Explanation) -> list[list[Any]]:
    """The text in pieces, each with its place in `words` or None."""
    numbers = {word: number for number, word in enumerate(found.words)}
    parts: list[list[Any]] = []
    end = 0
    for first, last, word in places(text, found.words):
        parts.append([text[end:first], None])
        parts.append([text[first:last], numbers[word]])
        end = last
    parts.append([text[end:], None])
    return [part for part in parts if part[0]]
