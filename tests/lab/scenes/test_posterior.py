"""Posteriors of one parameter: SciPy's densities, Bayes' rule on a grid, and the Bayes risk on paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dgm_studio.lab.scenes.parts.estimators import Coin, GaussianMean
from dgm_studio.lab.scenes.posterior import MEAN, NEXT, Knobs, Posterior, plug_in

THETA = np.linspace(0, 1, 20_001)[1:-1]


def test_the_coins_posterior_is_bayes_rule_on_a_grid() -> None:
    coin, n, k = Coin(2.5, 4.0), 9, 7.0
    prior, likelihood, posterior = coin.curves(THETA, n, k)
    np.testing.assert_allclose(prior, stats.beta(2.5, 4).pdf(THETA), rtol=1e-10)
    product = stats.beta(2.5, 4).pdf(THETA) * stats.binom(n, THETA).pmf(k)
    np.testing.assert_allclose(posterior, product / np.trapezoid(product, THETA), rtol=1e-6, atol=1e-12)
    assert np.trapezoid(likelihood, THETA) == pytest.approx(1, abs=1e-6)
    found = coin.estimates(n, np.array([k]))
    assert THETA[posterior.argmax()] == pytest.approx(found["map"][0], abs=1e-4)
    assert THETA[likelihood.argmax()] == pytest.approx(found["mle"][0], abs=1e-4)
    assert np.trapezoid(THETA * posterior, THETA) == pytest.approx(found["mean"][0], abs=1e-6)


def test_a_flat_prior_makes_map_the_maximum_likelihood() -> None:
    found = Coin(1.0, 1.0).estimates(4, np.arange(5.0))
    np.testing.assert_allclose(found["map"], found["mle"])


def test_the_gaussians_posterior_is_bayes_rule_on_a_grid() -> None:
    law, n, k = GaussianMean(0.5, 1.2, 2.0), 6, 1.7
    theta = np.linspace(-9, 9, 20_001)
    prior, likelihood, posterior = law.curves(theta, n, k)
    product = prior * likelihood
    np.testing.assert_allclose(posterior, product / np.trapezoid(product, theta), rtol=1e-8, atol=1e-14)


def test_predictions_are_scipys() -> None:
    law = Coin(3.0, 3.0)
    known = stats.betabinom(NEXT, 3 + 4, 3 + 1)
    np.testing.assert_allclose(np.exp(law.log_heads(NEXT, 4.0, 5)), known.pmf(np.arange(NEXT + 1)), rtol=1e-9)
    scene = Posterior(Knobs())
    assert scene.prediction() == pytest.approx((known.mean(), known.std()))
    np.testing.assert_allclose(plug_in(NEXT, 0.3), stats.binom(NEXT, 0.3).pmf(np.arange(NEXT + 1)), rtol=1e-9)
    np.testing.assert_allclose(plug_in(NEXT, 1.0)[-1], 1.0)
    mean, sd = Posterior(Knobs(model=MEAN, count=4, average=2.0, noise=1.0, prior_spread=0.5)).prediction()
    assert (mean, sd) == pytest.approx((1.0, np.sqrt(1 / 8 + 1)))


def test_the_bayes_risk_on_paper() -> None:
    a, b, n = 2.0, 5.0, 7
    risk = Coin(a, b).risk(n)
    assert risk["mean"] == pytest.approx(a * b / ((a + b) * (a + b + 1) * (a + b + n)))
    assert risk["mle"] == pytest.approx(a * b / ((a + b) * (a + b + 1) * n))
    assert risk["mean"] < risk["map"]
    gauss = GaussianMean(0.0, 0.5, 1.0).risk(4)
    assert gauss == pytest.approx({"mle": 0.25, "map": 1 / 8, "mean": 1 / 8})


@pytest.mark.parametrize("knobs", [Knobs(count=7), Knobs(model=MEAN, count=7)])
def test_measured_errors_are_the_exact_risk(knobs: Knobs) -> None:
    scene = Posterior(knobs)
    for _ in range(20):
        list(scene.round())
    for rule, found in scene.found.items():
        for n, one in zip(scene.counts, found, strict=True):
            assert abs(one.mean - scene.law.risk(n)[rule]) < 2 * one.doubt
