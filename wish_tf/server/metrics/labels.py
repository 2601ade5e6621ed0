"""Labels of a metric in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Sequence

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def label_text(names: Sequence[str], values: Sequence[str]) -> str:
    """Writes labels as they stand between braces.

    Args:
        names: Names, of letters, digits and underscores.
        values: Any text for each; what UTF-8 cannot hold becomes `?`.

    Returns:
        `name="value",name="value"`.
    """
    pairs = zip(names, values, strict=True)
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)


def _escaped(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8").translate(_ESCAPES)
