from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Scripts written without spaces, as the names of their letters begin.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def places(text: str, words: Iterable[str]) -> list[tuple[int, int, str]]:
    """Finds words of an `Explanation` in the text that it explains, to mark them.

    Args:
        text: any text.
        words: folded, as a model has them.

    Returns:
        Of each place its start, its end and the word, from left to right. Where two
        overlap, as pairs of letters do, the first is there.

    Examples:
        >>> places("Red, STRASSE, e\u0301té; reddish", ["red", "strasse", "été"])
        [(0, 3, 'red'), (5, 12, 'strasse'), (14, 18, 'été')]
    """
    folded, starts = "", []
    # A letter with its marks is folded as one.
    for match in re.finditer(r"(?s).[\u0300-\u036f]*", text):
        letter = unicodedata.normalize("NFKC", match[0]).casefold()
        letter = unicodedata.normalize("NFKC", letter)
        folded += letter
        starts += [match.start()] * len(letter)
    starts.append(len(text))
    patterns = [_pattern(word) for word in sorted(words, key=len, reverse=True)]
    found = re.finditer("|".join(patterns), folded) if patterns else ()
    return [
        (starts[match.start()], starts[match.end()], match[0])
        for match in found
        # A combining mark belongs to the word before it.
        if unicodedata.category(folded[match.end() : match.end() + 1] or " ")[0] != "M"
    ]


def _pattern(word: str) -> str:
    if unicodedata.name(word[0], "").startswith(_UNSPACED):
        return re.escape(word)
    return rf"(?<!\w){re.escape(word)}(?!\w)"
