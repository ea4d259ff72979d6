"""What is known on paper of two Gaussians: KL, cross-entropy, Bhattacharyya, chi-squared, total variation, Fisher."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law


@dataclass(frozen=True, eq=False)
class Normal:
    """N(mean (d,), covariance (d, d)), positive definite."""

    mean: Array
    covariance: Array

    @property
    def log_det(self) -> float:
        """log |covariance|."""
        return float(np.linalg.slogdet(self.covariance)[1])


def normal_of(law: Law) -> Normal | None:
    """The law as a Gaussian, where it is one and has a density."""
    mixture = law.mixture()
    if mixture is None:
        return None
    held = mixture.weights > 0
    if held.sum() != 1:
        return None
    covariance = np.asarray(mixture.covariances[held][0], dtype=np.float64)
    if np.linalg.eigvalsh(covariance)[0] <= 0:
        return None
    return Normal(np.asarray(mixture.means[held][0], dtype=np.float64), covariance)


def kl(p: Normal, q: Normal) -> float:
    """KL(p || q) = 1/2 [tr(Sq^-1 Sp) + (mq - mp)^T Sq^-1 (mq - mp) - d + log |Sq| / |Sp|] in nats (lecture 1)."""
    gap = q.mean - p.mean
    ratio = np.linalg.solve(q.covariance, p.covariance)
    # trace - d as a sum of differences, so that near p = q nothing cancels but what must
    excess = float(np.trace(ratio - np.eye(len(gap))))
    return 0.5 * (excess + float(gap @ np.linalg.solve(q.covariance, gap)) - float(np.linalg.slogdet(ratio)[1]))


def cross_entropy(p: Normal, q: Normal) -> float:
    """-E_p log q = 1/2 [d log 2 pi + log |Sq| + tr(Sq^-1 Sp) + (mp - mq)^T Sq^-1 (mp - mq)] in nats."""
    gap = p.mean - q.mean
    spread = float(np.trace(np.linalg.solve(q.covariance, p.covariance)))
    distance = float(gap @ np.linalg.solve(q.covariance, gap))
    return 0.5 * (len(gap) * math.log(2 * math.pi) + q.log_det + spread + distance)


def bhattacharyya(p: Normal, q: Normal) -> float:
    """-log BC = 1/8 (mp - mq)^T S^-1 (mp - mq) + 1/2 log(|S| / sqrt(|Sp| |Sq|)), S = (Sp + Sq) / 2 (Kailath, 1967)."""
    gap, middle = p.mean - q.mean, (p.covariance + q.covariance) / 2
    log_det = float(np.linalg.slogdet(middle)[1]) - (p.log_det + q.log_det) / 2
    return float(gap @ np.linalg.solve(middle, gap)) / 8 + log_det / 2


def hellinger(p: Normal, q: Normal) -> float:
    """1 - BC, the squared Hellinger distance, in [0, 1]."""
    return max(0.0, -math.expm1(-bhattacharyya(p, q)))


def chi2(p: Normal, q: Normal) -> float:
    """|Sq| / sqrt(|Sp| |2 Sq - Sp|) exp((mp - mq)^T (2 Sq - Sp)^-1 (mp - mq)) - 1; inf where 2 Sq - Sp is not positive
    definite, for then p^2 / q does not fall off (Nielsen and Nock, 2014). Over 1e308 it is inf too."""
    gap, middle = p.mean - q.mean, 2 * q.covariance - p.covariance
    if np.linalg.eigvalsh(middle)[0] <= 0:
        return math.inf
    log_det = q.log_det - 0.5 * (p.log_det + float(np.linalg.slogdet(middle)[1]))
    power = log_det + float(gap @ np.linalg.solve(middle, gap))
    return max(0.0, math.expm1(power)) if power < 709 else math.inf


def fisher(p: Normal, q: Normal) -> float:
    """1/2 E_p |score_p - score_q|^2 = 1/2 [tr(A Sp A^T) + |Sq^-1 (mp - mq)|^2], A = Sq^-1 - Sp^-1."""
    inverse = np.linalg.inv(q.covariance)
    turn, pull = inverse - np.linalg.inv(p.covariance), inverse @ (p.mean - q.mean)
    return 0.5 * (float(np.trace(turn @ p.covariance @ turn.T)) + float(pull @ pull))


def tv(p: Normal, q: Normal) -> float | None:
    """Total variation: erf(D / sqrt 8) at equal covariances, D the Mahalanobis distance of the means; on the line the
    masses between the two crossings; None otherwise."""
    gap = p.mean - q.mean
    if np.array_equal(p.covariance, q.covariance):
        return math.erf(math.sqrt(float(gap @ np.linalg.solve(p.covariance, gap)) / 8))
    if len(gap) != 1:
        return None
    # log p - log q = a z^2 + b z + c with z = x - mq
    a = 0.5 * (1 / q.covariance[0, 0] - 1 / p.covariance[0, 0])
    b = gap[0] / p.covariance[0, 0]
    c = -0.5 * (gap[0] ** 2 / p.covariance[0, 0] + p.log_det - q.log_det)
    root = math.sqrt(b * b - 4 * a * c)
    # both roots without cancellation
    half = -0.5 * (b + math.copysign(root, b))
    crossings = [float(q.mean[0] + half / a), float(q.mean[0] + c / half)] if half else [float(q.mean[0])]
    one, other = (
        [_cdf((x - law.mean[0]) / math.sqrt(law.covariance[0, 0])) for x in sorted(crossings)] for law in (p, q)
    )
    return abs((one[-1] - one[0]) - (other[-1] - other[0]))


def _cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
