"""Codes of many small clusters whose Hamming neighbours are their neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse

from wish_tf.types import Csr

# Numbers of a block of cosines or distances, in memory at a time.
BLOCK = 2**23
ITQ_ROUNDS = 50
# Scales of the Hamming distance that are tried before each sweep.
SCALES = np.geomspace(0.5, 6, 16)
# Less is the rounding of the sums.
LEAST_GAIN = 1e-9


def neighbour_shares(
    centres: np.ndarray,
    sizes: np.ndarray,
    count: int,
    exponent: float,
    on_step: Callable[[int, int], None] = lambda step, of: None,
) -> Csr:
    """Returns where the neighbours of each cluster's texts lie, CSR float32 [k, k].

    The nearest neighbours of a text are the others of its cluster, then those of the
    cluster whose centre is nearest, and so on.

    Args:
        centres: of the clusters, of length 1, float [k, d].
        sizes: texts of each cluster, int [k].
        count: neighbours that count, the nearest.
        exponent: the neighbour of rank r weighs r to the power of minus this.
        on_step: called with the number of clusters done and k.
    """
    k = len(centres)
    centres = centres.astype(np.float32)
    # The weights of all neighbours up to a rank.
    up_to = np.arange(1, count + 1) ** -np.float64(exponent)
    up_to = np.concatenate([[0], np.cumsum(up_to)])
    shown = min(k, count + 1 + int((sizes == 0).sum()))
    columns = np.empty((k, shown), np.int32)
    weights = np.empty((k, shown), np.float32)
    at_once = max(1, BLOCK // k)
    for start in range(0, k, at_once):
        own = np.arange(start, min(start + at_once, k))
        cosines = centres[own] @ centres.T
        cosines[own - start, own] = np.inf
        near = np.argpartition(-cosines, shown - 1, axis=1)[:, :shown]
        values = np.take_along_axis(cosines, near, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        near = np.take_along_axis(near, order, axis=1)
        texts = sizes[near]
        # A text is not its own neighbour.
        texts[:, 0] -= 1
        ends = np.minimum(np.cumsum(np.maximum(texts, 0), axis=1), count)
        columns[own] = near
        weights[own] = np.diff(up_to[ends], axis=1, prepend=0)
        on_step(int(own[-1]) + 1, k)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    rows = np.arange(0, k * shown + 1, shown)
    shares = scipy.sparse.csr_array((weights.ravel(), columns.ravel(), rows), (k, k))
    shares.eliminate_zeros()
    return shares


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
    shares: Csr,
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
    own_w = (np.maximum(sizes - 1, 0) / n).astype(np.float32)
    weighed = scipy.sparse.csr_array(shares.multiply(w[:, np.newaxis]))
    pulls = scipy.sparse.csr_array(weighed + weighed.T)
    pulls.setdiag(0)  # No flip changes how far a cluster is from itself.
    weighed = weighed.tocoo()
    hamming = _distances(signs)
    for sweep in range(sweeps):
        masses = _masses(hamming, w, own_w, bits)
        pulled = weighed.data @ hamming[weighed.row, weighed.col].astype(np.float32)

        losses = [
            w @ np.log(masses @ np.exp(-scale * np.arange(bits + 1))) + scale * pulled
            for scale in SCALES
        ]
        scale = SCALES[np.argmin(losses)]
        table = np.exp(-scale * np.arange(bits + 1)).astype(np.float32)
        total = (masses @ table).astype(np.float32)
        # What a flip adds to the mass of a cluster, in parts of it.
        nearer, farther = np.float32(np.expm1(scale)), np.float32(np.expm1(-scale))
        changed = 0
        for done, i in enumerate(random.permutation(k)):
            mass = table[hamming[i]]
            mass[i] = 0
            # What each flip makes of the distances: +1 where the bits agree.
            change = signs[:, frozen:] * signs[i, frozen:]
            weight = w * mass
            all_mass = weight.sum()
            tilt = weight @ change
            agreeing, others = (all_mass + tilt) / 2, (all_mass - tilt) / 2
            after = all_mass + farther * agreeing + nearer * others
            own = np.log(after + own_w[i]) - np.log(all_mass + own_w[i])
            ratio = w[i] / total * mass
            if_farther = w * np.log1p(np.maximum(ratio * farther, -1 + 1e-6))
            if_nearer = w * np.log1p(ratio * nearer)
            of_others = (if_farther + if_nearer).sum()
            of_others = (of_others + (if_farther - if_nearer) @ change) / 2
            part = slice(pulls.indptr[i], pulls.indptr[i + 1])
            pull = pulls.data[part] @ change[pulls.indices[part]]
            gain = w[i] * own + of_others + scale * pull
            best = int(np.argmin(gain))
            if gain[best] < -LEAST_GAIN:
                signs[i, frozen + best] *= -1
                step = change[:, best]
                added = mass * np.where(step > 0, farther, nearer)
                total += w[i] * added
                total[i] = w @ (mass + added) + own_w[i]
                distances = (hamming[i] + step).astype(np.uint8)
                distances[i] = 0
                hamming[i] = distances
                hamming[:, i] = distances
                changed += 1
            if done % 100 == 99:
                on_step(sweep * k + done + 1, sweeps * k)
        if not changed:
            break
    return (signs > 0).astype(np.uint8)


def _distances(signs: np.ndarray) -> np.ndarray:
    """Returns all Hamming distances, uint8 [k, k]."""
    k, bits = signs.shape
    hamming = np.empty((k, k), np.uint8)
    at_once = max(1, BLOCK // k)
    for start in range(0, k, at_once):
        part = slice(start, start + at_once)
        hamming[part] = np.rint((bits - signs[part] @ signs.T) / 2)
    return hamming


def _masses(
    hamming: np.ndarray, w: np.ndarray, own_w: np.ndarray, bits: int
) -> np.ndarray:
    """Returns the weight of what is at each distance of a cluster, [k, bits + 1]."""
    k, distances = len(w), bits + 1
    found = np.empty((k, distances))
    at_once = max(1, BLOCK // k)
    for start in range(0, k, at_once):
        part = hamming[start : start + at_once]
        places = part + np.arange(len(part))[:, np.newaxis] * distances
        sums = np.bincount(places.ravel(), np.tile(w, len(part)), len(part) * distances)
        found[start : start + at_once] = sums.reshape(-1, distances)
    found[:, 0] += own_w.astype(np.float64) - w
    return np.maximum(found, 0)
