"""The irreducible flow-matching loss: one Gaussian on paper, both ends of any mixture, times that integrate to 1."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm

from dgm_studio.lab.scenes.irreducible_loss import (
    DATA,
    TIMES,
    IrreducibleLoss,
    Knobs,
    affine_loss,
    covariance,
    logit_normal_density,
    mixture_of,
    quadrature,
    share,
)


def test_one_gaussian_by_schurs_complement() -> None:
    """Var(u | x_t) = C_uu - C_ux C_xx^-1 C_xu with the whole covariance of (x_1 - x_0, x_t)."""
    cov = mixture_of("gaussian").covariances[0]
    for t in (0.0, 0.3, 0.8, 1.0):
        both = np.block([[cov, np.zeros((2, 2))], [np.zeros((2, 2)), np.eye(2)]])
        u, x = np.hstack([np.eye(2), -np.eye(2)]), np.hstack([t * np.eye(2), (1 - t) * np.eye(2)])
        schur = u @ both @ u.T - u @ both @ x.T @ np.linalg.inv(x @ both @ x.T) @ x @ both @ u.T
        assert affine_loss(cov, np.array([t]))[0] == pytest.approx(np.trace(schur), rel=1e-12)
        assert quadrature("gaussian", t) == pytest.approx(np.trace(schur), rel=1e-6)


@pytest.mark.parametrize("data", DATA)
def test_both_ends_of_any_mixture(data: str) -> None:
    assert quadrature(data, 0.0) == pytest.approx(np.trace(covariance(mixture_of(data))), rel=1e-6)
    assert quadrature(data, 1.0) == pytest.approx(2.0, rel=1e-6)


@pytest.mark.parametrize("data", DATA)
def test_measured_loss_is_the_quadrature(data: str) -> None:
    scene = IrreducibleLoss(Knobs(data=data))
    for _ in range(4):
        list(scene.round())
    off = [(one.mean - quadrature(data, float(t))) / one.doubt for t, one in zip(TIMES, scene.found, strict=True)]
    assert np.abs(off).max() < 2.2  # of 41 intervals of 1.96 standard errors
    assert (np.abs(off) > 1).sum() <= 7


def test_covariance_is_that_of_samples() -> None:
    mixture = mixture_of("eight-gaussians")
    points, _ = mixture.draw(200_000, np.random.default_rng(0))
    np.testing.assert_allclose(covariance(mixture), np.cov(points.T), atol=0.03)


def test_no_network_beats_the_affine_one_on_a_gaussian_and_it_must_on_modes() -> None:
    for data, much in (("gaussian", 1e-4), ("eight-gaussians", 1.5)):
        gap = affine_loss(covariance(mixture_of(data)), TIMES) - [quadrature(data, float(t)) for t in TIMES]
        assert (gap > -1e-5).all()
        assert (gap.max() > 1.5) == (much == 1.5)
        assert abs(gap[[0, -1]]).max() < 1e-4


@pytest.mark.parametrize(("location", "scale"), [(0.0, 1.0), (1.5, 0.4), (-1.0, 2.5)])
def test_the_density_of_logit_normal_times(location: float, scale: float) -> None:
    t = np.linspace(0.001, 0.999, 7)
    known = norm(location, scale).pdf(logit(t)) / (t * (1 - t))
    np.testing.assert_allclose(logit_normal_density(t, location, scale), known, rtol=1e-12)
    fine = np.linspace(0, 1, 200_001)
    assert np.trapezoid(logit_normal_density(fine, location, scale), fine) == pytest.approx(1, abs=1e-3)


def test_logit_normal_times_waste_less() -> None:
    loss = np.array([quadrature("eight-gaussians", float(t)) for t in TIMES])
    straight = affine_loss(covariance(mixture_of("eight-gaussians")), TIMES)
    uniform = share(np.ones_like(TIMES), straight, loss)
    assert share(logit_normal_density(TIMES, 0.0, 1.0), straight, loss) > uniform + 1
    assert share(logit_normal_density(TIMES, 1.0, 0.5), straight, loss) > 2 * uniform
