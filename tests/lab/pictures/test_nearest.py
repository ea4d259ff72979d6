"""Nearest training pictures against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures import nearest as room
from dgm_studio.lab.pictures.nearest import finding, nearest


def bytes_of(n: int, seed: int, dim: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, dim)).astype(np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_brute_force_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "AT_ONCE", 1)  # slices of 64 training pictures
    asked, training = bytes_of(7, seed), bytes_of(200, seed + 50)
    apart = np.sqrt(((asked[:, None].astype(float) - training[None]) ** 2).mean(2)) / 255
    which, distances = finish(finding(asked, training, 3))
    np.testing.assert_array_equal(which, np.argsort(apart, axis=1, kind="stable")[:, :3])
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :3], rtol=1e-12)


def test_a_copy_is_at_distance_nought() -> None:
    training = bytes_of(90, 1)
    found = finish(nearest(training[[40, 7]].reshape(2, 3, 2, 2), training, PictureShape(3, 2, 2), 2))
    np.testing.assert_array_equal(found.indices[:, 0], [40, 7])
    assert found.distances[:, 0].tolist() == [0, 0]
    np.testing.assert_array_equal(found.pixels[:, 0].reshape(2, -1), training[[40, 7]])
    assert found.pixels.shape == (2, 2, 3, 2, 2)


def test_other_shapes_and_too_many_are_refused() -> None:
    with pytest.raises(Refused, match="distance"):
        finish(finding(bytes_of(2, 0, 5), bytes_of(9, 0), 1))
    with pytest.raises(Refused, match="Ask for fewer"):
        finish(finding(bytes_of(2, 0), bytes_of(9, 0), 10))
    with pytest.raises(Refused, match="training pictures are"):
        finish(nearest(np.zeros((1, 1, 4, 4), np.uint8), bytes_of(9, 0), PictureShape(1, 3, 4), 1))
