"""Platt scaling: from a model's score to the probability that a detection is right.

p = sigmoid(slope * logit(score) + intercept). Scores and probabilities are 0..1.
"""

from dataclasses import dataclass

import numpy as np

from rams_train.common.arrays import Array

# Precision of a Gaussian prior that holds the slope near 1: few detections, no runaway fit.
PRIOR = 0.5


@dataclass(frozen=True)
class PlattScaling:
    """A fitted line on the logit of the score."""

    slope: float
    intercept: float

    def probability(self, score: Array) -> Array:
        """Probabilities of scores [n]."""
        return _sigmoid(self.slope * logit(score) + self.intercept)


def logit(p: Array) -> Array:
    """The logarithm of the odds, finite for 0 and 1 as well."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    odds: Array = np.log(p / (1 - p))
    return odds


def _sigmoid(x: Array) -> Array:
    p: Array = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return p


def fit_platt(score: Array, hit: Array) -> PlattScaling:
    """Fit to scores [n] and hits [n] (1 right, 0 wrong) by Newton's method."""
    x = np.stack([logit(score), np.ones_like(score)], 1)
    w = np.array([1.0, 0.0])
    prior = np.diag([PRIOR, 1e-3])
    for _ in range(50):
        p = _sigmoid(x @ w)
        grad = x.T @ (p - hit) + prior @ (w - [1.0, 0.0])
        hess = (x * (p * (1 - p))[:, None]).T @ x + prior
        w = w - np.clip(np.linalg.solve(hess, grad), -2, 2)
    return PlattScaling(float(w[0]), float(w[1]))


def calibration_error(p: Array, hit: Array, bins: int = 10) -> float:
    """Expected calibration error: |probability - share of hits| over bins, weighted by counts."""
    index = np.minimum((p * bins).astype(int), bins - 1)
    gaps = sum(abs((p[index == b] - hit[index == b]).sum()) for b in range(bins))
    return float(gaps / max(1, len(p)))
