from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtr

from wish_tf.naming.naming_words import NamingWords
from wish_tf.settings import Count, Positive, Settings, Share, Weight

# Proposals that are weighed at a time, at most; the result does not depend on it.
AT_ONCE = 32


@dataclass(frozen=True)
class CodeSearchSettings(Settings):
    """What codes of clusters should be like, and how long they are searched.

    Attributes:
        moves: proposals of a start, for each bit of each cluster.
        starts: of which the best result counts.
        heat: (first, last) temperature; falls geometrically.
        most_on: bits that are on in a code, at most, if there are enough such codes:
            so a bit is on for as many texts as one topic can have.
        ranks: how many of the nearest texts should be like a query.
        rank_weights: how much each of these counts.
        wrong_bit: share of the same with one wrong bit in the query, at the first of
            the ranks.
        coherence: weight of the NPMI of a bit's words, mean over the bits.
        least_coherence: of the bit where it is least.
        telling: weight of how many more of a bit's words a text with the bit has, mean
            over the bits.
        least_telling: of the bit where it is least.
        fidelity: weight of how well a bit's words tell it, mean over the bits: the AUC
            of their number in a text, estimated.
        least_fidelity: of the bit where it is least.
        on: (least, largest) share of the texts that a bit should be on for.
        outside: weight of what lies outside of it.
    """

    moves: Count = 80
    starts: Count = 2
    heat: tuple[Positive, Positive] = (3e-3, 6e-5)
    most_on: Count = 3
    ranks: tuple[Count, ...] = (100, 1000)
    rank_weights: tuple[Share, ...] = (0.7, 0.3)
    wrong_bit: Share = 0.3
    coherence: Weight = 0.06
    least_coherence: Weight = 0.06
    telling: Weight = 0.18
    least_telling: Weight = 0.06
    fidelity: Weight = 0.3
    least_fidelity: Weight = 0.3
    on: tuple[Share, Share] = (0.05, 0.4)
    outside: Weight = 12.0


class CodeSearch:
    """Finds codes for clusters whose bits are topics that words name.

    Which code a cluster gets hardly changes what is found by codes, as long as they
    differ; so they can be chosen for their bits to be readable. The search is
    simulated annealing; a move gives one cluster a free code, or two clusters each
    other's. Its value is the cosine of the texts nearest by code, plus the coherence
    of each bit's words and what they tell about the bit.

    Args:
        words: that can name topics, counted for the clusters.
        likeness: mean cosine of the texts of two clusters, float [k, k].
        bits: length of the codes, of which there are at least k.
        settings: what is valued.
        shown: words of a bit.
    """

    def __init__(
        self,
        words: NamingWords,
        likeness: np.ndarray,
        bits: int,
        settings: CodeSearchSettings,
        shown: int = 10,
    ):
        self._settings, self._bits = settings, bits
        self._sizes, self._k = words.sizes, len(words.sizes)
        self._n = words.sizes.sum()
        self._counts = words.counts.astype(np.float32)
        self._totals = self._counts.sum(axis=0)
        self._coherence = words.coherence
        self._together = words.together
        self._shown = min(shown, self._counts.shape[1])
        self._relevance = likeness * words.sizes
        self._moves = settings.moves * self._k * bits
        self._ones = self._as_bits(np.arange(2**bits)).sum(axis=-1, dtype=np.int64)
        most_on = settings.most_on
        while sum(math.comb(bits, on) for on in range(most_on + 1)) < self._k:
            most_on += 1
        self._most_on = most_on

    def run(
        self, seed: int, on_step: Callable[[int, int], None] = lambda step, of: None
    ) -> np.ndarray:
        """Returns the best codes that were met, all different, uint8 0/1 [k, bits].

        Args:
            seed: of the first codes and the moves.
            on_step: called with the number of moves done and how many there are.
        """
        starts, moves = self._settings.starts, self._moves

        def report(before: int, step: int) -> None:
            on_step(before + step, starts * moves)

        found = [
            self._anneal(
                np.random.default_rng([seed, start]), partial(report, start * moves)
            )
            for start in range(starts)
        ]
        _, best = max(found, key=lambda each: each[0])
        return self._as_bits(best)

    def _anneal(
        self, random: np.random.Generator, on_step: Callable[[int], None]
    ) -> tuple[float, np.ndarray]:
        """Returns the best value that was met, and its codes as numbers, [k]."""
        k, moves = self._k, self._moves
        first, last = self._settings.heat
        # The largest clusters get the codes with the fewest bits on.
        order = np.lexsort((random.random(len(self._ones)), self._ones))[:k]
        codes = np.empty(k, np.int64)
        codes[np.argsort(-self._sizes, kind="stable")] = order
        # All draws come first: how many are weighed at a time must not change them.
        cluster, other = random.integers(k, size=(2, moves))
        exchanged = random.random(moves) < 0.5
        flips = 1 << random.integers(self._bits, size=(2, moves))
        flips = np.where(random.random(moves) < 0.5, flips[0], flips[0] | flips[1])
        heat = first * (last / first) ** (np.arange(moves) / moves)
        slack = heat * np.log(random.random(moves))

        rough, value = self._rough(codes[np.newaxis])[0], self._exact(codes)
        best = (value, codes)
        step, at_once = 0, 1
        while step < moves:
            part = slice(step, min(step + at_once, moves))
            proposals, allowed = self._moved(
                codes, cluster[part], other[part], exchanged[part], flips[part]
            )
            step = part.stop
            at_once = min(AT_ONCE, 2 * at_once)
            values = np.full(len(proposals), -np.inf)
            values[allowed] = self._rough(proposals[allowed])
            # Delayed acceptance (Christen and Fox, 2005): what a cheaper value
            # refuses is not weighed exactly.
            for i in np.flatnonzero(values >= rough + slack[part]):
                exact = self._exact(proposals[i])
                if exact >= value + slack[part][i]:
                    codes, rough, value = proposals[i], values[i], exact
                    best = max(best, (value, codes), key=lambda each: each[0])
                    # Those behind it were moves of other codes.
                    step, at_once = part.start + int(i) + 1, max(1, at_once // 4)
                    break
            on_step(step)
        return best

    def _moved(
        self,
        codes: np.ndarray,
        cluster: np.ndarray,
        other: np.ndarray,
        exchanged: np.ndarray,
        flips: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns proposals, [m, k], and which of them are allowed."""
        m = np.arange(len(cluster))
        proposals = np.repeat(codes[np.newaxis], len(m), axis=0)
        old = codes[cluster]
        new = np.where(exchanged, codes[other], old ^ flips)
        proposals[m, cluster] = new
        proposals[m[exchanged], other[exchanged]] = old[exchanged]
        taken = np.zeros(len(self._ones), bool)
        taken[codes] = True
        free = ~taken[new] & (
            (self._ones[new] <= self._most_on) | (self._ones[new] < self._ones[old])
        )
        return proposals, np.where(exchanged, cluster != other, free)

    def _rough(self, codes: np.ndarray) -> np.ndarray:
        """Returns the values of codes, [m, k], as if no query had a wrong bit, [m]."""
        if not len(codes):
            return np.zeros(0)
        found = self._found(codes[:, :, np.newaxis], self._settings.ranks)
        return found @ self._rank_weights() + self._readable(codes)

    def _exact(self, codes: np.ndarray) -> float:
        """Returns the value of codes, [k]."""
        one = codes[np.newaxis]
        wrong = self._settings.wrong_bit
        right = self._found(one[:, :, np.newaxis], self._settings.ranks)[0]
        flipped = one[:, :, np.newaxis] ^ (1 << np.arange(self._bits))
        noisy = self._found(flipped, self._settings.ranks[:1], one)[0, 0]
        found = (1 - wrong) * right @ self._rank_weights() + wrong * noisy
        return float(found + self._readable(one)[0])

    def _rank_weights(self) -> np.ndarray:
        return np.array(self._settings.rank_weights)

    def _found(
        self,
        queries: np.ndarray,
        ranks: tuple[int, ...],
        codes: np.ndarray | None = None,
    ) -> np.ndarray:
        """Returns the mean cosine of the texts nearest to queries by code, [m, ranks].

        Args:
            queries: codes of each cluster's queries, [m, k, q].
            ranks: how many of the nearest.
            codes: of the clusters, [m, k]; by default the queries.
        """
        codes = queries[:, :, 0] if codes is None else codes
        (m, k, q), distances = queries.shape, self._bits + 1
        apart = self._ones[queries[..., np.newaxis] ^ codes[:, np.newaxis, np.newaxis]]
        bins = (np.arange(m * k * q) * distances).reshape(m, k, q, 1) + apart
        shape = (m, k, q, k)
        texts, relevant = (
            np.bincount(
                bins.ravel(),
                np.broadcast_to(weight, shape).ravel(),
                m * k * q * distances,
            ).reshape(m, k, q, distances)
            for weight in (self._sizes, self._relevance[:, np.newaxis])
        )
        mean = relevant / np.maximum(texts, 1)
        within = np.cumsum(texts, axis=-1)
        result = np.empty((m, len(ranks)))
        for i, rank in enumerate(ranks):
            rank = min(rank, int(self._n))
            taken = np.diff(np.minimum(within, rank), axis=-1, prepend=0)
            of_queries = (taken * mean).sum(axis=-1).mean(axis=-1) / rank
            result[:, i] = of_queries @ self._sizes / self._n
        return result

    def _readable(self, codes: np.ndarray) -> np.ndarray:
        """Returns what the words of the bits are worth, [m]."""
        settings = self._settings
        on = self._as_bits(codes).astype(np.float32).transpose(0, 2, 1)
        texts = on @ self._sizes.astype(np.float32)
        share = texts / np.float32(self._n)
        least, most = settings.on
        outside = np.maximum(least - share, 0) + np.maximum(share - most, 0)
        # p(word | on) - p(word | off); -1 for a bit that tells no texts apart.
        others = np.float32(self._n) - texts
        split = ((texts > 0) & (others > 0))[..., np.newaxis]
        scale = np.maximum(texts, 1), np.maximum(others, 1)
        inner, outer = (1 / each[..., np.newaxis] for each in scale)
        telling = (on @ self._counts) * (inner + outer) - self._totals * outer
        telling = np.where(split, telling, np.float32(-1))
        own = telling == telling.max(axis=1, keepdims=True, initial=-np.inf)
        telling = np.where(own, telling, np.float32(-9))
        shown = self._shown
        words = np.argpartition(-telling, max(0, shown - 1), axis=2)[..., :shown]
        # The mean number of words of a text with the bit, less that of one without.
        gap = np.maximum(np.take_along_axis(telling, words, axis=2), 0).sum(axis=2)
        pairs = words[..., np.newaxis], words[..., np.newaxis, :]
        coherence = self._coherence[pairs].sum(axis=(2, 3)) / max(
            1, shown * (shown - 1)
        )
        # The variance of that number within either of the two; as if it were normal.
        mean = np.diag(self._together)[words].sum(axis=2)
        variance = self._together[pairs].sum(axis=(2, 3)) - mean**2
        within = np.maximum(variance - share * (1 - share) * gap**2, 1e-6)
        fidelity = ndtr(gap / np.sqrt(2 * within))
        return (
            settings.coherence * coherence.mean(axis=1)
            + settings.least_coherence * coherence.min(axis=1)
            + settings.telling * gap.mean(axis=1)
            + settings.least_telling * gap.min(axis=1)
            + settings.fidelity * fidelity.mean(axis=1)
            + settings.least_fidelity * fidelity.min(axis=1)
            - settings.outside * outside.sum(axis=1)
        )

    def _as_bits(self, codes: np.ndarray) -> np.ndarray:
        return (codes[..., np.newaxis] >> np.arange(self._bits) & 1).astype(np.uint8)
