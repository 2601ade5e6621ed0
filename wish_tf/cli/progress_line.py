from __future__ import annotations

import sys


class ProgressLine:
    """A line on standard error that says how far something is.

    On a terminal the line is redrawn; elsewhere there is a line for each tenth of
    the way.
    """

    def __init__(self) -> None:
        self._tenth = 0

    def show(self, line: str, done: int, total: int) -> None:
        """Shows the line, if it is time to.

        Args:
            line: what to say.
            done, total: how far it is.
        """
        if sys.stderr.isatty():
            # What is printed is escaped; see `printable_output`.
            terminal = getattr(sys.stderr, "unescaped", sys.stderr)
            terminal.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
        elif 10 * done // max(1, total) > self._tenth:
            self._tenth = 10 * done // max(1, total)
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
