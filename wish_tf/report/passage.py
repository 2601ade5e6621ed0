"""The part of a text that says why a bit is what it is."""

from __future__ import annotations

from collections.abc import Mapping

from wish_tf.explain.places import places
from wish_tf.report.markup import ELLIPSIS, Html, join, tag

LENGTH = 260
# A passage that would begin after less than this begins with the text.
NEAR_START = 60


def passage(text: str, effects: Mapping[str, float], length: int = LENGTH) -> Html:
    """Returns the passage in which the marked words moved a bit most.

    Args:
        text: a document.
        effects: what words to mark, folded, and by how much each moved the
            log-odds of the bit, as of an `Explanation`.
        length: of the passage, in characters.

    Returns:
        HTML; the direction of writing is the text's own.
    """
    text = " ".join(text.split())
    words = places(text, effects)
    start = _best_start(words, effects, length)
    if start < NEAR_START:
        start = 0
    end = min(len(text), start + length)
    if end < len(text):
        # Between two words, if there is a place.
        end = max(text.rfind(" ", start + length // 2, end), 0) or end
    pieces: list[object] = [f"{ELLIPSIS} "] if start else []
    shown = start
    for first, last, word in words:
        if start <= first and last <= end:
            pieces += [text[shown:first], _mark(text[first:last], effects[word])]
            shown = last
    pieces.append(text[shown:end])
    if end < len(text):
        pieces.append(f" {ELLIPSIS}")
    return tag("bdi", join(*pieces))


def _best_start(
    words: list[tuple[int, int, str]], effects: Mapping[str, float], length: int
) -> int:
    """Returns where the passage begins that has most of what moved the bit.

    A word that comes again counts once; of equally good passages the first is taken.
    """
    best, start = 0.0, 0
    for place, (first, _, _) in enumerate(words):
        inside = set()
        for _, last, word in words[place:]:
            if last > first + length:
                break
            inside.add(word)
        moved = sum(abs(effects[word]) for word in inside)
        if moved > best + 1e-9:
            best, start = moved, first
    return start


def _mark(word: str, effect: float) -> Html:
    side = "for" if effect > 0 else "against"
    return tag("mark", word, class_=side, title=f"{side} the bit: {effect:+.2f}")
