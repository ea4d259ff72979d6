"""Laws that once made a measure give a wrong number: waves, bells far apart, clouds without extent, near twins."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MixtureLaw, PointsLaw, law_from_text
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures import measures
from dgm_studio.measures.line import quantile_cost


class Wave(Law):
    """Density 1 + cos(2 pi k x) on [0, 1]: F(x) = x + sin(2 pi k x) / (2 pi k)."""

    def __init__(self, k: float) -> None:
        self.title, self.dim, self.k = "Wave", 1, k

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        return self.quantile(rng.random(n))[:, None]

    def quantile(self, levels: Array) -> Array:
        low, high, pitch = np.zeros_like(levels), np.ones_like(levels), 2 * np.pi * self.k
        for _ in range(55):
            middle = (low + high) / 2
            under = middle + np.sin(pitch * middle) / pitch < levels
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)


def bells(weights: tuple[float, ...], places: list[list[float]], std: float) -> MixtureLaw:
    k, d = np.shape(places)
    return MixtureLaw(Mixture(np.array(weights), np.array(places), np.broadcast_to(std**2 * np.eye(d), (k, d, d))))


@pytest.mark.parametrize("k", [1, 3, 10, 100, 300])
def test_the_bound_on_a_wave_holds(k: int) -> None:
    """W1 = 1 / (pi^2 k): the gap to the uniform law has 2 k kinks."""
    found = finish(quantile_cost(Wave(k), law_from_text("uniform-1d:half=0.5;shift=0.5"), 1.0))
    assert found is not None
    value, error = found
    assert abs(value - 1 / (math.pi**2 * k)) <= error <= 1e-5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("std", [1e-3, 0.1])
def test_mass_that_jumps_a_thousand_is_priced(std: float) -> None:
    p, q = (bells((one, 1 - one), [[0.0], [1_000.0]], std) for one in (0.5, 0.3))
    found = finish(quantile_cost(p, q, 1.0))
    assert found is not None
    assert found[0] == pytest.approx(200, rel=1e-8)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("std", [1e-3, 0.1])
def test_narrow_bells_far_apart_are_found(dim: int, std: float) -> None:
    rest = [0.0] * (dim - 1)
    p, q = (bells((one, 1 - one), [[0.0, *rest], [1_000.0, *rest]], std) for one in (0.5, 0.3))
    for name, exact in (("kl", 0.5 * math.log(0.5 / 0.3) + 0.5 * math.log(0.5 / 0.7)), ("tv", 0.2), ("chi2", 4 / 21)):
        found = finish(measures()[name].quadrature(p, q))
        assert found is not None
        assert abs(found[0] - exact) <= found[1] <= 1e-4, name


def test_a_quadrature_that_misses_a_law_is_none() -> None:
    """Twenty narrow bells in a wide plane: more than have cells of their own."""
    rng = np.random.default_rng(0)
    places = rng.uniform(-1e4, 1e4, (20, 2)).tolist()
    p, q = bells((0.05,) * 20, places, 1e-3), bells((0.05,) * 20, places[::-1], 2e-3)
    assert finish(measures()["kl"].quadrature(p, q)) is None


@pytest.mark.parametrize("name", ["kl", "jsd", "hellinger", "chi2", "tv"])
def test_points_without_extent_are_refused_with_the_reason(name: str) -> None:
    rng = np.random.default_rng(0)
    p, q = law_from_text("line"), law_from_text("gaussian")
    flat, round_ = p.draw(200, rng), q.draw(200, rng)
    slanted = flat[:, 1:] * np.array([[1.0, 2.0]])
    one = next(one for one in measures()[name].estimators if one.id == "knn" or (name == "tv" and one.id == "kde"))
    for x, y in ((flat, round_), (round_, flat), (slanted, round_)):
        with pytest.raises(Refused, match="laws with a density"):
            finish(one.function(x, y, p, q, rng))


@pytest.mark.parametrize("gap", [1e-3, 1e-6])
def test_w2_of_near_twins_keeps_its_digits(gap: float) -> None:
    p, q = (bells((1.0,), [[0.0, 0.0]], std) for std in (1.0, 1.0 + gap))
    assert measures()["w2"].closed_form(p, q) == pytest.approx(math.sqrt(2) * gap, rel=1e-8)
    assert measures()["frechet"].closed_form(p, q) == pytest.approx(2 * gap**2, rel=1e-8)


def test_numbers_whose_squares_overflow_are_refused() -> None:
    with pytest.raises(Refused, match="another unit"):
        PointsLaw(np.array([[1e200, 0.0], [0.0, 1.0]]))
    with pytest.raises(Refused, match="is moved by"):
        law_from_text("moons:shift=1e200,0")


@pytest.mark.filterwarnings("error")
def test_a_pole_of_a_density_is_no_infinite_integral() -> None:
    """Beta(1/2, 1/2) against the uniform law on [0, 1]: KL(q || p) = log pi - 1, KL(p || q) = log(4 / pi)."""
    p = law_from_text("beta-1d:a=0.5;b=0.5;width=1")
    q = law_from_text("uniform-1d:half=0.5")
    cross = 0.5 * (1 - math.sqrt(1 - (2 / math.pi) ** 2))
    tv = 2 * (2 / math.pi * math.asin(math.sqrt(cross)) - cross)
    for name, exact in (("kl", math.log(4 / math.pi)), ("reverse-kl", math.log(math.pi) - 1), ("tv", tv)):
        found = finish(measures()[name].quadrature(p, q))
        assert found is not None
        assert abs(found[0] - exact) <= found[1] <= 1e-3, name
