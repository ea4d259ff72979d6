"""Styles over the real worker and a real GAN with style modulation."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from dgm_studio.core.seed_plane import pure
from dgm_studio.gui.panels.latents.styles_form import FINE
from dgm_studio.gui.panels.latents.styles_mode import StylesMode
from dgm_studio.gui.panels.latents.styles_views import SHEET, as_pictures
from tests.gui.panels.latents.conftest import PATIENCE, OpenLatents
from tests.gui.panels.latents.layout import faults


def test_styles_are_mixed_and_truncated(opened: OpenLatents, models: dict[str, str], qtbot: QtBot) -> None:
    panel = opened(models["gan"], "styles")
    mode = panel.mode
    assert isinstance(mode, StylesMode)
    layers = mode.layers
    assert len(layers) > 1
    sheet = mode.view.sheet.pixels.copy()
    assert len(sheet) == SHEET
    assert len(np.unique(sheet.reshape(SHEET, -1), axis=0)) > SHEET // 2, "seeds differ"

    mode.view.sheet.pressed.emit(5)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.seeds == (pure(5),) * len(layers)
    assert mode.view.mixed.pixels is not None
    assert np.abs(mode.view.mixed.pixels.astype(int) - sheet[5]).max() <= 1, "one seed in all layers: as in the sheet"

    mode.form.spans.buttons[FINE].click()
    mode.view.sheet.pressed.emit(7)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    half = (len(layers) + 1) // 2
    assert mode.seeds == (pure(5),) * half + (pure(7),) * (len(layers) - half)
    assert (mode.view.mixed.pixels != sheet[5]).any()
    styled = mode.view.styled
    assert styled is not None
    assert len(styled.activations) == len(layers)
    assert len(mode.view.maps.pixels) == min(64, len(styled.activations[0]))

    mode.view.sheet.moved.emit(1.5, 0.0)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.seeds[-1] == ((1, 0.5), (2, 0.5)), "dragged half way between two seeds"
    assert (mode.view.mixed.pixels != styled.pixels[0]).any()
    assert not faults(panel)
    mode.form.psi.rows["truncation"].take("0")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert np.abs(mode.view.sheet.pixels.astype(int) - mode.view.sheet.pixels[0]).max() <= 1, "ψ = 0: the mean style"
    panel.step(1)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.first == SHEET
    assert mode.view.sheet.captions[0] == str(SHEET)


def test_activations_are_drawn_from_least_to_largest() -> None:
    maps = np.array([[[0.0, 1.0], [2.0, 4.0]], [[3.0, 3.0], [3.0, 3.0]]])
    assert as_pictures(maps).tolist() == [[[[0, 64], [128, 255]]], [[[0, 0], [0, 0]]]]
