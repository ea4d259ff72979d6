"""ULA's law and MALA's acceptance: closed forms for the Gaussian, and long chains for the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate

from dgm_studio.lab.scenes.parts.langevin_laws import TARGETS, Slope, largest_step, moments, stepped
from dgm_studio.solvers.langevin import langevin_step
from dgm_studio.solvers.mala import Place, mala_step


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_slopes_are_those_of_the_mixture(target: str) -> None:
    x = np.linspace(-6, 6, 41)[:, None]
    score, log_p = Slope(target)(torch.from_numpy(x))
    np.testing.assert_allclose(score.numpy(), TARGETS[target].score(x), atol=1e-12)
    np.testing.assert_allclose(log_p.numpy(), TARGETS[target].log_density(x), atol=1e-12)


@pytest.mark.parametrize("h", [0.01, 0.3, 1.0, 3.5])
def test_of_a_gaussian_ula_has_the_variance_of_the_lecture(h: float) -> None:
    found = stepped("gaussian", h)
    assert found is not None
    variance = 1 / (1 - h / 4)
    assert found.variance == pytest.approx(variance, rel=1e-8)
    assert found.mean == pytest.approx(0.0, abs=1e-9)
    assert found.w2 == pytest.approx(math.sqrt(variance) - 1, abs=3e-4)
    peak = float(np.interp(0.0, found.x, found.density))
    assert peak == pytest.approx(1 / math.sqrt(2 * math.pi * variance), rel=1e-6)


def test_acceptance_of_a_gaussian_is_a_double_integral() -> None:
    h = 1.2

    def flow(y: float, x: float) -> float:
        def half(a: float, b: float) -> float:
            return math.exp(-(a**2) / 2 - (b - (1 - h / 2) * a) ** 2 / (2 * h)) / (2 * math.pi * math.sqrt(h))

        return min(half(x, y), half(y, x))

    found = stepped("gaussian", h)
    assert found is not None
    known, _ = integrate.dblquad(flow, -7, 7, -7, 7, epsabs=1e-5)
    assert found.accepted == pytest.approx(known, abs=2e-4)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_beyond_the_largest_step_there_is_no_law(target: str) -> None:
    assert stepped(target, 1.01 * largest_step(target)) is None
    assert stepped(target, 0.9 * largest_step(target)) is not None


def test_bias_falls_in_proportion_to_the_step() -> None:
    small, large = stepped("bells", 0.05), stepped("bells", 0.1)
    assert small is not None
    assert large is not None
    assert large.w2 / small.w2 == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize(("target", "h"), [("bells", 1.0), ("uneven", 0.5)])
def test_long_chains_have_these_laws(target: str, h: float) -> None:
    """ULA's own, and MALA's p; from p itself, so that nothing is left to forget but the step's bias."""
    generator = torch.Generator().manual_seed(0)
    look = Slope(target)
    start = torch.from_numpy(TARGETS[target].sample(4_000, np.random.default_rng(0))[0])

    x, at, moved = start, Place(start, *look(start)), 0.0
    seen: list[torch.Tensor] = []
    for step in range(120):
        x = langevin_step(x, look(x)[0], h, generator)
        at, which = mala_step(at, h, look, generator)
        moved += float(which.double().mean()) / 120
        if step >= 60:
            seen.append(torch.cat((x, at.x), 1))
    found = stepped(target, h)
    assert found is not None
    late = torch.stack(seen).numpy()
    doubt = 5 * late.var(axis=(0, 1)) * math.sqrt(2 / 4_000)
    assert abs(late[..., 0].var() - found.variance) < doubt[0]
    assert abs(late[..., 1].var() - moments(target)[1]) < doubt[1]
    assert abs(found.variance - moments(target)[1]) > 0.5 * doubt[0], "the bias is there to be seen"
    assert moved == pytest.approx(found.accepted, abs=0.01)
