"""Numbers as they are written in pages."""

from __future__ import annotations

# A space at which a line does not break.
UNIT = "\u00a0"


def count(number: float) -> str:
    """Returns a whole number with commas: 12,345."""
    return f"{number:,.0f}"


def counted(number: int, what: str, several: str | None = None) -> str:
    """Returns a number of things: 1 document, 2 documents."""
    return f"{count(number)} {what if number == 1 else several or what + 's'}"


def share(part: float) -> str:
    """Returns a share from 0 to 1 as percent; what is not none is not shown as 0."""
    percent = 100 * part
    if 0 < percent < 0.1:
        return f"under 0.1{UNIT}%"
    # Neither is what is not all shown as 100.
    fine = 0 < percent < 10 or 99.5 <= percent < 100
    return f"{min(percent, 99.9):.1f}{UNIT}%" if fine else f"{percent:.0f}{UNIT}%"


def signed(number: float) -> str:
    """Returns a number with its sign and two digits: +0.50, −1.25."""
    return f"{number:+.2f}".replace("-", "−")


def figure(number: float) -> str:
    """Returns a number with as many digits as say something."""
    return count(number) if abs(number) >= 1000 else f"{number:.3g}"
