"""The parts of a step, the error to the exact path, contours, colours, and a brushed set: what is drawn is what is."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import EXACT, Ask
from dgm_studio.core.reports import Picture
from dgm_studio.gui.export.still import picture_of
from dgm_studio.gui.layers.brush import BrushLayer
from dgm_studio.gui.layers.colouring import MODES, SECTORS, STRETCHES, by_mode, by_origin, by_time, stretch, way_ink
from dgm_studio.gui.layers.contour import SHARES, ContourLayer, levels_holding
from dgm_studio.gui.layers.gap import GapLayer
from dgm_studio.gui.layers.guidance import GuidanceLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.layers.step_arrows import Parts, StepLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import near
from tests.gui.stage.scenery import centres, density

BOX = (-4.0, 4.0, -4.0, 4.0)
HALF = 0.01
"""Half a pixel: a line through the middle of pixels fills them."""


@pytest.fixture
def bare(qtbot: QtBot, look: Theme) -> Stage:
    """400 x 400 pixels over [-4, 4]^2, with these layers alone."""
    made = Stage(look, ("samples", "brush", "gap", "drift", "noise", "guidance", "contour"))
    qtbot.addWidget(made)
    made.resize(400, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.set_box(BOX)
    made.show_layer("samples", False)
    return made


def pixels(stage: Stage) -> Array:
    image = picture_of(stage)
    return np.frombuffer(image.constBits(), np.uint8).reshape(400, 400, 4)[..., 2::-1].astype(int)


def test_drift_and_noise_lie_head_to_tail_and_make_up_the_step(bare: Stage, look: Theme) -> None:
    drift, noise = bare.layer("drift"), bare.layer("noise")
    assert isinstance(drift, StepLayer)
    assert isinstance(noise, StepLayer)
    x, further = np.array([[-3.0, HALF]]), np.array([[1.0, 2.0]]) + HALF
    parts = Parts.of(x, further, np.array([[4.0 + HALF, 0.0]]))
    assert np.allclose(parts.x + parts.drift + parts.noise, further)
    assert parts.size == 4.0 + HALF
    for layer in (drift, noise):
        layer.append(parts)
        layer.append(None)
        bare.show_layer(layer.id, True)
    assert noise.arrows()[1].tolist() == [[4.0 + HALF, 0.0]], "the noise begins where the drift ends"
    shown = pixels(bare)
    assert near(shown, look.colour("accent"), 60)[199:202, 52:245].any(axis=0).all(), "from x to the drift's end"
    assert near(shown, look.colour("text"), 60)[105:198, 249:252].any(axis=1).all(), "from there to the step's end"
    assert noise.remark() == "", "to scale"
    bare.show_layer("drift", False)
    assert noise.arrows()[1].tolist() == [[0.0, 0.0]], "without the drift it begins at the particle"
    bare.set_frame(1)
    assert not noise.has_content(), "no step leaves the last frame"


def test_the_guided_arrow_follows_its_scale_and_the_others_stand(bare: Stage, look: Theme) -> None:
    layer = bare.layer("guidance")
    assert isinstance(layer, GuidanceLayer)
    bare.show_layer("guidance", True)
    x = np.array([[-2.0, HALF], [2.0, HALF]])
    arrays = {"x": x, "free": np.array([[1.0, 0.0]] * 2), "told": np.array([[1.0, 0.5]] * 2)}
    ask = bare.asks(64, 0.5)[0]
    assert (ask.view, ask.t) == ("guidance", 0.5)
    bare.accept(Picture(ask, 0, arrays, {"gamma": 2.0, "label": 1.0}, "towards class 1"))
    assert layer.remark() == "towards class 1"
    assert layer.arrows()[0].tolist() == [[1.0, 1.0]] * 2
    before = pixels(bare)
    assert near(before, look.colour("accent"), 60)[199:202, 110:240].any(axis=0).all(), "without label, to the right"
    layer.set_gamma(-1.0)
    assert layer.arrows()[0].tolist() == [[1.0, -0.5]] * 2
    after = pixels(bare)
    orange, key = look.colour("sample"), slice(80, 400)
    low, high = (np.flatnonzero(near(one, orange, 60)[key, 110:180].any(axis=1)).mean() for one in (after, before))
    assert low > high, "now it points down"
    assert (near(after, look.colour("accent"), 60) == near(before, look.colour("accent"), 60))[key, 150:].mean() > 0.99
    bare.accept(Picture(ask, 0, arrays, {"gamma": 2.0, "label": 1.0}, ""))
    assert layer.gamma == -1.0, "a picture of an older film does not turn it back"
    layer.clear()
    assert not layer.has_content()


def test_small_steps_are_drawn_larger_by_one_factor_that_is_told(bare: Stage) -> None:
    layers = [bare.layer(name) for name in ("drift", "noise")]
    small = Parts.of(np.zeros((5, 2)), np.full((5, 2), 0.02), np.full((5, 2), 0.01))
    for layer in layers:
        assert isinstance(layer, StepLayer)
        layer.append(small)
        bare.show_layer(layer.id, True)
    pixels(bare)
    assert {layer.remark() for layer in layers} == {"drift and noise of a step, drawn 50 times as long"}


def test_the_path_error_joins_each_particle_to_where_it_would_be(bare: Stage, look: Theme) -> None:
    layer = bare.layer("gap")
    assert isinstance(layer, GapLayer)
    bare.show_layer("gap", True)
    for k in range(3):
        layer.append(np.array([[-2.0, k + HALF], [2.0, k + HALF]], dtype=np.float32))
    assert not layer.has_content()
    layer.clear_truth(unknown=1)
    layer.append_truth(np.array([[2.0, 1.0 + HALF], [2.0, 1.0 + HALF]], dtype=np.float32))
    assert layer.rms(0) is None, "before a branch there is no exact path"
    assert layer.rms(1) == pytest.approx(np.sqrt(16 / 2))
    assert layer.rms(2) is None
    layer.set_frame(1)
    shown = pixels(bare)
    assert near(shown, look.colour("error"), 60)[149:152, 102:295].any(axis=0).all()
    assert near(shown, look.colour("exact"), 60)[148:152, 298:302].any(), "where it would be"


def test_contours_hold_the_shares_they_name(bare: Stage) -> None:
    """Of a Gaussian the region of highest density that holds the share c is the disc of radius sd sqrt(-2 log(1 - c))
    (chi-squared with two degrees of freedom)."""
    layer = bare.layer("contour")
    assert isinstance(layer, ContourLayer)
    at = centres(BOX, 200)
    p = np.exp(-(at**2).sum(axis=-1) / 2) / (2 * np.pi)
    for exact in (False, True):
        layer.set_exact(exact)
        (ask,) = layer.wishes(BOX, 64, 0.5, ())
        assert ask.variant == (EXACT if exact else "learned")
        assert layer.wants(ask.key)
        assert not layer.wants(Ask("density", EXACT if not exact else "learned").key)
        layer.accept(Picture(Ask("density", ask.variant, BOX, 200), 0, {"values": p}))
        for share, lines in zip(SHARES, layer.levels, strict=True):
            radius = np.linalg.norm(np.concatenate(lines), axis=1)
            assert radius == pytest.approx(np.sqrt(-2 * np.log(1 - share)), rel=0.02)
    assert layer.remark() == "contours hold 50, 80 and 95 % of the exact pₜ"
    levels = levels_holding(density(at, 0.4), SHARES)
    assert levels == sorted(levels, reverse=True)
    assert levels_holding(np.zeros((4, 4)), SHARES) == []


def test_colours_say_origin_mode_or_time(look: Theme) -> None:
    angles = 2 * np.pi * (np.arange(SECTORS) + 0.5) / SECTORS
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    start = np.concatenate([ring, 3 * ring])
    origin = by_origin(start)
    assert origin.classes(len(start), 0.5).tolist() == list(range(2 * SECTORS))  # type: ignore[union-attr]
    assert len({colour.name() for colour in origin.colours(look, 1.0)}) == 2 * SECTORS
    line = by_origin(np.linspace(3, -3, 32)[:, None])
    assert line.classes(32, 0.0).tolist() == [k // 2 for k in range(31, -1, -1)]  # type: ignore[union-attr]
    mode = by_mode(np.array([0, 9, 7]), 10)
    assert mode.classes(3, 0.0).tolist() == [0, 1, 7]  # type: ignore[union-attr]
    assert [colour.name() for colour in mode.colours(look, 1.0)] == [look.class_colour(k).name() for k in range(MODES)]
    time = by_time()
    assert [time.classes(2, t).tolist() for t in (0.0, 0.5, 1.0)] == [  # type: ignore[union-attr]
        [0, 0], [STRETCHES // 2] * 2, [STRETCHES - 1] * 2,
    ]  # fmt: skip
    assert origin.classes(5, 0.0) is None, "of other particles it says nothing"
    assert mode.legend(look).title == "mode at the end"
    assert len(by_mode(np.array([0, 3]), 4).legend(look).colours) == 4, "as many as there are"


def test_ways_have_the_colour_of_their_particle_or_of_their_time(look: Theme) -> None:
    plain = look.colour("sample", 0.5)
    by_particle = way_ink(by_mode(np.array([3, 4, 5]), 8), look, plain, 3, np.array([0, 2]), [0.0, 1.0])
    assert by_particle.groups is not None
    assert by_particle.groups.tolist() == [3, 5]
    by_step = way_ink(by_time(), look, plain, 3, slice(2), [0.0, 0.5, 1.0])
    assert by_step.steps is not None
    assert by_step.steps.tolist() == [stretch(0.0), stretch(0.5)]
    assert way_ink(by_mode(np.array([3]), 8), look, plain, 3, slice(2), [0.0, 1.0]).colours == [plain]


@pytest.mark.parametrize("coloured", [False, True])
def test_those_that_are_followed_stand_out_with_all_their_way(bare: Stage, look: Theme, coloured: bool) -> None:
    particles, brush = bare.layer("samples"), bare.layer("brush")
    assert isinstance(particles, SamplesLayer)
    assert isinstance(brush, BrushLayer)
    for k, t in enumerate((0.0, 0.5, 1.0)):
        frame = np.array([[-3.0 + 3 * k, 1.0 + HALF], [-3.0 + 3 * k, -1.0 + HALF]], dtype=np.float32)
        particles.append(frame, t)
        brush.append(frame, t)
    tint = look.colour("sample")
    if coloured:
        particles.set_colouring(by_mode(np.array([1, 1]), 8))
        brush.set_colouring(by_mode(np.array([1, 1]), 8))
        tint = look.class_colour(1)
    bare.show_layer("samples", True)
    bare.show_layer("brush", True)
    bare.set_frame(1)
    both = near(pixels(bare), tint, 60)
    assert both[148:151, 199:201].all()
    assert both[248:251, 199:201].all()
    followed = np.array([True, False])
    particles.set_followed(followed)
    brush.set_followed(followed)
    shown = pixels(bare)
    one = near(shown, tint, 60)
    assert one[148:151, 199:201].all()
    assert not one[240:260].any(), "the other has faded"
    ground = look.colour("stage")
    apart = np.abs(shown - [ground.red(), ground.green(), ground.blue()]).sum(axis=-1)
    past, future = apart[149:151, 80:170].max(axis=0).mean(), apart[149:151, 230:320].max(axis=0).mean()
    assert past > 1.5 * future > 30, "the way so far is strong, the way to come faint"
    brush.set_followed(None)
    assert not brush.has_content()
