"""How far chains can be believed: autocorrelation, split R-hat, effective sample size of chains (m, n)."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array


def autocovariance(gaps: Array) -> Array:
    """1/n sum_i g_i g_{i+k} of the gaps g of each chain (m, n) to a mean, at every lag k -> (m, n), by FFT."""
    n = gaps.shape[1]
    spectrum = np.fft.rfft(gaps, 2 * n, axis=1)  # twice as long: no lag wraps round
    out: Array = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n, axis=1)[:, :n] / n
    return out


def autocorrelation(chains: Array, lags: int) -> Array:
    """Correlation of x_i and x_{i+k} over all chains (m, n) about their common mean, k = 0, ..., lags - 1 -> (lags,);
    1 at every lag for chains that stand still together."""
    n = chains.shape[1]
    raw = autocovariance(chains - chains.mean()).mean(0)[:lags] * n / (n - np.arange(lags))
    return np.asarray(raw / raw[0]) if raw[0] > 0 else np.ones(lags)


def split_r_hat(chains: Array) -> float:
    """Each chain (m, n) cut into two: sqrt(((n' - 1)/n' W + B) / W), W the mean variance within the 2m halves of n'
    steps, B the variance of their means (Gelman et al., 2013, section 11.4). 1 for chains that agree; inf for chains
    that stand still at different places; NaN where there are fewer than 4 steps or nothing varies at all.
    """
    half = chains.shape[1] // 2
    if half < 2:
        return math.nan
    halves = np.concatenate((chains[:, :half], chains[:, -half:]))
    within, between = float(halves.var(1, ddof=1).mean()), float(halves.mean(1).var(ddof=1))
    if within == 0.0:
        return math.inf if between > 0.0 else math.nan
    return math.sqrt((half - 1) / half + between / within)


def effective_size(chains: Array) -> float:
    """m n / (1 + 2 sum_k rho_k) of chains (m, n), m >= 2: rho_k = 1 - (W - mean autocovariance_k) / V with V the
    variance that R-hat compares W with, summed over pairs of lags until a pair is negative and held from rising
    (Geyer's initial monotone sequence, as in Vehtari et al., 2021). NaN where nothing varies.
    """
    m, n = chains.shape
    covariance = autocovariance(chains - chains.mean(1, keepdims=True)).mean(0) * n / (n - 1)
    within = float(covariance[0])
    pooled = within * (n - 1) / n + float(chains.mean(1).var(ddof=1))
    if pooled == 0.0 or n < 4:
        return math.nan
    rho = 1 - (within - covariance) / pooled
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(1)
    negative = np.flatnonzero(pairs < 0)
    kept = np.minimum.accumulate(pairs[: negative[0]] if len(negative) else pairs)
    time = max(-1 + 2 * float(kept.sum()), 1 / math.log10(max(m * n, 10)))
    return float(m * n / time)
