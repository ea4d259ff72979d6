"""The stage of data on a line: x against density."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainterPath, QWheelEvent
from PySide6.QtWidgets import QApplication
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, EXACT, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.export.histogram import bar_width, bars, highest
from dgm_studio.gui.layers.arrows import FILL, arrow_segments
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_bars import bars_path, outline_path
from dgm_studio.gui.layers.line_curve import area_path, curve, full_height
from dgm_studio.gui.layers.line_room import at_level
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.framing import LEAST_HEIGHT, LEAST_REACH, Framing
from dgm_studio.gui.stage import ABOVE, HOME, ROOM, Stage
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.theme.tokens import DARK
from dgm_studio.gui.widgets.thumbnail import fitted
from tests.gui.stage.pixels import near, rgb

LENS = Lens(50.0, -400.0, 200.0, 350.0, 0.0, 0.0, 400.0, 400.0, 1.0, 1.0, DARK)
"""x from -4 to 4; density 0 at pixel 350, 400 pixels a unit of density."""
BOX: Box = (-4.0, 4.0, -0.125, 0.875)


def bells(count: int = 4_000) -> Array:
    rng = np.random.default_rng(0)
    return (rng.choice([-1.5, 1.5], size=(count, 1)) + 0.4 * rng.standard_normal((count, 1))).astype(np.float32)


def places(path: QPainterPath) -> Array:
    found = [path.elementAt(k) for k in range(path.elementCount())]
    return np.array([(one.x, one.y) for one in found])


def shown(stage: Stage, token: str) -> Array:
    return near(rgb(stage), stage._theme.colour(token), 60)


@pytest.fixture
def line(stage: Stage) -> Stage:
    """400 x 400 pixels over BOX."""
    stage.set_line(True)
    stage.set_box(BOX)
    return stage


# The bars.


def test_bars_are_the_density_of_the_points() -> None:
    points = bells()
    edges, heights = bars(points, -6.0, 6.0, 0.1)
    assert heights.shape == (len(edges) - 1, 1)
    assert heights.sum() * 0.1 == pytest.approx(1.0)
    np.testing.assert_allclose(heights[:, 0], np.histogram(points[:, 0].astype(float), edges, density=True)[0])
    assert edges / 0.1 == pytest.approx(np.rint(edges / 0.1)), "panning moves no edge"


def test_bars_in_sight_are_those_of_the_whole() -> None:
    """Bars out of sight, and points that are not finite, take their share with them."""
    points = np.append(bells(), [[np.nan], [np.inf]], axis=0)
    whole, part = bars(points, -6.0, 6.0, 0.1)[1], bars(points, 0.0, 1.0, 0.1)[1]
    np.testing.assert_allclose(part, whole[60:70])
    assert whole.sum() * 0.1 == pytest.approx(4_000 / 4_002)


def test_groups_stand_on_each_other() -> None:
    points = bells()
    shares = np.concatenate([points > 0, points <= 0], axis=1) * (0.25, 1.0)
    shares[:, 1] += 0.75 * (points[:, 0] > 0)
    _, heights = bars(points, -6.0, 6.0, 0.1, shares)
    assert heights.shape[1] == 2
    np.testing.assert_allclose(heights.sum(axis=1), bars(points, -6.0, 6.0, 0.1)[1][:, 0])


def test_bars_are_round_and_shrink_with_the_points() -> None:
    widths = [bar_width(6.0, count) for count in (1, 400, 2_000, 10_000)]
    assert widths == pytest.approx([1.0, 0.2, 0.1, 0.05])
    assert bar_width(0.6, 2_000) == pytest.approx(0.01), "a closer look has finer bars"


def test_bars_and_outline_are_one_path_each() -> None:
    edges, lower, upper = np.array([-1.0, 0.0, 1.0, 2.0]), np.zeros(3), np.array([0.5, 0.0, 0.25])
    at = places(bars_path(LENS, edges, lower, upper))
    assert at[0] == pytest.approx((150, 150))
    assert at[1] == pytest.approx((200, 150))
    assert at[-1] == pytest.approx(at[0])
    path = outline_path(LENS, edges, lower, upper)
    strokes = [piece.toList() for piece in path.toSubpathPolygons() if piece.size() > 1]
    for stroke, left, top in zip(strokes, (150, 250), (150, 250), strict=True):
        corners = np.array([place.toTuple() for place in stroke])
        assert corners == pytest.approx(np.array([(left, 350), (left, top), (left + 50, top), (left + 50, 350)]))


# Curves, areas, arrows.


def test_curves_stand_at_cell_centres_in_units_of_density() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.4])
    at = LENS.to_pixels(curve(values, BOX))
    assert at[:, 0] == pytest.approx([50, 150, 250, 350])
    assert at[:, 1] == pytest.approx([310, 270, 230, 190])
    assert LENS.to_pixels(np.array([0.0, full_height(LENS)]))[1] == pytest.approx(40)


def test_an_area_is_only_where_the_second_is_above_the_first() -> None:
    lower, upper = np.array([0.2, 0.2, 0.2, 0.2]), np.array([0.4, 0.1, np.nan, 0.3])
    roof, floor = np.split(places(area_path(LENS, lower, upper, BOX))[:8], 2)
    assert (floor[::-1, 1] - roof[:, 1]) == pytest.approx([80, 0, 0, 40])


def test_arrows_lie_under_the_axis_and_never_touch() -> None:
    x = np.linspace(-3.8, 3.8, 20)[:, None]
    at = at_level(LENS, x, 0.5)
    v = np.stack([np.sign(x[:, 0]), np.zeros(20)], axis=1)
    segments = arrow_segments(LENS, at, v, FILL * 0.4 * 50)
    assert LENS.to_pixels(at)[:, 1] == pytest.approx(375), "half-way to the lower edge"
    assert np.ptp(segments[:20, :, 0], axis=1).max() < 20


# The stage.


def test_the_axes_have_scales_of_their_own(line: Stage, qtbot: object) -> None:
    assert line.box() == pytest.approx(BOX)
    assert line.to_pixel(0.0, 0.0).toTuple() == pytest.approx((200, 350))
    line.set_line(False)
    assert line.box() == pytest.approx(HOME)


def test_only_x_zooms_and_pans(line: Stage) -> None:
    place = QPointF(300, 100)
    wheel = QWheelEvent(place, line.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    before = line.to_model(place)
    QApplication.sendEvent(line.viewport(), wheel)
    x_low, x_high, y_low, y_high = line.box()
    assert x_high - x_low < 8
    assert (y_low, y_high) == pytest.approx(BOX[2:])
    assert line.to_model(place) == pytest.approx(before)
    line.fit()
    assert line.box() == pytest.approx(BOX)


def test_framing_holds_bars_and_start_noise(stage: Stage) -> None:
    framing, narrow = Framing(stage), (0.05 * bells() + 0.2).astype(np.float32)
    framing.frame(narrow)
    top = highest(narrow, 2 * LEAST_REACH)
    assert bool(stage.line)
    assert stage.box() == pytest.approx((-LEAST_REACH, LEAST_REACH, -ROOM * top, ABOVE * top))
    framing.frame(np.linspace(-2, 2, 5_000)[:, None])
    assert stage.box()[3] == pytest.approx(ABOVE * LEAST_HEIGHT)
    framing.frame(np.random.default_rng(0).uniform(size=(500, 2)))
    assert not bool(stage.line)
    assert stage.box() == pytest.approx((-LEAST_REACH, LEAST_REACH, -LEAST_REACH, LEAST_REACH))


def test_data_fill_their_bars_and_samples_only_outline_theirs(line: Stage) -> None:
    stretch = np.linspace(-1, 1, 4_000, endpoint=False)[:, None]
    line.accept(Picture(Ask("samples"), 0, {"frames": stretch[None], "t": np.zeros(1)}))
    drawn = shown(line, "sample")
    rows, columns = np.nonzero(drawn)
    assert columns.min() == pytest.approx(150, abs=2)
    assert columns.max() == pytest.approx(250, abs=2)
    assert rows.min() == pytest.approx(150, abs=2), "density 1/2"
    assert not drawn[200:340, 160:240].any()
    before = rgb(line)
    line.accept(Picture(Ask("data"), 0, {"points": stretch, "labels": np.zeros(4_000, int)}))
    changed = np.abs(rgb(line) - before).max(axis=-1) > 8
    assert changed[200:340, 160:240].mean() > 0.99
    assert not changed[:, :145].any()


def test_density_is_a_curve_and_the_exact_one_is_dashed(line: Stage) -> None:
    x = curve(np.zeros(400), BOX)[:, 0]
    p = stats.norm.pdf(x, 0, 0.8)
    line.set_legend(False)
    line.show_layer("density", True)
    line.accept(Picture(Ask("density", box=BOX, resolution=100), 0, {"values": p.astype(np.float32)}))
    drawn = shown(line, "accent")
    for column in (120, 200, 260):
        hit = np.nonzero(drawn[:, column])[0]
        assert hit.mean() + 0.5 == pytest.approx(350 - 400 * stats.norm.pdf((column + 0.5) / 50 - 4, 0, 0.8), abs=2.5)
    line.show_layer("density", False)
    line.show_layer("exact", True)
    line.accept(Picture(Ask("density", EXACT, BOX, 100), 0, {"values": p.astype(np.float32)}))
    dashes = np.asarray(shown(line, "exact").any(axis=0))[20:380]
    assert 0.3 < dashes.mean() < 0.9
    assert np.diff(dashes.astype(int)).clip(0).sum() > 10


def test_every_layer_draws_a_line_and_leaves_nothing(line: Stage, look: Theme) -> None:
    empty = rgb(line)
    x, points = np.linspace(-3.8, 3.8, 21, dtype=np.float32)[:, None], bells(400)
    values = np.linspace(0.1, 0.6, 256, dtype=np.float32)
    pictures: dict[Ask, dict[str, Array]] = {
        Ask("data"): {"points": points, "labels": (points[:, 0] > 0).astype(np.int64)},
        Ask("samples"): {"frames": np.stack([points, points]), "t": np.array([0.0, 1.0])},
        Ask("density"): {"values": values},
        Ask("critic"): {"values": values},
        Ask("energy"): {"values": values},
        Ask("density", ERROR): {"values": values - 0.3, "exact": values[::-1]},
        Ask("velocity"): {"x": x, "v": x},
        Ask("score"): {"x": x, "v": -x},
        Ask("push"): {"x": points[:50], "v": points[:50]},
        Ask("guidance"): {"x": x[::2], "free": x[::2], "told": -x[::2]},
        Ask("density", EXACT): {"values": values},
        Ask("structure"): {
            "line": x[:6], "labels": np.array([2, 4]), "dots": x[:3], "weights": np.ones(3, np.float32),
            "points": points, "shares": np.concatenate([points > 0, points <= 0], axis=1).astype(np.float32),
        },
    }  # fmt: skip
    for layer in line.layers:
        line.show_layer(layer.id, False)
    for ask, arrays in pictures.items():
        own = Ask(ask.view, ask.variant, BOX, 64)
        name = ask.variant if ask.variant != "learned" else ask.view
        line.show_layer(name, True)
        before = rgb(line)
        line.accept(Picture(own, 0, arrays, {"gamma": 2.0, "label": 1.0}))
        assert (rgb(line) != before).any(), own.key
        line.show_layer(name, False)
    clean, samples = line.layer("clean"), line.layer("samples")
    assert isinstance(clean, CleanLayer)
    assert isinstance(samples, SamplesLayer)
    clean.append(points)
    line.show_layer("clean", True)
    assert (rgb(line) != empty).any()
    samples.set_tails(5)
    samples.set_by_class(True)
    line.show_layer("samples", True)
    line.set_frame(1)
    assert shown(line, "sample").any()
    assert not line.layer("paths").has_content()
    line.clear()
    assert line.is_empty()
    assert (rgb(line) == empty).all()


def test_a_thumbnail_piles_the_points_up() -> None:
    cloud = fitted(bells(300))
    assert cloud.shape == (300, 2)
    assert np.abs(cloud).max() <= 1.0
    columns, counts = np.unique(cloud[:, 0], return_counts=True)
    for column, count in zip(columns, counts, strict=True):
        assert len(np.unique(cloud[cloud[:, 0] == column, 1])) == count, "none lies on another"
    assert fitted(np.zeros((0, 1))).shape == (0, 2)
