from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from wish_tf.checks import check_texts, whole_number
from wish_tf.client.backoff import Backoff
from wish_tf.client.decode import (
    decode_code_length,
    decode_hash,
    decode_search,
    decode_topics,
)
from wish_tf.client.errors import ServerError
from wish_tf.client.found_documents import FoundDocuments
from wish_tf.client.rest_transport import RestTransport
from wish_tf.client.server_address import ServerAddress
from wish_tf.client.transport import Transport
from wish_tf.client.version_status import VersionStatus
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts

_MAX_INT32 = 2**31 - 1

Answer = TypeVar("Answer")


class Client:
    """Asks a server for codes: TF-Serving, or `wish-tf serve`.

        with Client("http://localhost:8501/v1/models/wish") as client:
            codes = client.hash(["fit a linear model", "send a mail"]).bits

    What may pass is asked again, after growing pauses: a refused or broken
    connection, a timeout, and the statuses 429, 503 and 504 (over gRPC
    UNAVAILABLE, RESOURCE_EXHAUSTED and DEADLINE_EXCEEDED). All else fails at
    once. A client can be used from several threads.

    Without a version or a label in the URL the server answers with its latest
    version, which may change between two requests. Codes of two versions have
    nothing to do with each other: name the version where codes are kept.

    Args:
        url: `http://HOST:PORT/v1/models/NAME` (REST) or `grpc://HOST:PORT/NAME`
            (gRPC), with `/versions/N` or `/labels/LABEL` at the end if wanted;
            `https` and `grpcs` with TLS.
        timeout: Longest that one request may take, seconds.
        retries: How often a request is asked again.
        connections: How many requests of `hash` or `search` are on their way at once.
        token: Sent as `Authorization: Bearer`. Without TLS anyone on the way can
            read it.
        ca_file: Certificates in PEM to trust instead of the system's (over gRPC,
            instead of gRPC's own list).

    Raises:
        InputError: If an argument cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        connections: int = 4,
        token: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        address = ServerAddress.parse(url)
        if not (isinstance(timeout, (int, float)) and 0 < timeout < math.inf):
            raise InputError(f"expected a timeout above 0 seconds; got {timeout!r}")
        retries = whole_number(retries, "retries", 0)
        connections = whole_number(connections, "connections", 1)
        if token is not None and not _is_token(token):
            raise InputError(
                "expected a token of visible ASCII characters; got something else"
            )
        if ca_file is not None and not address.is_encrypted:
            raise InputError(
                f"expected https:// or grpcs:// with certificates; got {url!r}"
            )
        self._transport: Transport
        if address.is_grpc:
            # Not above: the messages of gRPC come with TensorFlow's, which REST
            # does without.
            from wish_tf.client.grpc_transport import GrpcTransport

            self._transport = GrpcTransport(address, timeout, token, ca_file)
        else:
            self._transport = RestTransport(address, timeout, token, ca_file)
        self._backoff = Backoff(retries)
        self._process = os.getpid()
        self._pool = ThreadPoolExecutor(connections, "wish-client")

    def hash(self, texts: Iterable[str], batch_size: int = 256) -> HashedTexts:
        """Returns the codes of texts, in their order.

        Args:
            texts: n strings. Of none, only the length of a code is asked.
            batch_size: How many go into one request.

        Raises:
            InputError: If a text is not a string, or holds a lone surrogate,
                which UTF-8 cannot carry.
            ServerError: If a request failed; no code is returned then.
        """
        texts = _encodable(texts)
        batch_size = whole_number(batch_size, "batch_size", 1)
        self._check_open()
        if not texts:
            bits = decode_code_length(self.metadata())
            return HashedTexts(np.zeros((0, bits), np.float32), np.zeros(0, bool))
        hashed = self._in_batches(self._hash_batch, texts, batch_size)
        lengths = sorted({part.probabilities.shape[1] for part in hashed})
        if len(lengths) > 1:
            raise ServerError(
                "expected codes of one length; the server sent some of "
                f"{' and some of '.join(map(str, lengths))} bits: its model changed",
                200,
            )
        return HashedTexts(
            np.concatenate([part.probabilities for part in hashed]),
            np.concatenate([part.out_of_vocabulary for part in hashed]),
        )

    def search(
        self, texts: Iterable[str], k: int = 10, batch_size: int = 64
    ) -> FoundDocuments:
        """Returns the documents nearest to texts, of those in the server's model.

        Args:
            texts: n strings, at least one.
            k: How many for each, from 1 to what the export gives at most
                (`wish-tf export --largest-k`).
            batch_size: How many texts go into one request.

        Raises:
            InputError: If there is no text, k is not a whole number from 1, or as
                `hash`.
            ServerError: If a request failed; `InvalidRequest` also where the model
                was exported without documents.
        """
        texts = _encodable(texts)
        if not texts:
            raise InputError("expected one or more texts to search for; got none")
        k = whole_number(k, "k", 1, _MAX_INT32)
        batch_size = whole_number(batch_size, "batch_size", 1)
        self._check_open()

        def search_batch(batch: list[str]) -> FoundDocuments:
            outputs = self._ask(
                lambda: self._transport.predict(
                    "search", text=batch, k=[k] * len(batch)
                )
            )
            return decode_search(outputs, len(batch), k)

        found = self._in_batches(search_batch, texts, batch_size)
        return FoundDocuments(
            np.concatenate([part.ids for part in found]),
            np.concatenate([part.distances for part in found]),
            np.concatenate([part.out_of_vocabulary for part in found]),
        )

    def topics(self, k: int = 10) -> list[list[tuple[str, float]]]:
        """Returns each bit's k strongest words with their weights, of those that the
        export has, ten at most.

        Raises:
            InputError: If k is not a whole number from 1.
            ServerError: If the request failed.
        """
        k = whole_number(k, "k", 1, _MAX_INT32)
        outputs = self._ask(lambda: self._transport.predict("topics", k=[k]))
        return decode_topics(outputs, k)

    def status(self) -> list[VersionStatus]:
        """Returns the state of each version of the model that the server knows.

        Raises:
            ServerError: If the request failed; `ModelNotFound` for no version.
        """
        return VersionStatus.list_from_json(self._ask(self._transport.status))

    def metadata(self) -> dict[str, Any]:
        """Returns the model's signatures, in the form of TF-Serving's JSON.

        Raises:
            ServerError: If the request failed.
        """
        return self._ask(self._transport.metadata)

    def close(self) -> None:
        """Waits for the requests on their way, asks none again and disconnects."""
        self._backoff.closed.set()
        self._pool.shutdown(cancel_futures=True)
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _in_batches(
        self, ask: Callable[[list[str]], Answer], texts: list[str], batch_size: int
    ) -> list[Answer]:
        """Asks about several texts at a time, several requests at once."""
        batches = [
            texts[start : start + batch_size]
            for start in range(0, len(texts), batch_size)
        ]
        try:
            return list(self._pool.map(ask, batches))
        except CancelledError:
            raise InputError("expected an open client; got a closed one") from None

    def _hash_batch(self, texts: list[str]) -> HashedTexts:
        outputs = self._ask(lambda: self._transport.predict("hash", text=texts))
        return decode_hash(outputs, len(texts))

    def _ask(self, ask: Callable[[], Answer]) -> Answer:
        self._check_open()
        return self._backoff.call(ask)

    def _check_open(self) -> None:
        if self._backoff.closed.is_set():
            raise InputError("expected an open client; got a closed one")
        # A fork copies the connections, whose answers the two would mix up, but no
        # thread.
        if self._process != os.getpid():
            raise InputError(
                "expected a client made in this process; got one made before it was "
                "forked"
            )


def _is_token(token: object) -> bool:
    return (
        isinstance(token, str)
        and token.isascii()
        and token.isprintable()
        and token.split() == [token]
    )


def _encodable(texts: Iterable[str]) -> list[str]:
    """Returns texts as a list, all of which UTF-8 can carry."""
    texts = check_texts(texts)
    for position, text in enumerate(texts):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "expected texts that UTF-8 can carry; got a lone surrogate at "
                f"position {position}, character {error.start}"
            ) from None
    return texts
