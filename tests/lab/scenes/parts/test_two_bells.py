"""Two bells against the mixture's own score, an integral of its density, and passage times of a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.parts.two_bells import TwoBells


def test_the_score_is_the_noised_mixtures() -> None:
    bells = TwoBells(separation=3.0, left_weight=0.3, detail=0.3, sigma=0.4)
    whole = Mixture(np.array([0.3, 0.7]), np.array([[-1.5, 0.0], [1.5, 0.0]]), np.tile(0.25 * np.eye(2), (2, 1, 1)))
    x = np.random.default_rng(0).uniform(-4, 4, (50, 2))
    kept = x.copy()
    np.testing.assert_allclose(bells.score(torch.from_numpy(x)).numpy(), whole.score(x), atol=1e-12)
    assert (x == kept).all(), "the points themselves are left alone"
    line = bells.score(torch.from_numpy(x[:, :1])).numpy()
    np.testing.assert_allclose(line, bells.line.score(x[:, :1]), atol=1e-12)


def test_the_map_is_the_density_and_the_share_its_integral() -> None:
    bells = TwoBells(2.0, 0.2, 0.3, 0.5)
    box = (-6.0, 6.0, -4.0, 4.0)
    cell = 12 / 90 * 8 / 60
    assert bells.map(box, 60, 90).sum() * cell == pytest.approx(1.0, abs=1e-6)
    right, _ = integrate.quad(lambda x: float(np.exp(bells.line.log_density(np.array([[x]]))[0])), 0, 8)
    assert bells.right_share == pytest.approx(right, abs=1e-8)


def test_the_barrier_of_even_bells_far_apart() -> None:
    """Tops w N(0; s), saddle 2 w N(m; s): m^2 / 2 s^2 - log 2."""
    bells = TwoBells(6.0, 0.5, 0.3, 0.4)
    assert bells.barrier == pytest.approx(9 / (2 * 0.25) - math.log(2), abs=1e-3)
    assert TwoBells(1.0, 0.5, 0.3, 2.0).barrier == 0.0


def test_passage_of_one_bell_is_that_of_a_known_process() -> None:
    """With hardly any weight on the left it is Ornstein and Uhlenbeck's dx = -(x - m) / 2 s^2 dt + dW about the right
    centre: down to the left one takes 2 int (1 - F) / p."""
    bells = TwoBells(2.0, 1e-9, 0.3, math.sqrt(1 - 0.09))
    law = stats.norm(1.0, 1.0)
    known, _ = integrate.quad(lambda y: 2 * law.sf(y) / law.pdf(y), -1, 1)
    assert bells.crossing(to_right=False) == pytest.approx(known, rel=1e-5)


def test_both_ways_take_as_long_as_the_modes_weigh() -> None:
    """Far apart, detailed balance: as many cross each way, so that times are as weights."""
    bells = TwoBells(5.0, 0.2, 0.3, 0.4)
    assert bells.crossing(to_right=False) / bells.crossing(to_right=True) == pytest.approx(4.0, rel=0.01)
    assert TwoBells(10.0, 0.5, 0.1, 0.05).crossing(to_right=True) == math.inf
