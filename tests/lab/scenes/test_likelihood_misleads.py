"""Likelihood misleads: SciPy's mixture density, measured against exact, intervals that cover, what the plots say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.likelihood_misleads import DIMS, SHOWN, Knobs, LikelihoodMisleads, memorised
from dgm_studio.lab.scenes.parts.memoriser import memoriser, noise_gap, one_point, truth


def shown(rounds: int = 4, seed: int = 0, **knobs: float) -> LikelihoodMisleads:
    scene = LikelihoodMisleads(Knobs(**knobs), seed)  # type: ignore[arg-type]
    for _ in range(rounds):
        list(scene.round())
    return scene


def test_the_memorisers_density_is_scipys_mixture() -> None:
    rng = np.random.default_rng(0)
    learned, x = rng.standard_normal((7, 4)), rng.standard_normal((5, 4))
    parts = [multivariate_normal(one, 0.3 * np.eye(4)).logpdf(x) for one in learned]
    np.testing.assert_allclose(memorised(x, learned, 0.3), logsumexp(parts, axis=0) - math.log(7), rtol=1e-10)


def test_a_narrow_memoriser_scores_its_own_data_by_one_bell() -> None:
    scene = shown(1, n=50, epsilon=1e-4, dims=20)
    assert scene.found["own"].mean == pytest.approx(-10 * math.log(2 * math.pi * 1e-4) - math.log(50), rel=1e-9)


def test_one_datum_is_the_closed_form() -> None:
    scene = shown(30, n=1, epsilon=0.5, dims=3)
    found = scene.found["memoriser"]
    assert abs(found.mean - one_point(3, 0.5)) < 2 * found.doubt
    assert scene.exact == pytest.approx(one_point(3, 0.5), rel=3e-4)


@pytest.mark.parametrize("dims", [2, 64, 784])
def test_the_mixture_is_never_more_than_log_100_below(dims: int) -> None:
    readings = {one.name: one for one in shown(2, dims=dims).sketch().readings}
    gap = readings["p₂ below p"].exact
    assert gap == pytest.approx(noise_gap(dims))
    assert gap is not None
    assert 0 < gap <= math.log(100) + 1e-12
    assert readings["log p, held out"].exact == pytest.approx(truth(dims))
    share = readings["p₂ below p, of |log p|"].exact
    assert share == pytest.approx(-100 * gap / truth(dims))


def test_intervals_cover_the_exact_answers() -> None:
    hits = np.zeros(3)
    known = {"truth": truth(4), "memoriser": finish(memoriser(10, 4, 0.3)), "noise": truth(4) - noise_gap(4)}
    for seed in range(40):
        scene = LikelihoodMisleads(Knobs(n=10, epsilon=0.3, dims=4), seed)
        scene.exact = known["memoriser"]  # or each would integrate again
        for _ in range(3):
            list(scene.round())
        for place, (key, exact) in enumerate(known.items()):
            hits[place] += abs(scene.found[key].mean - exact) <= scene.found[key].doubt
    assert (hits >= 0.85 * 40).all()
    assert hits.sum() < 120  # a 95 % interval misses sometimes


def test_what_is_lost_against_p_in_every_dimension() -> None:
    scene = shown(6, n=20, epsilon=0.05)
    lost = {one.name: one for one in scene.sketch().plots[1].lines}
    measured, exact = lost["p₂"], lost["p₂, exact"]
    assert measured.doubt is not None
    np.testing.assert_array_equal(exact.x, DIMS)
    assert (np.abs(measured.y - exact.y) <= 2 * measured.doubt + 1e-3).all()
    assert (measured.doubt < 0.03).all()
    sharp = lost["p₁, n = 20"].y
    assert (np.diff(sharp) > 0).all()
    assert (sharp[3:] > exact.y[3:]).all()  # a poor score for perfect samples
    worst = lost["p₁, n = 1 (tinted: any n)"]
    assert worst.band is not None
    assert ((worst.band[0] < sharp) & (sharp < worst.band[1])).all()


def test_clouds_are_samples_of_each_law() -> None:
    clouds = {one.name: one.points for one in shown(1, n=5, epsilon=1e-4).sketch().plots[0].clouds}
    learned, samples = clouds["What p₁ has learned"], clouds["Samples of p₁"]
    assert len(learned) == 5
    near = np.linalg.norm(samples[:, None] - learned[None], axis=2).min(1)
    assert near.max() < 0.05  # copies
    noise, good = clouds["Samples of p₂: noise"], clouds["the 1 % from p"]
    assert len(noise) + len(good) == SHOWN
    assert len(good) < 0.03 * SHOWN
    assert noise.std(0) == pytest.approx([3, 3], rel=0.15)
    assert clouds["Data, from p"].std(0) == pytest.approx([1, 1], rel=0.15)


def test_bars_are_the_measured_scores() -> None:
    scene = shown(3)
    bars = scene.sketch().plots[2].bars
    assert [float(one.heights[0]) for one in bars] == [scene.found[key].mean for key in ("truth", "memoriser", "noise")]
