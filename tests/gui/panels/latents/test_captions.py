"""Captions in the denoise view over the real worker: what is typed is drawn, what is wrong is refused, the alignment
comes point by point and can be stopped."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dgm_studio.core.latents import CAPTION, GUIDED, UNCONDITIONAL
from dgm_studio.gui.panels.latents.alignment_part import MEASURE, OTHERS, STOP
from dgm_studio.gui.panels.latents.denoise_mode import DenoiseMode
from tests.gui.panels.latents.conftest import PATIENCE, OpenLatents
from tests.gui.panels.latents.layout import faults


def shown(mode: DenoiseMode, name: str) -> np.ndarray:
    assert mode.film is not None
    return np.asarray(mode.film.frames[-1].x1_hat[mode.film.report.columns.index(name)])


def test_a_caption_is_completed_refused_drawn_and_its_alignment_measured(opened: OpenLatents, qtbot: QtBot) -> None:
    panel = opened("glyph-text-flow", "denoise")
    mode = panel.mode
    assert isinstance(mode, DenoiseMode)
    part, alignment = mode.form.caption, mode.alignment
    assert part.isVisible()
    assert not mode.form.classes.isVisible()
    assert mode.caption == part.field.text() == "bold serif letter g, rotated"
    mode.form.sampling.rows["steps"].take("4")
    before = mode.film
    qtbot.waitUntil(lambda: mode.film is not before and panel.settled(), timeout=PATIENCE)
    free, guided, before = shown(mode, UNCONDITIONAL), shown(mode, GUIDED), mode.film

    part.field.setText("")
    qtbot.keyClicks(part.field, "light se")  # type: ignore[no-untyped-call]
    assert [offer.text() for offer in part.offers if not offer.isHidden()] == ["serif"]
    part.offers[0].click()
    assert part.field.text() == "light serif "
    qtbot.keyClicks(part.field, "capitel q")  # type: ignore[no-untyped-call]
    qtbot.keyClick(part.field, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert "'capitel' is no word of the captions. Did you mean capital" in part.refusal.text()
    part.field.setText("light serif capital ")
    qtbot.keyClicks(part.field, "q")  # type: ignore[no-untyped-call]
    qtbot.keyClick(part.field, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert part.field.text() == mode.wish.sampling[CAPTION] == "light serif capital letter Q"
    qtbot.waitUntil(lambda: mode.film is not before and panel.settled(), timeout=PATIENCE)
    assert np.array_equal(shown(mode, UNCONDITIONAL), free)
    assert not np.array_equal(shown(mode, GUIDED), guided)
    assert mode.session()[CAPTION] == "light serif capital letter Q"

    alignment.knobs.rows["count"].take("8")
    alignment.button.click()
    assert alignment.button.text() == STOP
    qtbot.waitUntil(lambda: len(alignment.points) >= 2, timeout=PATIENCE)
    alignment.button.click()
    assert alignment.button.text() == MEASURE
    curve, real, other = alignment.card.shown.lines if alignment.card.shown is not None else ()
    assert curve.x.tolist() == [one.gamma for one in alignment.points][:7]
    assert curve.y.tolist() == pytest.approx([one.value for one in alignment.points])
    assert curve.band is not None
    assert curve.band[0].tolist() == pytest.approx([one.low for one in alignment.points])
    assert curve.y[0] < 0.5 < real.y[0]
    assert abs(other.y[0]) < 0.2
    assert not faults(panel)


def test_a_model_of_classes_has_no_caption(opened: OpenLatents, models: dict[str, str]) -> None:
    mode = opened(models["diffusion"], "denoise").mode
    assert isinstance(mode, DenoiseMode)
    assert not mode.form.caption.isVisible()
    assert not mode.alignment.form.isVisible()
    assert not mode.alignment.card.isVisible()
    assert CAPTION not in mode.wish.sampling
    assert mode.alignment.button.toolTip() == OTHERS
