"""What a terminal is shown of texts that others wrote."""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO

# Control characters but tab and newline, what turns the direction of writing, and
# half surrogates, which no encoding has.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ERRORS = "wish_tf.escape"


def printable(text: str) -> str:
    """Returns a text with what a terminal would obey written as JSON escapes it."""
    return _UNPRINTABLE.sub(lambda found: escaped(found[0]), text)


def escaped(text: str) -> str:
    """Returns each character as `\\uXXXX`, or as two such, as in JSON."""
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


@contextmanager
def printable_output() -> Iterator[None]:
    """Makes printing safe for as long as the context lasts.

    A terminal gets `printable` texts; a file or a pipe gets them as they are. What
    the encoding of either cannot show is escaped, so that JSON remains JSON.
    """
    codecs.register_error(_ERRORS, _escape_error)
    with ExitStack() as stack:
        for stream, redirect in (
            (sys.stdout, redirect_stdout),
            (sys.stderr, redirect_stderr),
        ):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=_ERRORS)
            if stream.isatty():
                stack.enter_context(redirect(_Printable(stream)))
        yield


class _Printable:
    """Writes printable texts to a stream; `unescaped` is the stream itself."""

    def __init__(self, stream: TextIO) -> None:
        self.unescaped = stream

    def write(self, text: str) -> int:
        return self.unescaped.write(printable(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unescaped, name)


def _escape_error(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped(error.object[error.start : error.end]), error.end
