"""The two misleading models of lecture 5: closed forms where they exist, SciPy's densities and sampling elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import chi2, multivariate_normal, norm

from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.parts.memoriser import (
    NOISE,
    all_points,
    log_ratio,
    lost_to_noise,
    memoriser,
    noise_gap,
    one_point,
    radii,
    truth,
)


@pytest.mark.parametrize("m", [1, 3, 64])
def test_truth_is_minus_the_entropy(m: int) -> None:
    assert truth(m) == pytest.approx(-multivariate_normal(np.zeros(m)).entropy(), rel=1e-12)


@pytest.mark.parametrize("m", [2, 5, 100, 784])
def test_radii_integrate_the_chi_squared_law(m: int) -> None:
    r, weights = radii(m)
    for power in (1, 2):
        assert weights @ r ** (2 * power) == pytest.approx(chi2(m).moment(power), rel=1e-7)


@pytest.mark.parametrize("m", [2, 64, 784])
@pytest.mark.parametrize("epsilon", [1e-4, 0.3, 5.0])
def test_one_datum_in_closed_form(m: int, epsilon: float) -> None:
    assert finish(memoriser(1, m, epsilon)) == pytest.approx(one_point(m, epsilon), rel=3e-4)


@pytest.mark.parametrize(("n", "m", "epsilon"), [(2, 2, 0.5), (10, 3, 0.05), (100, 20, 0.3), (300, 2, 0.01)])
def test_memoriser_by_sampling(n: int, m: int, epsilon: float) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        learned, x = rng.standard_normal((n, m)), rng.standard_normal((20, m))
        logs = norm(0, math.sqrt(epsilon)).logpdf(x[:, None] - learned).sum(2)
        found.append((logsumexp(logs, axis=1) - math.log(n)).mean())
    known = finish(memoriser(n, m, epsilon))
    assert abs(np.mean(found) - known) < 3.5 * np.std(found) / math.sqrt(200)
    assert one_point(m, epsilon) <= known <= all_points(m, epsilon) <= truth(m)


def test_more_data_never_hurt_the_memoriser() -> None:
    scores = [finish(memoriser(n, 8, 0.2)) for n in (1, 10, 100, 1_000)]
    assert scores == sorted(scores)


def test_all_points_is_the_blurred_truth() -> None:
    """Infinitely many data: p_1 = N(0, (1 + epsilon) I), scored by its cross-entropy with N(0, I)."""
    cross = quad(lambda x: norm.pdf(x) * norm(0, math.sqrt(1.3)).logpdf(x), -12, 12)[0]
    assert all_points(7, 0.3) == pytest.approx(7 * cross, rel=1e-9)


@pytest.mark.parametrize("m", [1, 2, 8])
def test_the_mixtures_gap_by_scipy(m: int) -> None:
    def lost(square: float) -> float:
        log_p = -0.5 * (m * math.log(2 * math.pi) + square)
        log_noise = -0.5 * (m * math.log(2 * math.pi * NOISE**2) + square / NOISE**2)
        return log_p - float(np.logaddexp(math.log(0.01) + log_p, math.log(0.99) + log_noise))

    assert lost_to_noise(log_ratio(np.array([3.0]), m))[0] == pytest.approx(lost(3.0), rel=1e-12)
    known = quad(lambda r: 2 * r * chi2(m).pdf(r * r) * lost(r * r), 0, math.sqrt(m) + 12, limit=200)[0]
    assert noise_gap(m) == pytest.approx(known, rel=1e-6)


def test_the_slides_bound_is_never_passed_and_nearly_reached() -> None:
    gaps = [noise_gap(m) for m in (1, 2, 4, 8, 16, 64, 784)]
    assert gaps == sorted(gaps)
    assert all(0 < gap <= math.log(100) + 1e-12 for gap in gaps)
    assert gaps[-1] == pytest.approx(math.log(100), rel=1e-12)
    assert gaps[-1] / -truth(784) < 0.005
