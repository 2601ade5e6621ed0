from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TermSettings:
    """How a run takes texts apart: what `TextHasher` takes by the same names.

    Attributes:
        analyzer: `"word"`, `"char"` or `"char_wb"`.
        ngram_range: (shortest, longest) n-gram.
        min_token_length: the least characters of a word.
        stop_words: `"english"`, the words themselves, or None.
        min_df: terms in fewer than this number (int) or share (float) of the training
            texts are left out.
        max_df: and terms in more.
    """

    analyzer: str = "word"
    ngram_range: tuple[int, ...] = (1, 1)
    min_token_length: int = 2
    stop_words: str | tuple[str, ...] | None = "english"
    min_df: float | int = 3
    max_df: float | int = 0.9


# Their types in JSON.
TERM_SETTINGS = {
    "analyzer": str,
    "ngram_range": list,
    "min_token_length": int,
    "stop_words": str | list | None,
    "min_df": float | int,
    "max_df": float | int,
}
