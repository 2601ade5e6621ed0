"""The one exception users are meant to read."""

from __future__ import annotations

import re


class InputError(ValueError):
    """Something given to the package cannot be used.

    Its message is one sentence that says what was expected and what came.
    The command line prints it without a traceback and exits with 1.
    """


def first_line(error: BaseException) -> str:
    """Returns the first line of an error of a library that says something."""
    message = getattr(error, "message", None) or str(error)
    # Headings of TensorFlow's that say nothing stand before what went wrong.
    said = re.sub(r"^(Graph execution error:)?\s*(\{\{.*?\}\})?", "", message).strip()
    return said.splitlines()[0] if said else type(error).__name__
