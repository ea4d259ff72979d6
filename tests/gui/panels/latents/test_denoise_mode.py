"""The denoise view over the real worker and a real model: what is drawn is what the worker told."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.latents import CONDITIONAL, GUIDED, UNCONDITIONAL, PictureFilmReport, PictureFrame
from dgm_studio.gui.panels.latents.denoise_film import PictureFilm
from dgm_studio.gui.panels.latents.denoise_form import told_classes
from dgm_studio.gui.panels.latents.denoise_mode import TRACK, DenoiseMode
from dgm_studio.gui.panels.latents.panel import LatentsPanel
from tests.gui.panels.latents.conftest import NAMES, PATIENCE, OpenLatents
from tests.gui.panels.latents.layout import faults


def denoise(panel: LatentsPanel) -> DenoiseMode:
    mode = panel.mode
    assert isinstance(mode, DenoiseMode)
    return mode


def film_of(mode: DenoiseMode) -> PictureFilm:
    assert mode.film is not None
    return mode.film


def another(panel: LatentsPanel, qtbot: QtBot) -> PictureFilm:
    """The film that follows what was just done, whole and standing."""
    mode = denoise(panel)
    before = mode.film
    qtbot.waitUntil(lambda: mode.film is not before, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return film_of(mode)


def column(film: PictureFilm, name: str) -> np.ndarray:
    return np.asarray(film.frames[-1].x1_hat[film.report.columns.index(name)])


@pytest.fixture
def panel(opened: OpenLatents, models: dict[str, str]) -> LatentsPanel:
    return opened(models["diffusion"], "denoise")


def test_a_film_is_played_scrubbed_guided_and_looked_at(panel: LatentsPanel, qtbot: QtBot) -> None:
    mode = denoise(panel)
    film = film_of(mode)
    assert film.report.columns == (UNCONDITIONAL, CONDITIONAL, GUIDED)
    assert len(film.frames) == film.report.total == mode.index + 1, "the first film plays to its end by itself"
    assert mode.lane.report is not None
    assert told_classes(mode.lane.report) == NAMES
    first = film.frames[0].x_t
    assert (first == first[0]).all(), "all columns begin with the same noise"

    for index in (0, 1, 2):
        panel.go(0.0)
        panel.step(index)
        for place, name in enumerate(film.report.columns):
            shown = mode.view.columns[name]
            assert (shown.noised.pixels == film.frames[index].x_t[place]).all()
            assert (shown.clean.pixels == film.frames[index].x1_hat[place]).all()
        assert f"frame {index + 1} / {film.report.total}" in panel.transport.tracks[TRACK].note
    panel.step(-1)
    assert mode.index == 1

    mode.view.columns[GUIDED].clean.pressed.emit(2)
    assert mode.readouts.clean.pixels is not None
    assert (mode.readouts.clean.pixels == film.frames[1].x1_hat[2][2]).all()

    for gamma, twin in (("1", CONDITIONAL), ("0", UNCONDITIONAL)):
        mode.form.guidance.rows["gamma"].take(gamma)
        film = another(panel, qtbot)
        assert np.abs(column(film, GUIDED).astype(int) - column(film, twin)).max() <= 1, f"γ = {gamma} is {twin}"
        assert mode.index == 1, "another γ is seen at the same moment"
    assert "w = γ − 1 = −1.00" in mode.form.omega.text()

    assert not faults(panel)
    panel.restart()
    assert (another(panel, qtbot).frames[0].x_t != first).any(), "another seed is another noise"
    panel.press_layer(0)
    assert another(panel, qtbot).report.columns == (CONDITIONAL, GUIDED)
    assert mode.view.columns[UNCONDITIONAL].isHidden()


def test_a_model_without_steps_has_no_film(opened: OpenLatents, models: dict[str, str], qtbot: QtBot) -> None:
    panel = opened(models["vae"], "denoise")
    mode = denoise(panel)
    assert mode.empty.isVisible()
    assert mode.film is None
    with qtbot.waitSignal(mode.open_wanted, timeout=1_000) as wanted:
        mode.empty.button.click()
    assert wanted.args == ["fashion-latent-flow"]
    panel.choose(models["latent-diffusion"])
    qtbot.waitUntil(lambda: mode.film is not None and panel.settled(), timeout=PATIENCE)
    assert film_of(mode).report.latent
    assert "zₜ" in mode.view.columns[GUIDED].noised_words.full_text()


def test_how_unsettled_a_prediction_is_by_hand() -> None:
    film = PictureFilm(PictureFilmReport((UNCONDITIONAL, GUIDED), 1, 2, 0, 2.0, False))
    dark, light = np.zeros((2, 1, 1, 2, 2), np.uint8), np.zeros((2, 1, 1, 2, 2), np.uint8)
    light[1] = 255
    film.add(PictureFrame(0, 0.0, 1, dark, dark))
    film.add(PictureFrame(1, 1.0, 2, dark, light))
    sheets = film.sheets()
    assert sheets.shape == (2, 1, 4, 4), "x_t over the prediction, two columns side by side"
    assert (sheets[1, 0] == np.array([[0, 0, 0, 0]] * 2 + [[0, 0, 255, 255]] * 2)).all()
    assert np.allclose(film.unsettled(), [[0.0, 1.0], [0.0, 0.0]])
