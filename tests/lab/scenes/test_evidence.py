"""log p(x) of a linear-Gaussian model: SciPy's density, the ELBO's gap, and unbiased importance weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from dgm_studio.lab.scenes.evidence import EXACT_Q, MEAN_FIELD, Evidence, Knobs, LinearGaussian, effective, log_mean_exp


def model(encoder: str, width: float, d: int = 5) -> LinearGaussian:
    rng = np.random.default_rng(3)
    return LinearGaussian(rng.standard_normal((d, d)), rng.standard_normal(d), 0.7, encoder, width)


def test_log_p_is_the_marginal_density() -> None:
    one = model(MEAN_FIELD, 1.0)
    known = multivariate_normal(np.zeros(5), one.weight @ one.weight.T + 0.49 * np.eye(5)).logpdf(one.x)
    assert one.log_p == pytest.approx(known, rel=1e-12)


def test_with_the_posterior_every_draw_gives_log_p() -> None:
    one = model(EXACT_Q, 1.0)
    weights = one.log_weights(np.random.default_rng(0).standard_normal((50, 5)), proposed=True)
    np.testing.assert_allclose(weights, one.log_p, rtol=1e-11)
    assert one.kl == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize(("encoder", "width"), [(MEAN_FIELD, 1.0), (MEAN_FIELD, 1.4), (EXACT_Q, 0.7)])
def test_the_elbo_is_log_p_less_kl_and_weights_are_unbiased(encoder: str, width: float) -> None:
    one = model(encoder, width, d=2)
    weights = one.log_weights(np.random.default_rng(1).standard_normal((400_000, 2)), proposed=True)
    error = weights.std() / math.sqrt(len(weights))
    assert abs(weights.mean() - (one.log_p - one.kl)) < 4 * error
    ratio = np.exp(weights - one.log_p)
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / math.sqrt(len(ratio))


def test_the_lectures_bound_in_closed_form() -> None:
    one = model(MEAN_FIELD, 1.0)
    given = one.log_weights(np.random.default_rng(2).standard_normal((200_000, 5)), proposed=False)
    assert abs(given.mean() - one.prior_bound) < 4 * given.std() / math.sqrt(len(given))


def test_mean_field_is_the_least_kl_of_independent_gaussians() -> None:
    kls = [model(MEAN_FIELD, width).kl for width in (0.9, 1.0, 1.1)]
    assert kls[1] == min(kls)
    assert kls[1] > 0


def test_naive_falls_further_behind_with_the_dimension_and_iwae_lies_between() -> None:
    scene = Evidence(Knobs(samples=50))
    for _ in range(8):
        list(scene.round())
    exact = np.array([one.log_p for one in scene.models])
    gaps = {key: exact - np.array([found.mean for found in scene.found[key]]) for key in ("naive", "elbo", "iwae")}
    assert gaps["naive"][-1] > 5 > gaps["naive"][4]
    assert (gaps["elbo"] >= gaps["iwae"])[3:].all()
    assert gaps["iwae"][-1] > 0


def test_sums_of_logs() -> None:
    logs = np.array([[-1000.0, -1000.0], [math.log(1.0), math.log(3.0)]])
    np.testing.assert_allclose(log_mean_exp(logs), [-1000.0, math.log(2.0)])
    np.testing.assert_allclose(effective(logs), [2.0, 16 / 10])
