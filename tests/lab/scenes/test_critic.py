"""The critic's scene: optima known on paper, estimates that reach them from the right side, disjoint supports."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.critic import TheCritic, lattice, probability
from dgm_studio.lab.scenes.parts.critic_pairs import APART, LINES, MODES, PAIRS, PLANE, RING, TWO_GAUSSIANS, pair_of
from dgm_studio.lab.scenes.parts.critic_training import (
    CLIPPING,
    CRITIC,
    DISCRIMINATOR,
    PENALTY,
    SPECTRAL,
    Opponent,
    Rule,
)


def after(rounds: int, **knobs: Any) -> TheCritic:
    scene = TheCritic(fill(TheCritic.declared, knobs))
    for _ in range(rounds):
        for _slice in scene.round():
            pass
    return scene


def test_the_discriminator_reads_the_jsd_from_below() -> None:
    scene = after(25, width=32, theta=1.0)
    reading, truth_shown = scene.sketch().measured
    x = np.linspace(-5, 6, 20_001)
    p, q = (np.exp(-((x - m) ** 2) / 0.5) / math.sqrt(0.5 * math.pi) for m in (0.0, 1.0))
    middle = np.log(0.5 * (p + q) + 1e-300)
    truth = 0.5 * np.trapezoid(p * (np.log(p + 1e-300) - middle) + q * (np.log(q + 1e-300) - middle), x)
    assert truth_shown.value == pytest.approx(truth, abs=1e-6)
    assert truth - 0.03 < reading.value
    assert reading.low <= truth + (reading.high - reading.low) / 2
    learned, best = probability(scene.opponent.surface(scene._at)), scene._best
    assert best is not None
    seen = np.abs(scene._at[:, 0]) < 1.5
    assert float(np.abs(learned - best)[seen].max()) < 0.12


def test_a_critic_of_spectral_norm_1_reads_the_distance() -> None:
    scaled, raw, truth = after(25, player=CRITIC, constraint=SPECTRAL, theta=1.5, width=32).sketch().measured
    assert truth.value == pytest.approx(1.5, rel=1e-6)
    assert scaled.value == pytest.approx(1.5, rel=0.05)
    assert raw.value == pytest.approx(1.5, rel=0.05)


def test_a_soft_penalty_lets_the_slope_go_beyond_one() -> None:
    # On slopes s the critic descends -s theta + lambda (s - 1)^2: s = 1 + theta / (2 lambda).
    _scaled, raw, _truth = after(40, player=CRITIC, constraint=PENALTY, penalty=1.0, theta=1.5).sketch().measured
    assert raw.value == pytest.approx(1.5 * (1 + 1.5 / 2), rel=0.1)


def test_a_clipped_critic_reads_another_scale() -> None:
    scene = after(15, player=CRITIC, constraint=CLIPPING, clip=0.02, theta=1.5, width=32)
    _scaled, raw, _truth = scene.sketch().measured
    assert raw.value < 0.3


@pytest.mark.parametrize("name", [TWO_GAUSSIANS, MODES, APART])
def test_the_best_critic_on_the_line_earns_w1(name: str) -> None:
    pair = pair_of(name, 0.8)
    at = np.linspace(-4, 4, 4001)[:, None]
    f = finish(pair.best_critic(at))
    p, q = pair.densities(at)
    truth, _how = finish(pair.w1())
    assert np.abs(np.diff(f) / np.diff(at[:, 0])).max() <= 1 + 1e-9
    assert float(np.trapezoid(f * (p - q), at[:, 0])) == pytest.approx(truth, rel=0.01)


def test_the_best_discriminator_is_p_over_p_plus_q() -> None:
    pair = pair_of(TWO_GAUSSIANS, 1.0)
    at = np.array([[-0.5], [0.5], [2.0]])
    # log p / q = ((x - 1)^2 - x^2) / (2 s^2) = (1 - 2 x) / (2 s^2)
    logit = (1 - 2 * at[:, 0]) / (2 * 0.25)
    assert pair.best_logit(at) == pytest.approx(logit, rel=1e-9)
    assert probability(np.array([0.0, -800.0, 800.0])).tolist() == [0.5, 0.0, 1.0]
    apart = pair_of(APART, 2.0).best_logit(np.array([[0.0], [2.0], [1.0]]))
    assert apart is not None
    assert (apart[0], apart[1], math.isnan(apart[2])) == (math.inf, -math.inf, True)


def test_parallel_lines_have_jsd_log_2_and_w1_theta() -> None:
    pair = pair_of(LINES, -0.7)
    assert finish(pair.jsd()) == (math.log(2), "closed form")
    assert finish(pair.w1())[0] == pytest.approx(0.7)
    assert pair.best_logit(lattice(2)) is None


def test_in_the_plane_the_best_critic_is_that_of_the_matched_points() -> None:
    pair = pair_of(RING, 0.0)
    x, y = pair._matched()
    gain = finish(pair.best_critic(np.concatenate((x, y))))
    value, how = finish(pair.w1())
    assert how == "exact for 400 points"
    assert float(gain[: len(x)].mean() - gain[len(x) :].mean()) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("pair", [choice.id for choice in PAIRS])
@pytest.mark.parametrize("player", [DISCRIMINATOR, CRITIC])
def test_every_pair_shows_learned_and_best(pair: str, player: str) -> None:
    scene = after(3, pair=pair, player=player, width=16, n=500)
    sketch = scene.sketch()
    assert len(sketch.plots) == 3
    assert sketch.plots[0].grips[0].across == "theta"
    assert sketch.caption.endswith(".")
    assert {one.measure for one in sketch.measured} == ({"jsd"} if player == DISCRIMINATOR else {"w1"})
    best = scene._best
    assert (best is None) == (pair == LINES and player == DISCRIMINATOR)
    flat = pair in (PLANE, RING, LINES)
    assert bool(sketch.plots[0].pictures) == flat


def test_a_loss_that_is_not_finite_is_refused() -> None:
    rule = Rule(CRITIC, PENALTY, 0.1, 1.0, 16, 1e30, 32)
    opponent = Opponent(rule, 1, 0)
    x, y = torch.randn((50, 1)), 3 + torch.randn((50, 1))
    opponent.step(x, y)
    with pytest.raises(Refused, match="diverged: its loss became"):
        opponent.step(x, y)
