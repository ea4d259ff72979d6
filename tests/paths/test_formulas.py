"""Sub-VP, trigonometric and EDM paths against their papers' formulas, and noise levels back to times."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from diffusers import EDMEulerScheduler

from dgm_studio.paths import paths
from dgm_studio.paths.path import Path

T = torch.linspace(0.01, 0.99, 50, dtype=torch.float64)


def test_sub_vp_is_song_et_al() -> None:
    """Equation 27's SDE: mean exp(-B/2), standard deviation 1 - exp(-B), g^2 = beta (1 - exp(-2 B)), B = int beta."""
    path, u = paths()["sub-vp"], 1 - T
    beta = 0.1 + u * 19.9
    integral = 0.1 * u + 0.5 * 19.9 * u**2
    torch.testing.assert_close(path.a(T), torch.exp(-0.5 * integral))
    torch.testing.assert_close(path.s(T), 1 - torch.exp(-integral))
    torch.testing.assert_close(path.diffusion_squared(T), beta * (1 - torch.exp(-2 * integral)))
    natural = 2 * path.s(T) ** 2 * (path.da(T) / path.a(T) - path.ds(T) / path.s(T))
    torch.testing.assert_close(path.diffusion_squared(T), natural)
    assert bool((path.s(T) ** 2 < 1 - path.a(T) ** 2).all())


def test_trigonometric_is_a_quarter_of_a_circle() -> None:
    path = paths()["trigonometric"]
    torch.testing.assert_close(path.a(T), torch.sin(0.5 * math.pi * T))
    torch.testing.assert_close(path.s(T), torch.cos(0.5 * math.pi * T))
    torch.testing.assert_close(path.da(T) ** 2 + path.ds(T) ** 2, torch.full_like(T, 0.25 * math.pi**2))
    for dtype in (torch.float32, torch.float64):
        assert float(path.s(torch.ones((), dtype=dtype))) == 0


def test_edm_times_are_the_schedulers_levels() -> None:
    scheduler: Any = EDMEulerScheduler(sigma_min=0.002, sigma_max=10.0, rho=7.0)  # type: ignore[no-untyped-call]
    scheduler.set_timesteps(24)
    levels = paths()["edm"].s(paths()["edm"].time_grid(23, torch.float64))
    torch.testing.assert_close(levels, scheduler.sigmas[:-1].double(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_a_noise_level_gives_back_its_time(path: Path) -> None:
    torch.testing.assert_close(path.time_of(path.s(T) / path.a(T)), T, atol=1e-7, rtol=0)
    beyond = path.time_of(torch.tensor([1e-9, 1e9], dtype=torch.float64))
    torch.testing.assert_close(beyond, torch.tensor([1.0, 0.0], dtype=torch.float64), atol=2e-3, rtol=0)
