"""Borders of cells against geometry known on paper and against scipy's Voronoi diagram, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial import Voronoi
from torch import Tensor

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.cell_borders import Assign, cell_borders

LIKE = torch.zeros(1, dtype=torch.float64)


def borders(assign: Assign, side: int = 60) -> tuple[Tensor, ...]:
    """In the square [-2, 2]^2."""
    return finish(cell_borders(assign, (-2.0, -2.0), (2.0, 2.0), side, LIKE))


def length(lines: tuple[Tensor, ...]) -> float:
    return sum(float(line.diff(dim=0).norm(dim=1).sum()) for line in lines)


def test_one_cell_has_no_border() -> None:
    assert borders(lambda x: torch.zeros(len(x))) == ()


def test_a_half_plane_has_one_straight_line() -> None:
    (line,) = borders(lambda x: (x[:, 0] > 0.3).long())
    assert float((line[:, 0] - 0.3).abs().max()) < 4 / 59 / 64
    assert length((line,)) == pytest.approx(4)


def test_a_disc_has_one_ring() -> None:
    (ring,) = borders(lambda x: (x.norm(dim=1) < 1).long())
    assert torch.equal(ring[0], ring[-1])
    assert float((ring.norm(dim=1) - 1).abs().max()) < 2e-3
    assert length((ring,)) == pytest.approx(2 * math.pi, rel=2e-3)


def test_quadrants_meet_in_one_place() -> None:
    lines = borders(lambda x: 2 * (x[:, 0] > 0.01).long() + (x[:, 1] > 0.01).long())
    assert len(lines) == 4
    assert length(lines) == pytest.approx(8, abs=0.01)


def test_nearest_seeds_give_the_voronoi_diagram() -> None:
    seeds = np.random.default_rng(0).uniform(-1.2, 1.2, (9, 2))
    places = torch.from_numpy(seeds)
    lines = borders(lambda x: torch.cdist(x, places).argmin(1), side=150)
    # A vertex is as far from its two nearest seeds, but for the places where three cells meet.
    gaps = torch.cdist(torch.cat(lines), places).sort(dim=1).values
    assert float((gaps[:, 1] - gaps[:, 0]).quantile(0.95)) < 2e-3
    # The same length as scipy's ridges, seeds mirrored far away so that all ridges in the box are finite.
    around = 40 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    diagram = Voronoi(np.concatenate([seeds, around]))
    total = 0.0
    for ridge in diagram.ridge_vertices:
        if -1 not in ridge:
            a, b = diagram.vertices[ridge]
            steps = a + np.linspace(0, 1, 20_001)[:, None] * (b - a)
            total += float((np.abs(steps) <= 2).all(1).mean() * np.linalg.norm(b - a))
    assert length(lines) == pytest.approx(total, rel=0.01)
