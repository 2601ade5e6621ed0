"""The page as the server sees it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from wish_tf.server.http_message import Headers, HttpAnswer, headers_of
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.page.model_indexes import ModelIndexes
from wish_tf.server.page.page_handler import FOLDER, PageHandler
from wish_tf.server.page.page_index import PageIndex
from wish_tf.server.page.static_files import StaticFiles
from wish_tf.server.predictor import Predictor

# Small runs, between which other requests get their turn.
_ROWS = 64
_HEADERS = headers_of(
    b"application/json",
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


# As in the header, with a port or without.
_HOST = re.compile(r"[\w.-]+(:[0-9]+)?|\[[0-9a-fA-F:.]+\](:[0-9]+)?", re.ASCII)


class Page:
    """Files for everyone, and data for those who may ask.

    Attributes:
        handler: What answers the calls for data, in a thread.
    """

    def __init__(
        self,
        manager: ModelManager,
        predictor: Predictor,
        *,
        indexes: Sequence[Path] = (),
        needs_token: bool = False,
        hosts: Sequence[str] = (),
        max_batch_size: int | None = None,
    ) -> None:
        """Reads the files and the indexes.

        Args:
            manager: The models.
            predictor: What runs and counts the requests that run a model.
            indexes: What `wish-tf index` wrote with models that are served.
            needs_token: Whether clients have to show a token.
            hosts: Names by which the page may be asked for, besides `localhost` and
                IP addresses.
            max_batch_size: Most rows of a call that is batched; None: no such limit.

        Raises:
            InputError: If an index cannot be used, or is of none of the models.
        """
        most = predictor.limits.max_batch_size
        rows = min(_ROWS, most, most if max_batch_size is None else max_batch_size)
        known = ModelIndexes([PageIndex(path) for path in indexes], rows)
        with contextlib.ExitStack() as stack:
            known.check(
                {
                    name: stack.enter_context(manager.lease(name))
                    for name in manager.available
                }
            )
        self.handler = PageHandler(manager, predictor, known, rows)
        self._files = StaticFiles("/", FOLDER, {"needs_token": needs_token})
        self._paths = self.handler.paths
        # A token does not come from another site.
        self._hosts = None if needs_token else {"localhost", *map(str.lower, hosts)}

    def answers(self, host: str | None) -> bool:
        """Whether the page may be asked for under a name.

        A site of any name can let that name point to this server (DNS rebinding); its
        scripts would then read what the page reads. They cannot choose an address.

        Args:
            host: The header `Host`.
        """
        if self._hosts is None or host is None:
            return True
        name = urlsplit(f"//{host}").hostname if _HOST.fullmatch(host) else None
        return name is not None and (name in self._hosts or _is_address(name))

    def file(self, method: str, path: str, known: str | None) -> HttpAnswer | None:
        """As `StaticFiles.answer`."""
        return self._files.answer(method, path, known)

    def has_call(self, path: str) -> bool:
        """Whether a path is one of the calls for data."""
        return path in self._paths

    @property
    def headers(self) -> Headers:
        """What the answers to calls for data carry."""
        return _HEADERS


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
