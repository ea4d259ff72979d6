"""The forward process over the real worker: masks beside random tokens, under one dragged time."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.text.courses import FRAMES
from dgm_studio.gui.panels.text.film import MASKED
from dgm_studio.gui.panels.text.forward_mode import TRACK, ForwardMode
from dgm_studio.gui.panels.text.panel import TextPanel
from tests.gui.panels.text.conftest import PATIENCE, OpenText


@pytest.fixture
def forward(panel: TextPanel, qtbot: QtBot) -> ForwardMode:
    """A sentence of eight words, noised."""
    mode = panel.forward_mode
    mode.form.show_sentence("the king spake unto the people and they")
    panel.show_mode("forward")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return mode


def ids(mode: ForwardMode, chain: int) -> np.ndarray:
    assert mode.films is not None
    return np.asarray(mode.films[chain].moments[mode.player.index].at.ids)


def test_it_is_clean_at_one_and_noise_at_zero(forward: ForwardMode) -> None:
    assert forward.noise is not None
    forward.go(0.0)
    assert forward.time == 1.0
    assert [(ids(forward, k) == forward.noise.clean).all() for k in (0, 1)] == [True, True]
    forward.go(1.0)
    assert forward.time == 0.0
    assert (ids(forward, 0) == forward.noise.mask).all()
    assert [forward.films[0].state(FRAMES - 1, k) for k in range(8)] == [MASKED] * 8  # type: ignore[index]


def test_both_chains_lose_the_same_tokens_first(forward: ForwardMode) -> None:
    assert forward.noise is not None
    for index in range(0, FRAMES, 7):
        forward.scrub(TRACK, float(index))
        hidden = ids(forward, 0) == forward.noise.mask
        assert (ids(forward, 1)[~hidden] == forward.noise.clean[~hidden]).all()
        assert (ids(forward, 1)[hidden] == forward.noise.noise[hidden]).all()
        assert forward.readouts.facts.items()["Not masked"] == f"{int((~hidden).sum())} of 8"


def test_the_schedule_and_the_seed_change_the_course(forward: ForwardMode, qtbot: QtBot) -> None:
    assert forward.noise is not None
    forward.scrub(TRACK, 30.0)
    alpha = forward.readouts.facts.items()["Keep rate α"]
    forward.form.schedules.buttons["cosine"].click()
    assert forward.readouts.facts.items()["Keep rate α"] != alpha
    before = forward.noise.threshold
    forward.restart()
    qtbot.waitUntil(lambda: forward.noise is not None and forward.noise.threshold is not before, timeout=PATIENCE)
    assert (forward.noise.threshold != before).any()


def test_a_word_the_model_does_not_know_is_said(panel: TextPanel, forward: ForwardMode, qtbot: QtBot) -> None:
    forward.form.field.setPlainText("the quean")
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=PATIENCE)
    assert "quean" in panel.banner.sentence.text()
    assert forward.text().count("\n") == 1, "the sentence before stays"


def test_a_model_of_other_words_begins_with_its_own_sentence(panel: TextPanel, qtbot: QtBot) -> None:
    panel.show_mode("forward")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    film = panel.film_mode.film
    assert film is not None
    assert panel.forward_mode.form.sentence == film.text(len(film.moments) - 1)
    assert not panel.banner.isVisible()


def test_entered_before_the_engine_is_awake_it_is_noised_all_the_same(
    opened: OpenText, models: dict[str, str], qtbot: QtBot
) -> None:
    panel = opened(models["masked-text"], "the king", "forward")
    qtbot.waitUntil(lambda: panel.forward_mode.noise is not None, timeout=PATIENCE)
    assert not panel.film_mode.player.playing
