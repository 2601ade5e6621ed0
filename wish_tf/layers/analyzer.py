from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import tensorflow as tf
from tensorflow_text import case_fold_utf8

from wish_tf.errors import InputError

StopWords: TypeAlias = str | Iterable[str] | None

ANALYZERS = ("word", "char", "char_wb")
# Letters of scripts written without spaces, in the syntax of RE2. The last three
# are kana to the eye, and of no script to Unicode.
_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    r"\x{3099}\x{309A}\x{30FC}"
)
_LETTER = rf"[{_UNSPACED}]\pM*"
_RUN = rf"[{_UNSPACED}][{_UNSPACED}\pM]*"
# What is no part of a word: of ASCII all of it, else as RE2 writes it.
_BLANKS = bytes(c for c in range(128) if not (chr(c).isalnum() or chr(c) == "_"))
_WIDE_BLANK = r"[^\pL\pM\pN_\x00-\x7f]"
# What Python's `\s` matches.
_SPACE = r"[\s\v\x1c-\x1f\x{85}\pZ]"


class Analyzer:
    """Texts to terms, in the graph, by operations that stock TF-Serving has.

    A text is first brought to one form, whatever the locale of the process: NFKC
    with case folding (`NFKC_Casefold` of Unicode, standard annex 31). Then

        word     runs of letters with their marks, digits and "_". In scripts that
                 are written without spaces (Han, kana, Thai, Lao, Khmer, Burmese),
                 each pair of neighbouring letters, as Lucene's `CJKAnalyzer` does;
                 a letter that stands alone is a word.
        char     n-grams of characters, as in scikit-learn; any white space is a blank.
        char_wb  the same inside words, with a blank at either end.

    Args:
        analyzer: `"word"`, `"char"` or `"char_wb"`.
        ngram_range: (shortest, longest) n-gram, in words or characters.
        min_token_length: shorter words are left out, but for those of an unspaced
            script.
        stop_words: words that are left out: `"english"` (scikit-learn's list), a list
            of one's own, or None. They are analysed as texts are.

    The last two hold for words only. Where terms are single words, both are left to
    `keeps`, since words that are in no vocabulary need not be taken out of a text.

    Raises:
        InputError: naming the setting that cannot be used.

    Examples:
        >>> terms = Analyzer()(["Straße 42", "東京都"])
        >>> [term.decode() for term in terms.values.numpy()]
        ['strasse', '42', '東京', '京都']
    """

    def __init__(
        self,
        analyzer: str = "word",
        ngram_range: Sequence[int] = (1, 1),
        min_token_length: int = 2,
        stop_words: StopWords = "english",
    ):
        if analyzer not in ANALYZERS:
            raise InputError(
                f"expected analyzer to be one of {', '.join(ANALYZERS)}; "
                f"got {analyzer!r}"
            )
        if len(ngram_range) != 2 or not 1 <= ngram_range[0] <= ngram_range[1]:
            raise InputError(
                "expected ngram_range to be the shortest and the longest n-gram, "
                f"from 1; got {ngram_range}"
            )
        # RE2 counts no further.
        if not 1 <= min_token_length <= 1000:
            raise InputError(
                f"expected min_token_length from 1 to 1000; got {min_token_length}"
            )
        self._analyzer = analyzer
        self._widths = list(range(ngram_range[0], ngram_range[1] + 1))
        self._long_enough = rf"(?s)(?:{_LETTER}){{1,2}}|.{{{min_token_length},}}"
        self.stop_table: tf.lookup.StaticHashTable | None = None
        words = _stop_words(stop_words) if analyzer == "word" else []
        if words:
            self.stop_table = lookup_table(tf.unique(self._words(words).values).y)

    @property
    def single_words(self) -> bool:
        """Whether terms are words, which `keeps` has not seen yet."""
        return self._analyzer == "word" and self._widths == [1]

    def __call__(self, texts: tf.Tensor, unspaced: bool = True) -> tf.RaggedTensor:
        """Returns the terms of each text, strings [n, (terms)].

        Args:
            texts: strings [n].
            unspaced: False for single words without those of unspaced scripts, which
                takes less time.
        """
        if self._analyzer == "word":
            words = self._words(texts, unspaced or not self.single_words)
            if self.single_words:
                return words
            words = tf.ragged.boolean_mask(
                words, words.with_values(self.keeps(words.values))
            )
            return tf.strings.ngrams(words, self._widths, separator=" ")
        spaced = tf.strings.regex_replace(case_fold_utf8(texts), _SPACE + "+", " ")
        if self._analyzer == "char":
            characters = tf.strings.unicode_split(spaced, "UTF-8")
            return tf.strings.ngrams(characters, self._widths, separator="")
        words = tf.strings.split(spaced)
        words = words.with_values(tf.strings.join([" ", words.values, " "]))
        grams = tf.strings.ngrams(
            tf.strings.unicode_split(words, "UTF-8"),
            self._widths,
            separator="",
            preserve_short_sequences=True,
        )
        return grams.merge_dims(1, 2)

    def keeps(self, words: tf.Tensor) -> tf.Tensor:
        """Returns which words are long enough and no stop words, bool [n]."""
        kept = tf.strings.regex_full_match(words, self._long_enough)
        if self.stop_table is None:
            return kept
        return kept & (self.stop_table.lookup(words) < 0)

    def _words(self, texts: tf.Tensor, unspaced: bool = True) -> tf.RaggedTensor:
        replace, folded = tf.strings.regex_replace, case_fold_utf8(texts)
        if not unspaced:
            words = replace(folded, f"(?:{_WIDE_BLANK}|{_LETTER})+", " ")
        else:
            words = replace(folded, f"{_WIDE_BLANK}+", " ")
            # A run abc becomes a·ab·bc·c, and then ab·bc; a run a becomes a·a, and
            # then a. What stands around a run, and the dots, are kinds of blanks.
            words = replace(words, _RUN, "\v\\0\f")
            words = replace(words, _LETTER, "\\0\t\\0")
            words = replace(words, f"\v{_LETTER}\t|\t{_LETTER}\f", " ")
        # An expression that finds little in most texts, and the old operation, which
        # splits at any of several characters, take a third of the time of one that
        # finds each blank and of `tf.strings.split`.
        split = tf.raw_ops.StringSplit(input=words, delimiter=_BLANKS)
        return tf.RaggedTensor.from_value_rowids(
            split.values, split.indices[:, 0], split.shape[0], validate=False
        )


def has_unspaced(terms: Sequence[str]) -> bool:
    """Returns whether a term has a letter of a script written without spaces."""
    found = tf.strings.regex_full_match(list(terms), f"(?s).*[{_UNSPACED}].*")
    return bool(tf.reduce_any(found))


def lookup_table(terms: tf.Tensor) -> tf.lookup.StaticHashTable:
    """Returns a table from terms, strings [n], to their numbers; others are -1."""
    numbers = tf.range(tf.size(terms, tf.int64))
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(terms, numbers), -1
    )


def _stop_words(stop_words: StopWords) -> list[str]:
    if stop_words is None:
        return []
    if stop_words == "english":
        # Here, since what only loads a hasher has no use for scikit-learn.
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        return list(ENGLISH_STOP_WORDS)
    if isinstance(stop_words, str):
        raise InputError(
            f"expected stop_words to be 'english', a list or None; got {stop_words!r}"
        )
    return list(stop_words)
