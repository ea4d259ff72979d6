"""Chains at one level and level by level: laws they leave alone, balance, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.solvers.annealed_langevin import AnnealedLangevin
from dgm_studio.solvers.langevin import Langevin, langevin_step
from dgm_studio.solvers.mala import Mala, Place, mala_step

TWO = Mixture(np.array([0.7, 0.3]), np.array([[-0.8], [1.2]]), np.array([[[0.3]], [[0.15]]]))
"""Lopsided, so that no symmetry hides an imbalance."""


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def standard(level: float) -> tuple[ExactField, float]:
    """N(0, 1) along the straight path, and the variance of its marginal."""
    field = ExactField(Mixture(np.ones(1), np.zeros((1, 1)), np.ones((1, 1, 1))), paths()["straight"])
    return field, level**2 + (1 - level) ** 2


@pytest.mark.parametrize("level", [0.5, 1.0])
def test_ula_keeps_its_own_variance_and_mala_the_truth(level: float) -> None:
    """x' = (1 - h / 2S) x + sqrt(h) z has the stationary variance S / (1 - h / 4S)."""
    field, true = standard(level)
    h, n, times = 0.8 * true, 20_000, torch.linspace(0, 1, 13)
    biased = true / (1 - h / (4 * true))
    for solver, variance in ((Langevin(level, h), biased), (Mala(level, h), true)):
        start = variance**0.5 * torch.randn(n, 1, generator=seeded(1), dtype=torch.float64)
        *_, last = solver.walk(field, start, times, seeded())
        assert float(last.x.var()) == pytest.approx(variance, abs=5 * variance * (2 / n) ** 0.5)
    assert biased - true > 10 * true * (2 / n) ** 0.5, "the bias is large enough to be seen"


def test_mala_is_in_detailed_balance_and_langevins_step_is_not() -> None:
    """p(x) k(x, y) is symmetric: from draws of p, E f(x) g(x') = E g(x) f(x') for all f, g."""
    level, n, h = torch.tensor(0.8, dtype=torch.float64), 40_000, 0.3
    field = ExactField(TWO, paths()["straight"])
    x = field.draw(n, 0.8, seeded(2)).double()

    def look(points: Tensor) -> tuple[Tensor, Tensor]:
        return field.score(points, level), field.log_density(points, level)

    after, moved = mala_step(Place(x, *look(x)), h, look, seeded(3))
    assert 0.3 < float(moved.double().mean()) < 0.95, "the rule is at work"
    assert torch.equal(after.x[~moved], x[~moved])
    for one, other in zip(after[1:], look(after.x), strict=True):
        torch.testing.assert_close(one, other)

    def lopsided(x: Tensor, y: Tensor) -> float:
        """The most standard errors by which any pair of functions is asymmetric."""
        early, late = ((u, (u > 0.2).double(), torch.cos(u), u**3) for u in (x, y))
        gaps = [early[i] * late[j] - early[j] * late[i] for i in range(4) for j in range(i)]
        return float(max(abs(gap.mean() / gap.std()) * n**0.5 for gap in gaps))

    assert lopsided(x, after.x) < 4.5
    unadjusted = langevin_step(x, field.score(x, level), h, seeded(3))
    assert lopsided(x, unadjusted) > 6


def test_without_noise_a_chain_climbs() -> None:
    field, level = ExactField(TWO, paths()["straight"]), torch.tensor(0.9, dtype=torch.float64)
    x = field.draw(50, 0.9, seeded()).double()
    states = list(Langevin(noise=0.0, step_size=0.01).walk(field, x, torch.linspace(0, 1, 30), seeded()))
    heights = torch.stack([field.log_density(state.x, level) for state in states])
    assert bool((heights.diff(dim=0) >= -1e-12).all())


def test_annealing_finds_the_weights_that_a_chain_at_one_level_cannot() -> None:
    """Modes 20 standard deviations apart: from the far one, a chain at little noise never crosses over."""
    field = ExactField(
        Mixture(np.array([0.8, 0.2]), np.array([[-1.0], [1.0]]), np.full((2, 1, 1), 0.01)), paths()["ve"]
    )
    times, x = torch.linspace(0, 1, 41), torch.ones(1_000, 1)
    *_, stuck = Langevin(level=0.95, step_size=0.005).walk(field, x, times, seeded())
    *_, freed = AnnealedLangevin().walk(field, x, times, seeded())
    assert float((stuck.x < 0).double().mean()) == 0
    assert float((freed.x < 0).double().mean()) == pytest.approx(0.8, abs=0.08)


def test_annealed_steps_are_song_and_ermons() -> None:
    """Two levels of the VE path, sigma = s(t), without luck: h = k sigma^2 at each, the last one walked too."""
    path = paths()["ve"]
    field, times = ExactField(TWO, path), torch.tensor([0.2, 0.6], dtype=torch.float64)
    x = torch.ones(5, 1, dtype=torch.float64)
    own = seeded(4)
    wanted = x
    for t in times:
        for _ in range(3):
            wanted = langevin_step(wanted, field.score(wanted, t), 0.25 * float(path.s(t)) ** 2, own)
    *_, last = AnnealedLangevin(level_steps=3, level_size=0.25).walk(field, x, times, seeded(4))
    torch.testing.assert_close(last.x, wanted)
    assert last.evaluations == 6


@pytest.mark.parametrize("size", [0.0, -0.1, 2.0, float("nan")])
def test_a_step_that_does_not_walk_is_refused(size: float) -> None:
    for kind in (Langevin, Mala):
        with pytest.raises(Refused, match="does not walk"):
            kind(step_size=size)
    if not size > 0:
        with pytest.raises(Refused, match="above 0"):
            AnnealedLangevin(level_size=size)


def test_other_settings_out_of_range_are_refused() -> None:
    with pytest.raises(Refused, match="a time between"):
        Langevin(level=1.2)
    with pytest.raises(Refused, match="noise is 3"):
        Langevin(noise=3.0)
    with pytest.raises(Refused, match="steps a level"):
        AnnealedLangevin(level_steps=0)
