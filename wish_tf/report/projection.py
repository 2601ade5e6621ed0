"""A picture of codes in two dimensions."""

from __future__ import annotations

import numpy as np


def principal_plane(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Projects points onto the two directions in which they differ most.

    Principal component analysis (Pearson, 1901). The sign of a direction is free: it
    is the one with which its largest coordinate is positive, so that the picture is
    always the same.

    Args:
        points: float [n, d].

    Returns:
        Coordinates, float64 [n, 2], and the share of the variance along each of the
        two, float64 [2]; zeros where points do not differ.
    """
    points = np.asarray(points, np.float64)
    centred = points - points.mean(axis=0)
    # d is the number of bits: the covariance is small, whatever n is.
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances = np.maximum(variances[::-1], 0)
    axes = axes[:, ::-1][:, :2]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    plane = np.zeros((len(points), 2))
    plane[:, : axes.shape[1]] = centred @ axes
    explained = np.zeros(2)
    total = variances.sum()
    if total > 1e-12:
        explained[: axes.shape[1]] = variances[:2] / total
    else:
        plane[:] = 0
    return plane, explained
