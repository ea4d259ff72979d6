"""The table of prediction targets against the exact Gaussian posterior, and its limits at both ends."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.paths import paths
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import TARGETS, from_clean_and_noise, inner_time, to_clean_and_noise

IDS = [choice.id for choice in TARGETS]
MEAN, VARIANCE = 0.8, 0.3


def _posterior(path: Path, x: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """E[x_1 | x], E[x_0 | x] for data N(MEAN, VARIANCE) by Gaussian conditioning."""
    a, s = path.a(t)[:, None], path.s(t)[:, None]
    gain = 1 / (a**2 * VARIANCE + s**2)
    return MEAN + a * VARIANCE * gain * (x - a * MEAN), s * gain * (x - a * MEAN)


@pytest.mark.parametrize("target", IDS)
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_each_target_gives_back_the_gaussian_posterior(path: Path, target: str) -> None:
    t = torch.linspace(0.02, 0.98, 25, dtype=torch.float64)
    x = torch.linspace(-3, 3, 25, dtype=torch.float64)[:, None] * torch.ones(1, 2, dtype=torch.float64)
    clean, noise = _posterior(path, x, t)
    a, s, da, ds = (f(t)[:, None] for f in (path.a, path.s, path.da, path.ds))
    truth = {
        "x": clean,
        "epsilon": noise,
        "v": a * noise - s * clean,
        "score": -(x - a * MEAN) / (a**2 * VARIANCE + s**2),
        "velocity": da * clean + ds * noise,
        "edm": (s * clean - a * noise) / (a**2 + s**2).sqrt(),
    }[target]
    torch.testing.assert_close(from_clean_and_noise(target, clean, noise, t, path), truth)
    back = to_clean_and_noise(target, truth, x, t, path)
    torch.testing.assert_close(back[0], clean)
    torch.testing.assert_close(back[1], noise)


@pytest.mark.parametrize("target", IDS)
@pytest.mark.parametrize("end", [0.0, 1.0])
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_nothing_is_infinite_at_the_ends(path: Path, end: float, target: str) -> None:
    x = torch.randn(9, 2, generator=torch.Generator().manual_seed(1))
    for t in (torch.tensor(end), torch.full((9,), end)):
        clean, noise = to_clean_and_noise(target, 0.3 * x + 1, x, t, path)
        assert bool(clean.isfinite().all() and noise.isfinite().all())
        for other in IDS:
            assert bool(from_clean_and_noise(other, clean, noise, t, path).isfinite().all())


@pytest.mark.parametrize("target", ["x", "v", "velocity", "edm"])
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_regular_targets_keep_the_truth_at_both_ends(path: Path, target: str) -> None:
    """E[x_1 | x] is right at t = 0 and t = 1 too for those targets that determine it there."""
    t = torch.tensor([0.0, 1.0], dtype=torch.float64)
    x = torch.tensor([[0.4], [-1.1]], dtype=torch.float64)
    clean, noise = _posterior(path, x, t)
    prediction = from_clean_and_noise(target, clean, noise, t, path)
    torch.testing.assert_close(to_clean_and_noise(target, prediction, x, t, path)[0], clean)


def test_inner_time_moves_only_singular_ends() -> None:
    ends = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)
    assert inner_time(ends, paths()["straight"]).tolist() == [1e-3, 0.5, 1 - 1e-3]
    assert inner_time(ends, paths()["vp"]).tolist() == [0.0, 0.5, 1 - 1e-3]
    assert inner_time(ends, paths()["ve"]).tolist() == [0.0, 0.5, 1.0]


def test_an_unknown_target_names_the_near_ones() -> None:
    x = torch.zeros(1, 2)
    with pytest.raises(Refused, match="velocity"):
        to_clean_and_noise("velocty", x, x, torch.tensor(0.5), paths()["vp"])
