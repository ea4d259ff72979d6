"""What layers draw, against geometry known on paper."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from dgm_studio.core.arrays import Array
from dgm_studio.export.dots import splat
from dgm_studio.gui.layers import layer_classes
from dgm_studio.gui.layers.arrows import FILL, arrow_segments
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.heat import heat_image, with_alpha
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import lines_path
from dgm_studio.gui.layers.tails import cuts, ways
from dgm_studio.gui.splat import cloud_image
from dgm_studio.gui.theme.tokens import DARK
from tests.gui.stage.scenery import centres

LENS = Lens(50.0, -50.0, 200.0, 200.0, 0.0, 0.0, 400.0, 400.0, 1.0, 1.0, DARK)
BOX = (-4.0, 4.0, -4.0, 4.0)


def alpha_of(points: Array, diameter: float) -> Array:
    image, corner = cloud_image(LENS, points, diameter, [QColor(255, 180, 84)])
    pad = round(-corner.x())
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return (pixels >> 24)[pad : pad + 400, pad : pad + 400]


def test_a_dot_covers_its_area_around_its_centre() -> None:
    alpha = alpha_of(np.array([[1.0, 1.0]]), 6.0)
    rows, columns = np.nonzero(alpha)
    assert alpha.sum() / 255 == pytest.approx(np.pi * 9, rel=0.1)
    weight = alpha[rows, columns]
    assert np.average(columns + 0.5, weights=weight) == pytest.approx(250, abs=0.3)
    assert np.average(rows + 0.5, weights=weight) == pytest.approx(150, abs=0.3)


def test_points_out_of_sight_or_not_finite_leave_nothing() -> None:
    lost = np.array([[np.nan, 0], [np.inf, 0], [1e9, 0], [-1e9, 1e30], [5, 0]])
    assert not alpha_of(lost, 4.0).any()
    at_the_edge = alpha_of(np.array([[-4.0, 4.0]]), 6.0)
    assert at_the_edge[0, 0] == 255
    assert at_the_edge.sum() / 255 == pytest.approx(np.pi * 9 / 4, rel=0.3)


def test_many_points_count_like_few() -> None:
    """Beyond 8,000 points dots are placed to whole pixels: the covered area stays about the same."""
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(5, 395, 6), np.arange(5, 395, 6)), axis=-1).reshape(-1, 2)
    points = (grid + rng.uniform(0, 1, grid.shape) - 200) / 50 * (1, -1)
    few = alpha_of(points, 4.0)
    many = alpha_of(np.concatenate([points, np.full((8_000, 2), 99.0)]), 4.0)
    assert int(many.sum()) == pytest.approx(int(few.sum()), rel=0.02)
    buffer = np.zeros((412, 412), np.uint32)
    splat(buffer, np.repeat(LENS.to_device(points), 3, axis=0), 4.0, np.array([[255, 180, 84, 255]], np.uint8))
    assert int((buffer >> 24).sum()) == pytest.approx(int(few.sum()), rel=0.15)


def test_a_dots_core_is_never_dimmed_by_a_neighbour() -> None:
    alone = alpha_of(np.array([[0.0, 0.0]]), 4.0)
    crowd = alpha_of(np.array([[0.0, 0.0], [0.05, 0.03], [-0.04, 0.02]]), 4.0)
    assert (crowd >= alone).all()


def test_contours_of_a_radius_are_circles() -> None:
    radius = np.hypot(*np.moveaxis(centres(BOX, 64), -1, 0))
    (ring,) = contours(radius, 2.0, BOX)
    assert np.hypot(*ring.T) == pytest.approx(2.0, abs=2e-3)
    assert np.array_equal(ring[0], ring[-1])
    turns = np.unwrap(np.arctan2(ring[:, 1], ring[:, 0]))
    assert abs(turns[-1] - turns[0]) == pytest.approx(2 * np.pi)


def test_contours_of_a_plane_are_one_open_line() -> None:
    at = centres(BOX, 32)
    (line,) = contours(at[..., 0] + 2 * at[..., 1], 0.5, BOX)
    assert line[:, 0] + 2 * line[:, 1] == pytest.approx(0.5)
    assert len(np.unique(line, axis=0)) == len(line)


def test_a_saddle_gives_two_branches_and_gaps_give_none() -> None:
    at = centres(BOX, 40)
    saddle = at[..., 0] * at[..., 1]
    branches = contours(saddle, 1.0, BOX)
    assert len(branches) == 2
    for branch in branches:
        assert branch[:, 0] * branch[:, 1] == pytest.approx(1.0, abs=0.02)
    assert contours(np.full((8, 8), np.nan), 0.0, BOX) == []
    assert contours(np.ones((8, 8)), 2.0, BOX) == []


def test_checkerboard_saddles_keep_high_corners_apart() -> None:
    board = np.indices((6, 6)).sum(axis=0) % 2.0
    lines = contours(board, 0.5, (0, 6, 0, 6))
    # Every inner high cell is ringed on its own by four points.
    rings = [line for line in lines if np.array_equal(line[0], line[-1])]
    assert len(rings) == 8
    assert all(len(ring) == 5 for ring in rings)


def test_arrows_point_along_the_field_and_never_touch() -> None:
    x = centres(BOX, 21).reshape(-1, 2)
    v = np.stack([-x[:, 1], x[:, 0]], axis=1)
    v[0], v[1] = np.nan, np.inf
    segments = arrow_segments(LENS, x, v)
    shafts = segments[: len(segments) // 3]
    step = shafts[:, 1] - shafts[:, 0]
    length = np.hypot(*step.T)
    assert len(shafts) == 21 * 21 - 3  # two are not finite, the middle one is zero
    assert length.max() <= FILL * 400 / 21 + 1e-4
    good = np.isfinite(v).all(axis=1) & (np.abs(v).sum(axis=1) > 0)
    wanted = v[good] * (1, -1) / np.linalg.norm(v[good], axis=1, keepdims=True)
    assert step / length[:, None] == pytest.approx(wanted, abs=1e-9)
    assert (shafts[:, 0] + shafts[:, 1]) / 2 == pytest.approx(LENS.to_pixels(x[good]))


def test_heat_is_upright_and_keeps_planes() -> None:
    ramp = with_alpha(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), 1.0)
    at = centres((0, 1, 0, 1), 16)
    image = heat_image(at[..., 1], 0.0, 1.0, ramp)
    column = [image.pixelColor(image.width() // 2, row).red() for row in range(image.height())]
    assert column[8] > 240
    assert column[-8] < 16
    inner = np.array(column[16:-16])
    wanted = 255 * (1 - (np.arange(256) + 0.5) / 256)[16:-16]
    assert np.abs(inner - wanted).max() <= 1.5
    broken = heat_image(np.full((4, 4), np.nan), 0.0, 1.0, ramp)
    assert broken.pixelColor(100, 100).red() == 0


def test_lines_of_any_length_stay_apart() -> None:
    path = lines_path([np.array([[0.0, 0], [1, 0], [1, 1]]), np.array([[5.0, 5], [6, 6]])])
    moves = [i for i in range(path.elementCount()) if path.elementAt(i).isMoveTo()]
    assert (path.elementCount(), moves) == (5, [0, 3])


def test_tails_are_the_way_just_come() -> None:
    frames = [np.full((3, 2), k, dtype=float) for k in range(20)]
    track = ways(frames, 10, 8, slice(2))
    assert track.shape == (2, 9, 2)
    assert track[0, :, 0].tolist() == list(range(2, 11))
    assert cuts(8) == [0, 2, 4, 6, 8], "neighbouring pieces share a point"
    assert cuts(ways(frames, 0, 8, slice(2)).shape[1] - 1) == []
    assert cuts(5, np.array([3, 3, 4, 4, 6])) == [0, 2, 4, 5], "a piece for each colour"


def test_every_layer_is_found_once_from_low_to_high() -> None:
    made = layer_classes()
    assert list(made) == [
        "density", "energy", "critic", "error", "contour", "grid", "velocity", "score", "paths", "data", "branch",
        "brush", "samples", "gap", "clean", "structure", "drift", "noise", "guidance", "push", "exact", "slice",
        "probe",
    ]  # fmt: skip
    assert all(layer.id == name and layer.title and hasattr(DARK, layer.token) for name, layer in made.items())
