"""Claims over every path."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.paths import paths
from dgm_studio.paths.path import Path

EVERY = pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
INNER = torch.linspace(0.01, 0.99, 99, dtype=torch.float64)


def test_the_issues_paths_are_there() -> None:
    assert {"straight", "vp", "vp-cosine", "ve"} <= set(paths())


@EVERY
def test_card_is_complete(path: Path) -> None:
    assert path.card.title
    assert path.card.summary
    assert path.card.paper
    assert path.card.formula
    assert path.card.lecture


@EVERY
def test_derivatives_are_autograds(path: Path) -> None:
    for value, slope in ((path.a, path.da), (path.s, path.ds)):
        t = INNER.clone().requires_grad_()
        (truth,) = torch.autograd.grad(value(t).sum() + 0 * t.sum(), t)
        torch.testing.assert_close(slope(INNER), truth)
    torch.testing.assert_close(path.s_ds(INNER), path.s(INNER) * path.ds(INNER))


@EVERY
def test_signal_to_noise_rises_from_noise_to_data(path: Path) -> None:
    ratio = path.a(INNER) / path.s(INNER)
    assert bool((ratio[1:] > ratio[:-1]).all())
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    a, s = path.a(ends), path.s(ends)
    assert float(a[1]) == pytest.approx(1.0, abs=1e-12)
    assert float(s[1]) <= 0.01 * max(1.0, float(s[0]))
    # the prior is the start up to a gap of a few per cent
    assert float(s[0]) == pytest.approx(path.prior_std, rel=1e-3)
    assert float(a[0]) <= 0.1 * path.prior_std


@EVERY
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_finite_everywhere_in_shape_and_dtype(path: Path, dtype: torch.dtype) -> None:
    for t in (torch.linspace(0, 1, 101, dtype=dtype), torch.tensor(1.0, dtype=dtype)):
        for f in (path.a, path.s, path.da, path.ds, path.s_ds, path.diffusion_squared):
            value = f(t)
            assert value.shape == t.shape, f
            assert value.dtype == dtype, f
            assert bool(value.isfinite().all()), f
    assert bool((path.diffusion_squared(torch.linspace(0, 1, 101)) >= 0).all())


@EVERY
def test_g_squared_is_the_natural_one_or_below(path: Path) -> None:
    """2 s^2 (a'/a - s'/s), or a bounded choice smaller than it."""
    s = path.s(INNER)
    natural = 2 * s**2 * (path.da(INNER) / path.a(INNER) - path.ds(INNER) / s)
    chosen = path.diffusion_squared(INNER)
    if path.card.id in ("vp", "ve"):
        torch.testing.assert_close(chosen, natural)
    assert bool((chosen <= natural * (1 + 1e-9)).all())


@EVERY
def test_the_lectures_clock_is_readable(path: Path) -> None:
    labels = [path.lecture_clock(t) for t in (0.0, 0.5, 1.0)]
    assert len(set(labels)) == 3
    assert all(labels)


def test_known_labels() -> None:
    assert paths()["vp"].lecture_clock(0.82) == "DDPM step 180 of 1000"
    assert paths()["straight"].lecture_clock(0.82) == "1 - t = 0.180"
    assert paths()["ve"].lecture_clock(0.0) == "sigma = 10"


@EVERY
def test_time_grid_rises_from_zero_to_one(path: Path) -> None:
    grid = path.time_grid(17)
    assert len(grid) == 18
    assert float(grid[0]) == 0
    assert float(grid[-1]) == 1
    assert bool((grid[1:] > grid[:-1]).all())
