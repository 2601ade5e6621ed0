"""The tables of a benchmark in its page."""

from __future__ import annotations

import sys
from pathlib import Path

# The marks are those of the scripts, which are no package.
sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))

from marks import write_between_marks

__all__ = ["write_between_marks"]
