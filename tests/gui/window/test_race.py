"""A race as a person runs it, with the real worker: level runs, scores for all, one opened in Train, runs added."""

from __future__ import annotations

import pytest

from dgm_studio.gui.panels.race.grid import columns_for
from dgm_studio.gui.panels.race.panel import RacePanel
from dgm_studio.gui.panels.race.table import LINES
from tests.gui.window.driver import Person


@pytest.fixture
def race(studio: Person) -> RacePanel:
    """The panel in front, lined up."""
    studio.window.show_panel("race")
    panel = studio.window.build("race")
    assert isinstance(panel, RacePanel)
    for name in panel.layer_ids:
        panel.show_layer(name, name in ("data", "samples"))
    studio.until(lambda: panel.lane.report is not None)
    return panel


def test_three_models_run_level_and_are_scored(studio: Person, race: RacePanel) -> None:
    assert len(race.recipes) == len(race.grid.shown(3)) == 3
    race.toggle_play()
    studio.until(lambda: bool(race.lane.steps) and min(race.lane.steps) >= 5)
    race.toggle_play()
    studio.until(lambda: not race.lane.playing)
    assert max(race.lane.steps) - min(race.lane.steps) <= 1
    studio.until(lambda: all(race.table.scores(place) for place in range(3)))
    for place in range(3):
        for line in LINES:
            known = line.key in race.table.scores(place)
            assert (race.table.cells[line.key, place].text() == "–") != known
    assert [name for name, _ in race.triangle.shapes] == race.titles()
    assert all(0 <= value <= 1 for _, values in race.triangle.shapes for value in values)
    studio.until(lambda: all(stage.layer("samples").has_content() for stage in race.grid.shown(3)))


def test_a_run_is_opened_in_train_with_its_steps(studio: Person, race: RacePanel) -> None:
    race.step(9)
    studio.until(lambda: sum(race.lane.steps) == 9 and not race.lane.playing)
    race.entrants.taken.emit(1)
    studio.until(lambda: studio.recipe.family == race.recipes[1].family and studio.step == race.lane.steps[1])


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(1, 500, 400, 1), (2, 540, 480, 2), (3, 540, 480, 2), (3, 1200, 320, 3), (6, 540, 480, 3), (6, 1200, 320, 6)],
)
def test_stages_are_as_large_as_the_room_allows(count: int, width: int, height: int, columns: int) -> None:
    assert columns_for(count, width, height) == columns


def test_runs_come_and_go(studio: Person, race: RacePanel) -> None:
    race.entrants.removed.emit(2)
    race.entrants.removed.emit(1)
    assert len(race.recipes) == 1
    assert "two runs" in race.transport.play.toolTip()
    race.entrants.added_current.emit()
    studio.until(lambda: race.lane.report is not None and len(race.lane.report.runs) == 2)
    race.data.picked.emit("moons")
    studio.until(lambda: race.lane.report is not None and race.lane.report.runs[0].recipe.data.name == "moons")


def test_closing_while_it_races_is_clean(studio: Person, race: RacePanel) -> None:
    race.toggle_play()
    studio.until(lambda: bool(race.lane.steps) and min(race.lane.steps) >= 2)
