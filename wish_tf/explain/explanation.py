from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Explanation:
    """What each word of a text did to each bit of its code.

    Attributes:
        words: the text's w distinct known words, in order of appearance.
        effects: float64 [w, bits], by how much a bit's log-odds fall when the
            word is left out of the text: above 0 the word spoke for the bit, 0 also
            where float32 cannot tell.
        probabilities: float32 [bits], of the whole text.
        unknown: the text's other words of two letters or more, which the model
            does not see: not in its vocabulary, or stop words.

    Examples:
        >>> effects = np.array([[2.0, -0.1], [0.3, -4.0]])
        >>> found = Explanation(["cat", "engine"], effects, np.array([0.8, 0.4]), [])
        >>> found.bits
        array([1, 0], dtype=uint8)
        >>> found.strongest(1, words=1)
        [('engine', -4.0)]
        >>> found.decisive  # without "engine", bit 1 would be on
        array([[ True, False],
               [False,  True]])
    """

    words: list[str]
    effects: np.ndarray
    probabilities: np.ndarray
    unknown: list[str]

    @property
    def bits(self) -> np.ndarray:
        """The code, uint8 0/1 [bits]."""
        return (self.probabilities > 0.5).astype(np.uint8)

    @property
    def decisive(self) -> np.ndarray:
        """Whether a bit would be the other one without the word, bool [w, bits]."""
        return (log_odds(self.probabilities) - self.effects > 0) != (self.bits == 1)

    def strongest(self, bit: int, words: int = 5) -> list[tuple[str, float]]:
        """Returns the words that moved a bit most, either way, with their effects.

        Args:
            bit: 0 is the first of the code.
            words: how many at most.
        """
        effects = self.effects[:, bit]
        order = np.argsort(-np.abs(effects), kind="stable")[:words]
        return [(self.words[i], float(effects[i])) for i in order if effects[i]]


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Returns ln(p / (1 - p)), float64; as p is float32, within about 16.6 of 0."""
    least = 2.0**-24
    p = np.clip(np.asarray(probabilities, np.float64), least, 1 - least)
    return np.log(p) - np.log1p(-p)


def log_odds_error(probabilities: np.ndarray) -> np.ndarray:
    """Returns how wrong `log_odds` may be, float64: near 1, float32 has steps of 2^-24.

    Near 0 its steps are as small as the probability, and nothing is lost.
    """
    p = np.asarray(probabilities, np.float64)
    return 2.0**-23 / np.maximum(1 - p, 2.0**-24)
