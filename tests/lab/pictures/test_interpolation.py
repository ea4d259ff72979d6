"""Ways between latents: ends to the bit, lengths as the mode says, angles even, exactly so many frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import LERP, MODES, NORM, SLERP, stops
from dgm_studio.lab.pictures.interpolation import WAYS, path_through

U = np.linspace(0.0, 1.0, 11)
FEW = settings(max_examples=30, deadline=None)
PAIRS = st.tuples(st.integers(2, 12), st.integers(0, 10_000), st.floats(0.01, 100.0))


def ends(k: int, seed: int, scale: float) -> tuple[Array, Array]:
    a, b = np.random.default_rng(seed).normal(size=(2, k))
    return a, scale * b


def angle(a: Array, b: Array) -> float:
    return float(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


def test_every_mode_has_a_way() -> None:
    assert set(WAYS) == {one.id for one in MODES}


@FEW
@given(PAIRS)
def test_ends_and_lengths(pair: tuple[int, int, float]) -> None:
    a, b = ends(*pair)
    between = (1 - U) * np.linalg.norm(a) + U * np.linalg.norm(b)
    for mode, way in WAYS.items():
        path = way(a, b, U)
        assert np.allclose(path[0], a, rtol=1e-12, atol=1e-12 * between.max())
        assert np.allclose(path[-1], b, rtol=1e-12, atol=1e-12 * between.max())
        lengths = np.linalg.norm(path, axis=1)
        if mode == LERP:
            assert (lengths <= between * (1 + 1e-12)).all(), "a straight line passes nearer the origin"
        else:
            assert np.allclose(lengths, between, rtol=1e-12)


@FEW
@given(PAIRS)
def test_slerp_turns_evenly_in_the_plane_of_its_ends(pair: tuple[int, int, float]) -> None:
    a, b = ends(*pair)
    path, whole = WAYS[SLERP](a, b, U), angle(a, b)
    assert [angle(a, z) for z in path] == pytest.approx(U * whole, abs=1e-6)
    basis, _ = np.linalg.qr(np.stack([a, b], axis=1))
    assert np.allclose(path - path @ basis @ basis.T, 0, atol=1e-9 * np.abs(path).max())


def test_slerp_against_shoemakes_formula() -> None:
    a, b = ends(5, 3, 1.0)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    theta = angle(a, b)
    own = (np.outer(np.sin((1 - U) * theta), a) + np.outer(np.sin(U * theta), b)) / np.sin(theta)
    assert np.allclose(WAYS[SLERP](a, b, U), own, atol=1e-12)


def test_norm_has_the_direction_of_lerp() -> None:
    a, b = ends(6, 1, 4.0)
    straight, kept = WAYS[LERP](a, b, U), WAYS[NORM](a, b, U)
    assert [angle(one, other) for one, other in zip(straight, kept, strict=True)] == pytest.approx(0 * U, abs=1e-6)


@pytest.mark.parametrize("mode", [SLERP, NORM])
def test_opposite_ends_never_reach_the_origin(mode: str) -> None:
    a = np.array([1.0, -2.0, 0.5])
    path = WAYS[mode](a, -3 * a, np.linspace(0, 1, 5))
    assert np.linalg.norm(path, axis=1) == pytest.approx(np.linalg.norm(a) * np.linspace(1, 3, 5))
    assert np.isfinite(path).all()


def test_the_same_end_twice_and_the_origin_stay_put() -> None:
    a, zero = np.array([0.3, -0.4]), np.zeros(2)
    for way in WAYS.values():
        assert np.allclose(way(a, a, U), a)
        assert np.allclose(way(zero, zero, U), 0)
        assert np.allclose(np.linalg.norm(way(zero, a, U), axis=1), 0.5 * U)


def test_one_coordinate_has_no_circle() -> None:
    assert WAYS[SLERP](np.array([-1.0]), np.array([3.0]), np.array([0.25])) == pytest.approx(np.array([[0.0]]))


@FEW
@given(st.integers(1, 8), st.integers(0, 80), st.booleans(), st.sampled_from([one.id for one in MODES]))
def test_a_path_has_its_frames_and_passes_its_points(points: int, more: int, closed: bool, mode: str) -> None:
    latents = np.random.default_rng(points).normal(size=(points, 4))
    frames = points + 1 + more
    path = path_through(latents, frames, mode, closed)
    at = stops(points, frames, closed)
    assert path.shape == (frames, 4)
    assert len(at) == (points + 1 if closed and points > 1 else points)
    assert at[0] == 0
    assert points == 1 or at[-1] == frames - 1
    steps = np.diff(at)
    assert len(steps) == 0 or (steps.min() >= 1 and steps.max() - steps.min() <= 1), "evenly spread"
    for index, frame in enumerate(at):
        assert np.array_equal(path[frame], latents[index % points]), "to the bit"


@pytest.mark.parametrize(
    ("latents", "frames", "mode", "says"),
    [
        (np.zeros((3, 2)), 2, LERP, "2 frames cannot pass through 3 points; ask for at least 3"),
        (np.zeros((0, 2)), 4, LERP, "no point to begin from"),
        (np.zeros((2, 2)), 4, "bezier", "choose lerp, slerp, norm"),
        (np.array([[0.0, np.inf]]), 4, LERP, "not finite"),
    ],
)
def test_refusals(latents: Array, frames: int, mode: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        path_through(latents, frames, mode)
