"""Codes of many small clusters whose Hamming neighbours are their texts' neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse

# Numbers of a block of cosines, or of one step of the descent, in memory at a time.
BLOCK = 2**25
ITQ_ROUNDS = 50
# Scales of the Hamming distance that are tried before each sweep.
SCALES = np.geomspace(0.5, 6, 16)
# Less is the rounding of the sums.
LEAST_GAIN = 1e-9


def nearest_texts(
    points: np.ndarray,
    count: int,
    on_step: Callable[[int, int], None] = lambda step, of: None,
) -> np.ndarray:
    """Returns the other texts nearest to each, nearest first, int32 [n, count].

    Args:
        points: of length 1, float32 [n, d].
        count: how many, at most n - 1.
        on_step: called with the number of texts done and n.
    """
    n = len(points)
    found = np.empty((n, count), np.int32)
    at_once = max(1, BLOCK // n)
    for start in range(0, n, at_once):
        part = slice(start, min(start + at_once, n))
        cosines = points[part] @ points.T
        own = np.arange(start, part.stop)
        cosines[own - start, own] = -np.inf
        near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        order = np.argsort(
            -np.take_along_axis(cosines, near, axis=1), axis=1, kind="stable"
        )
        found[part] = np.take_along_axis(near, order, axis=1)
        on_step(part.stop, n)
    return found


def neighbour_shares(
    near: np.ndarray, clusters: np.ndarray, k: int, exponent: float
) -> np.ndarray:
    """Returns where the neighbours of each cluster's texts lie, float32 [k, k].

    Args:
        near: `nearest_texts`, [n, m].
        clusters: of the texts, int [n].
        k: number of clusters.
        exponent: the neighbour of rank r weighs r to the power of minus this.
    """
    n, m = near.shape
    weights = np.arange(1, m + 1, dtype=np.float32) ** -np.float32(exponent)
    weights /= weights.sum()
    starts = np.arange(0, n * m + 1, m)
    texts = scipy.sparse.csr_array(
        (np.tile(weights, n), clusters[near].ravel(), starts), (n, k)
    )
    members = scipy.sparse.csr_array(
        (np.ones(n, np.float32), (clusters, np.arange(n))), (k, n)
    )
    shares = (members @ texts).toarray()
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)


def quantised(points: np.ndarray, of: np.ndarray, bits: int, seed: int) -> np.ndarray:
    """Returns codes by iterative quantisation (Gong and Lazebnik, CVPR 2011).

    Args:
        points: that the axes and the rotation are found for, float [n, d].
        of: whose codes are returned, float [k, d].
        bits: length of a code.
        seed: of the first rotation.

    Returns:
        uint8 0/1 [k, bits].
    """
    middle = points.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(points - middle, rowvar=False))
    axes = axes[:, ::-1][:, :bits]
    if axes.shape[1] < bits:  # Few dimensions give few directions.
        axes = np.pad(axes, ((0, 0), (0, bits - axes.shape[1])))
    along = (points - middle) @ axes
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(bits, bits)))
    for _ in range(ITQ_ROUNDS):
        left, _, right = np.linalg.svd(along.T @ np.sign(along @ rotation))
        rotation = left @ right
    return ((of - middle) @ axes @ rotation > 0).astype(np.uint8)


def descend(
    codes: np.ndarray,
    shares: np.ndarray,
    sizes: np.ndarray,
    frozen: int,
    sweeps: int,
    seed: int,
    on_step: Callable[[int, int], None] = lambda step, of: None,
) -> np.ndarray:
    """Changes codes until Hamming neighbours are neighbours, one bit at a time.

    It lowers sum_i w_i KL(Q_i || P_i), where w_i is a cluster's share of the texts, Q_i
    says where its texts' neighbours lie, and P_i where its neighbours by code do:
    P_i[j] ~ w_j exp(-s Hamming(i, j)). A sweep goes through the clusters in a random
    order and flips for each the bit that lowers it most, if any does. As in stochastic
    neighbour embedding (Hinton and Roweis, 2003), but in Hamming space.

    Args:
        codes: to start from, 0/1 [k, bits]; equal ones are allowed.
        shares: Q, `neighbour_shares`.
        sizes: texts of each cluster, [k].
        frozen: so many first bits do not change.
        sweeps: at most.
        seed: of the orders.
        on_step: called with the number of clusters done and to do at most.

    Returns:
        uint8 0/1 [k, bits].
    """
    random = np.random.default_rng(seed)
    k, bits = codes.shape
    signs = np.where(codes > 0, 1, -1).astype(np.float32)
    n = sizes.sum()
    w = (sizes / n).astype(np.float32)
    own_w = ((sizes - 1) / n).astype(np.float32)
    weighed = (shares * w[:, np.newaxis]).astype(np.float32)
    pulls = weighed + weighed.T
    for sweep in range(sweeps):
        hamming = (bits - signs @ signs.T) / 2
        scale = min(SCALES, key=lambda s: _loss(hamming, shares, w, own_w, s))
        table = np.exp(-scale * np.arange(bits + 1)).astype(np.float32)
        mass = table[np.rint(hamming).astype(np.int8)] * w
        np.fill_diagonal(mass, own_w)
        total = mass.sum(axis=1)
        changed = 0
        for done, i in enumerate(random.permutation(k)):
            before = hamming[i]
            old = table[np.rint(before).astype(np.int8)]
            old[i] = 0
            # What each flip makes of the distances: +1 where the bits agree.
            change = signs[:, frozen:] * signs[i, frozen:]
            after = before[:, np.newaxis] + change
            new = table[np.rint(after).astype(np.int8).clip(0, bits)]
            new[i] = 0
            own = np.log(w @ new + own_w[i]) - np.log(w @ old + own_w[i])
            ratio = (w[i] / total)[:, np.newaxis] * (new - old[:, np.newaxis])
            others = w @ np.log1p(np.maximum(ratio, -1 + 1e-6))
            pull = pulls[i] @ change - pulls[i, i] * change[i]
            gain = w[i] * own + others + scale * pull
            best = int(np.argmin(gain))
            if gain[best] < -LEAST_GAIN:
                signs[i, frozen + best] *= -1
                distances = after[:, best].copy()
                distances[i] = 0
                total += w[i] * (new[:, best] - old)
                total[i] = w @ new[:, best] + own_w[i]
                hamming[i] = distances
                hamming[:, i] = distances
                changed += 1
            if done % 100 == 99:
                on_step(sweep * k + done + 1, sweeps * k)
        if not changed:
            break
    return (signs > 0).astype(np.uint8)


def _loss(
    hamming: np.ndarray,
    shares: np.ndarray,
    w: np.ndarray,
    own_w: np.ndarray,
    scale: float,
) -> float:
    mass = np.exp(-np.float32(scale) * hamming) * w
    np.fill_diagonal(mass, own_w)
    pulled = scale * (shares * hamming).sum(axis=1)
    return float((w * (np.log(mass.sum(axis=1)) + pulled)).sum())
