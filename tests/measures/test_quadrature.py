"""Quadrature: limits of supports, far and narrow bells, heavy tails, and bounds that hold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MovedLaw, law_from_text
from dgm_studio.measures.on_densities import OnDensities, together
from tests.measures.densities import CHI2, DENSITY_MEASURES, FISHER, HELLINGER, JSD, KL, NLL, REVERSE_KL, TV
from tests.measures.laws_for_measures import bells, normal

BOUNDED = (JSD, TV, HELLINGER)


def found(measure: OnDensities, p: Law, q: Law, coarse: bool = False) -> tuple[float, float]:
    (answer,) = finish(together(p, q, [measure], coarse))
    assert answer is not None
    return answer


def test_disjoint_uniforms_are_exactly_at_the_limits() -> None:
    p, q = law_from_text("uniform-1d:half=1"), law_from_text("uniform-1d:half=1;shift=2")
    for measure in (KL, REVERSE_KL, CHI2, NLL):
        assert found(measure, p, q) == (math.inf, 0.0)
    assert found(JSD, p, q) == (math.log(2), 0.0)
    assert found(TV, p, q) == found(HELLINGER, p, q) == (1.0, 0.0)


@pytest.mark.parametrize("shift", [1e-9, 0.3, 1.0, 1.999999])
def test_uniforms_that_overlap_in_part(shift: float) -> None:
    p, q = law_from_text("uniform-1d:half=1"), law_from_text(f"uniform-1d:half=1;shift={shift}")
    apart = shift / 2
    for measure, exact in ((TV, apart), (HELLINGER, apart), (JSD, apart * math.log(2))):
        value, error = found(measure, p, q)
        assert abs(value - exact) <= error <= 1e-10
    assert found(KL, p, q) == found(CHI2, p, q) == (math.inf, 0.0)


def test_tails_beyond_a_bounded_support_count() -> None:
    """However wide the uniform is, a Gaussian has mass outside it."""
    p, q = normal(0, 0.01), law_from_text("uniform-1d:half=3")
    assert found(KL, p, q) == found(CHI2, p, q) == (math.inf, 0.0)
    assert found(REVERSE_KL, p, q)[0] > 1e3
    assert found(TV, p, q)[0] < 1


def test_a_support_within_another() -> None:
    p, q = law_from_text("uniform-1d:half=1"), law_from_text("uniform-1d:half=2")
    assert found(KL, p, q)[0] == pytest.approx(math.log(2), abs=1e-12)
    assert found(CHI2, p, q)[0] == pytest.approx(1, abs=1e-12)
    assert found(REVERSE_KL, p, q) == (math.inf, 0.0)


@pytest.mark.parametrize("q", ["gaussian-1d:mean=0.5;std=1.1", "mixture-1d", "two-gaussians-1d"])
def test_values_are_those_of_scipy(q: str) -> None:
    p, other = law_from_text("laplace-1d"), law_from_text(q)

    def logs(x: float) -> tuple[float, float]:
        at = np.array([[x]])
        log_p, log_q = p.log_density(at), other.log_density(at)
        assert log_p is not None
        assert log_q is not None
        return float(log_p[0]), float(log_q[0])

    def integral(integrand: OnDensities) -> float:
        low = min(p.box()[0][0], other.box()[0][0])  # type: ignore[index]
        high = max(p.box()[0][1], other.box()[0][1])  # type: ignore[index]
        plain: Callable[[float, float], float] = {
            "kl": lambda a, b: math.exp(a) * (a - b),
            "reverse-kl": lambda a, b: math.exp(b) * (b - a),
            "jsd": lambda a, b: 0.5 * (math.exp(a) * (a - np.logaddexp(a, b)) + math.exp(b) * (b - np.logaddexp(a, b))),
            "tv": lambda a, b: 0.5 * abs(math.exp(a) - math.exp(b)),
            "hellinger": lambda a, b: -math.exp((a + b) / 2),
            "nll": lambda a, b: -math.exp(a) * b,
        }[integrand.card.id]
        value = quad(lambda x: plain(*logs(x)), low, high, points=np.linspace(-4, 4, 33), limit=400, epsabs=1e-10)[0]
        return float(value) + {"jsd": math.log(2), "hellinger": 1.0}.get(integrand.card.id, 0.0)

    for measure in (KL, REVERSE_KL, JSD, TV, HELLINGER, NLL):
        assert found(measure, p, other)[0] == pytest.approx(integral(measure), abs=1e-7), measure.card.id


def test_bells_far_apart_neither_underflow_nor_get_lost() -> None:
    p, q = bells((0.5, -500, 0.01), (0.5, 0, 1)), bells((0.3, 700, 0.02), (0.7, 0, 1))
    share = 0.5 * math.log(0.5 / 0.7) + 0.5 * (math.log(0.5 / 0.7) + 0.5 * 500**2 - 0.5 - math.log(0.01) + 0.5e-4)
    assert found(KL, p, q)[0] == pytest.approx(share, rel=1e-9)
    value, error = found(TV, p, q)
    assert value == pytest.approx(0.5, abs=1e-9)
    assert error < 1e-8
    far = found(JSD, normal(0, 1), normal(1_000, 1e-3))
    assert far[0] == pytest.approx(math.log(2), abs=1e-10)


def test_near_zero_digits_remain() -> None:
    p, q = normal(0, 1), normal(1e-5, 1)
    assert found(KL, p, q)[0] == pytest.approx(0.5e-10, rel=1e-4)
    assert found(HELLINGER, p, q)[0] == pytest.approx(0.125e-10, rel=1e-4)
    assert found(CHI2, p, q)[0] == pytest.approx(1e-10, rel=1e-4)


def test_chi2_looks_beyond_both_boxes() -> None:
    """p^2 / q of N(12, 1) and N(0, 1) has its peak at 24, where neither has mass."""
    value, error = found(CHI2, normal(12, 1), normal(0, 1))
    assert value == pytest.approx(math.expm1(144), rel=1e-8)
    assert error < 1e-6 * value


def test_chi2_is_infinite_under_heavier_tails() -> None:
    assert found(CHI2, law_from_text("laplace-1d"), normal(0, 3)) == (math.inf, 0.0)
    assert found(CHI2, normal(0, 3), law_from_text("laplace-1d"))[0] < math.inf
    mixed = bells((0.99, 0, 0.1), (0.01, 0, 1))
    assert found(CHI2, mixed, normal(0, 0.7)) == (math.inf, 0.0)
    assert found(CHI2, mixed, normal(0, 0.75))[0] < math.inf


def test_fisher_is_blind_to_the_weights_of_far_modes() -> None:
    p, q = bells((0.9, -8, 0.5), (0.1, 8, 0.5)), bells((0.1, -8, 0.5), (0.9, 8, 0.5))
    assert found(FISHER, p, q)[0] < 1e-6
    assert found(KL, p, q)[0] > 1.5


@pytest.mark.parametrize("coarse", [False, True])
def test_the_bound_holds(coarse: bool) -> None:
    """Over random Gaussians, for all that has a closed form: so many that a bound met by luck would show."""
    rng = np.random.default_rng(0)
    for _ in range(120):
        p, q = (normal(3 * rng.normal(), math.exp(rng.normal())) for _ in range(2))
        for one, answer in zip(DENSITY_MEASURES, finish(together(p, q, DENSITY_MEASURES, coarse)), strict=True):
            exact = one.closed_form(p, q)
            assert answer is not None
            if exact is not None and not math.isinf(exact):
                assert abs(answer[0] - exact) <= answer[1], (one.card.id, p.mixture(), q.mixture())


@pytest.mark.parametrize("pair", [("eight-gaussians", "gaussian"), ("checkerboard", "checkerboard:shift=0.3,0")])
def test_in_the_plane_the_coarse_bound_covers_the_fine_value(pair: tuple[str, str]) -> None:
    p, q = (law_from_text(text) for text in pair)
    for one in BOUNDED:
        (rough, doubt), (value, error) = found(one, p, q, coarse=True), found(one, p, q)
        assert abs(rough - value) <= doubt + error
        assert error <= doubt


def test_a_checkerboard_moved_by_a_cell_shares_nothing() -> None:
    board = law_from_text("checkerboard")
    side = (board.box()[0][1] - board.box()[0][0]) / 4  # type: ignore[index]
    moved = MovedLaw(board, (side, 0.0))
    assert found(TV, board, moved)[0] == pytest.approx(1, abs=1e-3)
    assert found(JSD, board, moved)[0] == pytest.approx(math.log(2), abs=1e-3)
    assert found(KL, board, moved) == (math.inf, 0.0)


def test_one_quadrature_serves_all_and_says_what_is_unknown() -> None:
    p, q = law_from_text("eight-gaussians"), law_from_text("checkerboard")
    answers = finish(together(p, q, DENSITY_MEASURES, coarse=True))
    alone = [finish(together(p, q, [one], coarse=True))[0] for one in DENSITY_MEASURES]
    for one, answer, single in zip(DENSITY_MEASURES, answers, alone, strict=True):
        if one.card.id == "fisher":  # the checkerboard's score is not known
            assert answer is None
        else:
            assert answer is not None
            assert single is not None
            assert answer[0] == pytest.approx(single[0], rel=0.2), one.card.id
    assert finish(together(p, law_from_text("gaussian-1d"), [KL])) == [None]


def test_long_work_is_cut_into_slices() -> None:
    p, q = law_from_text("eight-gaussians"), law_from_text("grid-25")
    slices = sum(1 for _ in JSD.quadrature(p, q))
    assert slices > 30
