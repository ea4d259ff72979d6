"""The film over the real worker and a real model: what is drawn is what the worker told."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.unmasking import CONFIDENCE, MANUAL, MARGIN, RANDOM, Unmasking
from dgm_studio.gui.panels.text.film import LOCKED, TokenFilm
from dgm_studio.gui.panels.text.film_mode import TRACK
from dgm_studio.gui.panels.text.panel import TextPanel
from tests.gui.layout_contract import check_layout
from tests.gui.panels.text.conftest import LENGTH, PATIENCE, OpenText

GAPS = LENGTH - 3
"""Masks of the prompt "the king ___ × 8 Egypt", and one after it."""


def film_of(panel: TextPanel) -> TokenFilm:
    film = panel.film_mode.film
    assert film is not None
    return film


def another(panel: TextPanel, qtbot: QtBot) -> TokenFilm:
    """The film that follows what was just done, whole and standing."""
    before = panel.film_mode.film
    qtbot.waitUntil(lambda: panel.film_mode.film is not before, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return film_of(panel)


def click(panel: TextPanel, position: int) -> None:
    cells = panel.film_mode.cells.first
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.rect_of(position).center())


def test_a_first_film_plays_by_itself_to_its_end(panel: TextPanel) -> None:
    film, mode = film_of(panel), panel.film_mode
    assert film.shape == (GAPS + 1, LENGTH)
    assert mode.player.index == GAPS
    assert film.text(GAPS).startswith("the king ")
    assert [seen.text for seen in mode.cells.first.looks] == [film.word(int(token)) for token in film.final]
    assert panel.transport.tracks[TRACK].note == f"step {GAPS} / {GAPS} · mask rate 0.00"
    assert panel.subtitle.full_text().startswith(f"{GAPS} of {GAPS} tokens revealed after {GAPS} of {GAPS} steps")
    assert "cycle.txt, words" in mode.form.model.button.text()


def test_it_is_scrubbed_both_ways_without_the_worker(panel: TextPanel, qtbot: QtBot) -> None:
    film, mode = film_of(panel), panel.film_mode
    sent = panel.studio.link.worker
    panel.go(0.0)
    assert [mode.film is film, mode.player.index] == [True, 0]
    assert f"0 of {GAPS} tokens" in panel.subtitle.full_text(), "two of the twelve are typed, and one more"
    for index in range(1, GAPS + 1):
        panel.step(1)
        looks = mode.cells.first.looks
        placed = film.moments[index].since != -1
        shown = [film.word(int(one)) for one in np.asarray(film.moments[index].at.ids)[placed]]
        assert [looks[k].text for k in np.flatnonzero(placed)] == shown
        assert mode.cells.map.index == index
    panel.step(-3)
    assert mode.player.index == GAPS - 3
    assert sent.alive


def test_locking_a_word_keeps_it_in_every_film(panel: TextPanel, qtbot: QtBot) -> None:
    mode = panel.film_mode
    word = int(film_of(panel).final[5])
    mode.cells.tools.buttons["lock"].click()
    click(panel, 5)
    film = another(panel, qtbot)
    assert film.state(0, 5) == LOCKED
    assert {int(moment.at.ids[5]) for moment in film.moments} == {word}
    assert film.word(word) in mode.form.prompt.text
    panel.restart()
    assert int(another(panel, qtbot).final[5]) == word
    assert film_of(panel).report.seed == film.report.seed + 1
    click(panel, 0)
    assert another(panel, qtbot).state(0, 0) != LOCKED


def test_a_forced_word_forks_the_film_where_it_stands(panel: TextPanel, qtbot: QtBot) -> None:
    mode, before = panel.film_mode, film_of(panel)
    panel.go(0.0)
    panel.step(4)
    masked = int(np.flatnonzero(before.moments[4].since == -1)[0])
    click(panel, masked)
    candidates = mode.sides.candidates
    assert candidates.position == masked
    row = candidates.rows[2]
    token = row.token
    assert row.isEnabled()
    row.click()
    film = another(panel, qtbot)
    assert film.report.branch == 4
    for old, new in zip(before.moments[:4], film.moments[:4], strict=True):
        assert (old.at.ids == new.at.ids).all()
    assert int(film.final[masked]) == token
    assert mode.player.index == len(film.moments) - 1, "it plays on from the fork"


def test_masking_a_word_again_goes_on_from_there(panel: TextPanel, qtbot: QtBot) -> None:
    mode, before = panel.film_mode, film_of(panel)
    place = int(np.flatnonzero(before.moments[-1].since > 0)[0])
    mode.cells.tools.buttons["mask"].click()
    click(panel, place)
    film = another(panel, qtbot)
    assert film.report.branch == before.moments[-1].at.step
    assert film.moments[-1].since[place] > before.moments[-1].since[place]


def test_a_knob_resamples_and_the_same_seed_gives_the_same_film(panel: TextPanel, qtbot: QtBot) -> None:
    mode, first = panel.film_mode, film_of(panel)
    steps = next(form for form in mode.form.forms if "steps" in form.rows)
    steps.rows["steps"].take("3")
    short = another(panel, qtbot)
    assert short.shape[0] == 4
    steps.rows["steps"].take("64")
    again = another(panel, qtbot)
    assert (again.final == first.final).all()
    assert mode.wish.settings["steps"] == 64


def test_temperature_changes_the_candidates_without_the_network(panel: TextPanel, qtbot: QtBot) -> None:
    mode = panel.film_mode
    panel.go(0.0)
    panel.step(3)
    click(panel, int(np.flatnonzero(film_of(panel).moments[3].since == -1)[0]))
    before = [row.share for row in mode.sides.candidates.rows]
    with qtbot.waitSignal(mode.lane.recalled, timeout=PATIENCE):
        mode.form.knob_wanted.emit("temperature", 2.0)
    assert mode.sides.candidates.rows[0].share < before[0], "2.0 is flatter than 0.8"


def test_a_drawn_word_is_always_in_its_own_list(opened: OpenText, models: dict[str, str], qtbot: QtBot) -> None:
    """At temperature 2 many a word is drawn from below the first five."""
    panel = opened(models["masked-text"], "the king", temperature=2.0)
    film, candidates = film_of(panel), panel.film_mode.sides.candidates
    last = film.moments[-1].at
    below = [k for k in range(2, LENGTH) if last.ids[k] not in last.top_ids[k]]
    assert 0 < len(below) < LENGTH - 2
    for place in range(LENGTH):
        click(panel, place)
        shown = [row for row in (*candidates.rows, candidates.drawn) if row.token == int(last.ids[place])]
        assert candidates.position == place
        assert (candidates.drawn in shown) is (place in below)
        if place >= 2:
            assert [row.share for row in shown] == [pytest.approx(float(last.probability[place]))]
        assert candidates.drawn.note == ("drawn, below the first five" if place in below else "")
    click(panel, below[0])
    word = candidates.drawn.token
    candidates.drawn.click()
    assert int(another(panel, qtbot).final[below[0]]) == word, "it can be put there, too"


def test_two_lanes_from_one_seed(panel: TextPanel, qtbot: QtBot) -> None:
    mode = panel.film_mode
    panel.press_layer(1)
    qtbot.waitUntil(lambda: mode.second.film is not None and not mode.second.making, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.second.film is not None
    assert film_of(panel).report.settings.order == MARGIN
    assert mode.second.film.report.settings == replace(film_of(panel).report.settings, order=RANDOM)
    assert mode.form.second.values()["order"] == RANDOM
    assert mode.second.film.report.seed == film_of(panel).report.seed
    assert (mode.second.film.locked == film_of(panel).locked).all()
    assert mode.cells.second.isVisible()
    assert "Random" in mode.cells.card.heads[1].full_text()
    assert "“Second lane”" in mode.cells.card.heads[1].full_text()


def test_the_second_lane_never_begins_as_the_first(opened: OpenText, models: dict[str, str], qtbot: QtBot) -> None:
    panel = opened(models["masked-text"], "the king", order=RANDOM, temperature=1.3)
    mode = panel.film_mode
    mode._toggle("compare", True)
    assert mode.second_settings == {**mode.wish.settings, "order": CONFIDENCE}
    mode.form.second_wanted.emit("order", MARGIN)
    mode._toggle("compare", False)
    mode._toggle("compare", True)
    assert mode.second_settings["order"] == MARGIN, "what a person has set stays"
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def test_by_hand_a_click_restores_that_position(opened: OpenText, models: dict[str, str], qtbot: QtBot) -> None:
    panel = opened(models["masked-text"], "the king", order=MANUAL)
    assert film_of(panel).shape[0] == 1
    head, play = panel.film_mode.cells.card.heads[0], panel.transport.play
    assert head.isVisible()
    assert head.full_text() == "Click a box to restore it"
    assert not play.isEnabled()
    for place in (6, 3):
        count = len(film_of(panel).moments)
        click(panel, place)
        qtbot.waitUntil(lambda count=count: len(film_of(panel).moments) > count, timeout=PATIENCE)  # type: ignore[misc]
    assert film_of(panel).since_map()[-1].tolist() == [-2, -2, -1, 2, -1, -1, 1, -1, -1, -1, -1, -1]
    assert not head.isVisible()
    assert play.isEnabled()


def test_quality_comes_from_the_corpus(panel: TextPanel, qtbot: QtBot) -> None:
    mode = panel.film_mode
    count = len(film_of(panel).moments)
    qtbot.waitUntil(lambda: len(mode.show.judge.known) == count, timeout=PATIENCE)
    last = mode.show.judge.known[GAPS]
    words = [film_of(panel).word(int(one)) for one in film_of(panel).final]
    plain = [word for word in words if word.isalpha()]
    assert last.distinct == pytest.approx(len(set(plain)) / len(plain))
    assert mode.sides.quality.distinct.text == f"{last.distinct:.2f}"
    assert not np.isnan(last.held_out_pairs)


def test_a_sweep_draws_a_curve_for_each_order(panel: TextPanel, qtbot: QtBot) -> None:
    card = panel.film_mode.sides.sweep
    card.button.click()
    qtbot.waitUntil(lambda: bool(card.points) and not card.running, timeout=PATIENCE)
    assert [line.name for line in card.plot().lines] == ["Random", "Confidence", "Margin", "Entropy", "Left to right"]
    assert all(line.x.tolist() == [1, 2, 4, 8] for line in card.plot().lines)


@pytest.mark.parametrize("family", ["uniform-text", "autoregressive-text"])
def test_other_chains_have_films_too(opened: OpenText, models: dict[str, str], family: str) -> None:
    panel = opened(models[family], "the king")
    film = film_of(panel)
    assert film.report.kind == family.removesuffix("-text")
    assert not any(look.text == "" for look in panel.film_mode.cells.first.looks)
    order = next(form for form in panel.film_mode.form.forms if "order" in form.rows).rows["order"]
    assert not order.isEnabled()
    assert film.text(len(film.moments) - 1).startswith("the king")


def test_what_cannot_be_is_said_and_the_film_stays(panel: TextPanel, qtbot: QtBot) -> None:
    mode, before = panel.film_mode, film_of(panel)
    mode.form.prompt.field.setPlainText("the kyng ___")
    qtbot.waitUntil(lambda: panel.banner.isVisible(), timeout=PATIENCE)
    assert "kyng" in panel.banner.sentence.text()
    assert "kyng" in mode.form.prompt.refusal.text()
    assert mode.film is before
    mode.form.prompt.field.setPlainText("the king ___")
    assert another(panel, qtbot).text(0).startswith("the king ___")
    assert not panel.banner.isVisible()


def test_without_a_model_there_is_one_way_on(opened: OpenText, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.gui.panels.text.film_mode.first_source", lambda: "")
    panel = opened("")
    assert panel.film_mode.cells.empty.isVisible()
    panel.film_mode.cells.empty.button.click()
    assert panel.mode is panel.train_mode
    qtbot.waitUntil(lambda: panel.train_mode.run.recipe is not None, timeout=PATIENCE)
    assert "on King James Bible, step 0" in panel.subtitle.full_text()


def test_words_to_the_clipboard_and_to_files(panel: TextPanel, tmp_path: Path) -> None:
    panel.film_mode.cells.copy.click()
    text = film_of(panel).text(GAPS)
    assert QGuiApplication.clipboard().text() == text
    dialog = panel.export_dialog(panel)
    for kind in ("txt", "png", "svg"):
        dialog.choose(kind)  # type: ignore[attr-defined]
        dialog.begin(str(tmp_path / f"film.{kind}"))  # type: ignore[attr-defined]
    assert (tmp_path / "film.txt").read_text("utf-8") == text + "\n"
    assert (tmp_path / "film.png").stat().st_size > 5_000
    assert "king" in (tmp_path / "film.svg").read_text("utf-8")
    dialog.close()


def test_a_session_brings_back_model_prompt_and_settings(panel: TextPanel, opened: OpenText) -> None:
    panel.film_mode.form.knob_wanted.emit("temperature", 1.5)
    held = panel.session()
    other = opened("")
    other.restore(held)
    wish = other.film_mode.wish
    assert (wish.source, wish.prompt) == (panel.film_mode.wish.source, "the king ___ × 8 Egypt")
    assert wish.settings == {**asdict(Unmasking()), "temperature": 1.5}
    other.restore({"film": {"settings": {"temperature": "hot"}}, "mode": "nowhere"})
    assert other.film_mode.wish == wish


@pytest.mark.parametrize("mode", ["film", "train", "forward"])
def test_the_layout_holds_in_every_mode(panel: TextPanel, qtbot: QtBot, mode: str) -> None:
    panel.show_mode(mode)
    panel.film_mode.cells.chips.chips["compare"].click()
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    found = []
    for size in ((1204, 720), (1364, 900)):
        panel.resize(*size)
        QTest.qWait(30)
        found += check_layout(panel)
    assert not found, "\n".join(found)
