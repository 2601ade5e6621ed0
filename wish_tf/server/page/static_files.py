"""The files of the page."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from wish_tf.server.http_message import HttpAnswer, headers_of

_FILES = Path(__file__).with_name("files")
_KINDS = {
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".json": b"application/json",
}
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; "
        b"connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
        b"form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Asked for anew each time, with the tag of what is there already.
    (b"cache-control", b"no-cache"),
)


class StaticFiles:
    """The page's files in memory; they hold nothing of models or documents."""

    def __init__(self, root: str, folder: str, settings: dict[str, bool]) -> None:
        """Reads the files.

        Args:
            root: Path of `index.html`.
            folder: Path that the other files are below, with a slash at its end.
            settings: What the page is told in `settings.json`.
        """
        contents = {file.name: file.read_bytes() for file in _FILES.iterdir()}
        contents["settings.json"] = json.dumps(settings).encode()
        self._answers = {
            root if name == "index.html" else folder + name: _answer(name, content)
            for name, content in contents.items()
        }

    def answer(self, method: str, path: str, known: str | None) -> HttpAnswer | None:
        """Answers a request for a file.

        Args:
            method: HTTP method.
            path: Path of the request target.
            known: The header `If-None-Match`.

        Returns:
            The file, status 304 if the client has it, or None if it is no request for
            a file of the page.
        """
        answer = self._answers.get(path)
        if answer is None or method not in ("GET", "HEAD"):
            return None
        _, headers, _ = answer
        tag = dict(headers)[b"etag"].decode()
        if known is not None and tag in known:
            return 304, headers, b""
        return answer


def _answer(name: str, content: bytes) -> HttpAnswer:
    tag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
    kind = _KINDS[Path(name).suffix]
    return 200, headers_of(kind, *_HEADERS, (b"etag", tag)), content
