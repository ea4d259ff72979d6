"""The Kolmogorov-Fokker-Planck equation on a grid: conserved mass, kept densities, closed forms, second order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.lab.scenes.parts.kfp_grid import Grid, bernoulli, divergence_from, evolve, operator, total_variation
from dgm_studio.lab.scenes.parts.processes import LANGEVIN, PURE, VE, VP, WELL, Bells, Process

KINDS = (VP, VE, PURE, LANGEVIN, WELL)


def solved(process: Process, start: Bells, cells: int = 240, steps: int = 120) -> tuple[Grid, np.ndarray]:
    grid = Grid(process.half(start), cells)
    clock = process.clock(np.linspace(0.0, process.end, steps + 1))
    return grid, evolve(start.averages(grid.edges), process.log_kept(grid.centres), clock, grid.width)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(KINDS), st.floats(0.5, 1.5), st.floats(0.5, 4.0), st.floats(1.5, 4.5), st.floats(-2.5, 2.5)
)  # fmt: skip
def test_mass_is_conserved_and_no_density_is_negative(kind: str, g: float, end: float, apart: float, at: float) -> None:
    grid, density = solved(Process(kind, g, end, apart), Bells((at,), 0.3))
    mass = density.sum(1) * grid.width
    np.testing.assert_allclose(mass, mass[0], atol=1e-12)  # the issue asks for 1e-6
    assert mass[0] == pytest.approx(1.0, abs=1e-9)
    assert density.min() > -1e-6 * density.max()


@pytest.mark.parametrize("kind", [VP, LANGEVIN, WELL])
def test_the_kept_density_is_kept_and_everything_nears_it(kind: str) -> None:
    process = Process(kind, 1.0, 2.0, 2.5)
    grid = Grid(process.half(None), 300)
    log_kept = process.log_kept(grid.centres)
    kept = np.exp(log_kept - log_kept.max())
    kept /= kept.sum() * grid.width
    clock = process.clock(np.linspace(0.0, 2.0, 41))
    assert max(total_variation(p, kept, grid.width) for p in evolve(kept, log_kept, clock, grid.width)) < 1e-11
    other = Bells((0.8,), 0.5).averages(grid.edges)
    gaps = [divergence_from(p, log_kept, grid.width) for p in evolve(other, log_kept, clock, grid.width)]
    assert np.diff(gaps).max() < 0  # the H-theorem
    assert gaps[0] > 0.05


@pytest.mark.parametrize("kind", [VP, VE, PURE])
def test_the_closed_form_is_met_with_second_order(kind: str) -> None:
    process, start = Process(kind, 1.0, 2.0, 3.0), Bells((-1.5, 1.5), 0.45)
    exact = process.exact(start, 2.0)
    assert exact is not None
    gaps = []
    for finer in (1, 2, 4):
        grid, density = solved(process, start, 120 * finer, 30 * finer)
        gaps.append(total_variation(density[-1], exact.averages(grid.edges), grid.width))
    slopes = -np.diff(np.log2(gaps))
    assert slopes == pytest.approx(2.0, abs=0.3)


def test_the_operator_moves_by_drift_and_spreads_by_diffusion() -> None:
    """Of one cell's mass: d mean/dclock = d log kept/dx, d second moment/dclock = 2 + 2 x d log kept/dx."""
    grid = Grid(4.0, 400)
    x = grid.centres
    bands = operator(-0.5 * x**2, grid.width)
    at = 250
    change = np.zeros(400)
    change[at - 1], change[at], change[at + 1] = bands[0, at], bands[1, at], bands[2, at]
    assert change.sum() == pytest.approx(0.0, abs=1e-9)
    assert change @ x == pytest.approx(-x[at], abs=2e-3)
    assert change @ (x - x[at]) ** 2 == pytest.approx(2.0, abs=2e-3)


def test_bernoullis_function() -> None:
    z = np.array([-800.0, -1.0, 0.0, 1e-9, 1.0, 800.0])
    np.testing.assert_allclose(bernoulli(z), [800.0, 1 / (1 - math.exp(-1)), 1.0, 1.0, 1 / (math.e - 1), 0.0])
    np.testing.assert_allclose(bernoulli(-z) - bernoulli(z), z, atol=1e-12)


def test_the_double_wells_force_is_the_slope_of_what_it_keeps() -> None:
    process = Process(WELL, 0.8, 1.0, 3.0)
    x = np.linspace(-4.0, 4.0, 801)
    found = np.gradient(process.log_kept(x), x)[1:-1]
    np.testing.assert_allclose(process.slope(x)[1:-1], found, atol=0.02)
    wells = process.slope(np.array([-1.5, 0.0, 1.5]))
    np.testing.assert_allclose(wells, 0.0, atol=1e-12)
    assert process.steepest(x) < 40  # of bounded slope
