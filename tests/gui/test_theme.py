"""The tokens keep their contrast, the maps are what they say, and a switch re-tints what is on screen."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QPalette
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.colormaps import density_map, diverging_map, heat_map
from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.oklab import contrast, from_oklab, hexed, rgb, to_oklab
from dgm_studio.gui.theme.resources import resource
from dgm_studio.gui.theme.stylesheet import stylesheet
from dgm_studio.gui.theme.theme import Theme, font, load_fonts
from dgm_studio.gui.theme.tokens import CLASSES, DARK, LIGHT, MARKS, SURFACES, TEXTS, Tokens
from dgm_studio.gui.widgets.boxes import Surface
from dgm_studio.gui.widgets.label import Label

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])


@THEMES
@pytest.mark.parametrize(
    ("surface", "text"),
    [
        *((surface, text) for surface in SURFACES for text in TEXTS),
        # only these stand on a hovered or washed ground
        *((surface, text) for surface in ("hover", "accent_wash", "error_wash") for text in ("text", "dim")),
    ],
)
def test_text_is_readable_on_every_surface(tokens: Tokens, surface: str, text: str) -> None:
    assert contrast(tokens.colour(text), tokens.colour(surface)) >= 4.5


@THEMES
def test_text_on_the_action_colour(tokens: Tokens) -> None:
    for ground in (tokens.accent, tokens.accent_hover, tokens.accent_pressed):
        assert contrast(tokens.on_accent, ground) >= 4.5


@THEMES
def test_marks_show_on_the_stage(tokens: Tokens) -> None:
    for mark in (*(tokens.colour(name) for name in MARKS), *CLASSES[tokens.name]):
        assert contrast(mark, tokens.stage) >= 3.0


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_oklab_round_trip_and_known_values() -> None:
    colours = np.random.default_rng(0).random((200, 3))
    np.testing.assert_allclose(from_oklab(to_oklab(colours)), colours, atol=1e-6)
    np.testing.assert_allclose(to_oklab(np.ones(3)), [1.0, 0.0, 0.0], atol=1e-3)
    assert hexed(rgb("#4C9DFF")) == "#4C9DFF"


@THEMES
def test_density_map_runs_from_the_stage_to_the_accent(tokens: Tokens) -> None:
    table = density_map(tokens)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    np.testing.assert_array_equal(table[0], np.round(rgb(tokens.stage) * 255))
    np.testing.assert_array_equal(table[255], np.round(rgb(tokens.accent) * 255))


def test_heat_map_is_perceptually_even() -> None:
    lightness = to_oklab(heat_map(DARK) / 255.0)[:, 0]
    np.testing.assert_allclose(lightness, np.linspace(lightness[0], lightness[-1], 256), atol=0.012)
    assert np.all(np.diff(lightness[::4]) > 0)  # single steps are at the mercy of rounding to 8 bits


@THEMES
def test_diverging_map_has_the_stage_in_its_middle(tokens: Tokens) -> None:
    table = diverging_map(tokens).astype(float)
    middle = table[127:129].mean(axis=0)
    np.testing.assert_allclose(middle, rgb(tokens.stage) * 255, atol=2.0)
    np.testing.assert_array_equal(table[0], np.round(rgb(tokens.error) * 255))
    np.testing.assert_array_equal(table[255], np.round(rgb(tokens.exact) * 255))


@THEMES
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_style_sheet_is_filled_in(tokens: Tokens, scale: float) -> None:
    sheet = stylesheet(tokens, scale)
    assert "@" not in sheet
    assert "$" not in sheet
    assert tokens.accent_hover in sheet


def test_shipped_fonts_are_loaded_and_figures_are_tabular(look: Theme) -> None:
    assert "Inter" in load_fonts()
    from PySide6.QtGui import QFontMetrics

    metrics = QFontMetrics(font(13, tabular=True))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")


def test_presenter_scales_sizes_and_back(look: Theme, qtbot: QtBot) -> None:
    label = Label("Width", 13)
    qtbot.addWidget(label)
    before = label.font().pixelSize()
    look.set_presenter(True)
    assert label.font().pixelSize() == round(13 * 1.5)
    look.set_presenter(False)
    assert label.font().pixelSize() == before == 13


def test_a_switch_re_tints_what_is_shown(look: Theme, qtbot: QtBot) -> None:
    ground, label = Surface("panel"), Label("Width", tint="dim")
    qtbot.addWidget(ground)
    qtbot.addWidget(label)
    with qtbot.waitSignal(look.changed):
        look.set_preference("light")
    assert ground.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.panel
    assert label.palette().color(QPalette.ColorRole.WindowText).name().upper() == LIGHT.dim
    look.set_preference("dark")
    assert ground.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.panel


def test_an_unknown_preference_follows_the_system(look: Theme) -> None:
    look.set_preference("sepia")
    assert look.preference == "system"


@pytest.mark.parametrize("path", sorted(resource("icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_in_the_asked_colour(look: Theme, path: object) -> None:
    name = path.stem  # type: ignore[attr-defined]
    image = pixmap(name, "error", 24).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    inked = [colour for colour in pixels if colour.alpha() > 200]
    assert len(inked) > 5
    if name != "app":
        wanted = np.round(rgb(DARK.error) * 255)
        shown = np.array([[colour.red(), colour.green(), colour.blue()] for colour in inked])
        np.testing.assert_allclose(shown, np.broadcast_to(wanted, shown.shape), atol=2)  # premultiplied rounding


def test_importing_the_widgets_brings_neither_torch_nor_pyqtgraph() -> None:
    code = (
        "import sys, dgm_studio.gui.widgets.transport_bar, dgm_studio.gui.widgets.knob_form,"
        "dgm_studio.gui.widgets.data_picker, dgm_studio.gui.widgets.rail, dgm_studio.gui.widgets.banner;"
        "sys.exit(int('torch' in sys.modules or 'pyqtgraph' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
