"""The Race panel: two to six models learn the same data side by side, and every score is measured the same way."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue, data_key
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Failure, Picture, RaceReport, Refusal, RunReport
from dgm_studio.core.requests import EQUAL_STEPS, EQUAL_TIME
from dgm_studio.gui.panels.framing import Framing
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.race import SIGN
from dgm_studio.gui.panels.race.cheat_sheet import CheatSheet, kin_of
from dgm_studio.gui.panels.race.entrants import MOST, Entrants, title_of
from dgm_studio.gui.panels.race.grid import StageGrid
from dgm_studio.gui.panels.race.table import ScoreTable
from dgm_studio.gui.race_lane import RaceLane
from dgm_studio.gui.settings import data_folder
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.boxes import Hairline
from dgm_studio.gui.widgets.data_picker import OWN, DataPicker
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.trilemma import Trilemma

LANE, TRACK = "race", "race"
LAYERS = ("data", "samples", "density", "velocity", "score", "critic", "energy", "structure")
FIRST_ON = ("data", "samples", "density")
FIRST = (("diffusion", ""), ("realnvp", ""), ("gan", ""))
"""Who lines up before a person has chosen: three corners of the trilemma."""
SAMPLES, LIVE_RESOLUTION, STILL_RESOLUTION = 500, 40, 96
SLOWEST, FASTEST = 2.0, 6.0
"""Samples a second, as powers of ten, at speed 0 and 1 of the triangle."""
PACES = ((EQUAL_STEPS, "Equal steps", "All have made as many gradient steps"),
         (EQUAL_TIME, "Equal time", "All have trained for as many seconds of their own"))  # fmt: skip


class RacePanel(Panel):
    """One lane, many runs; what is shown of each was read back from the worker."""

    sign = SIGN

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, LAYERS)
        self.lane = RaceLane(studio.link, LANE, self)
        self.recipes: list[Recipe] = []
        self._data = DataSpec()
        self._active = False
        self._to_show = 0
        self._first: list[tuple[str, str]] = list(FIRST)
        self._answered: dict[str, tuple[Ask, int]] = {}
        self._framing = Framing(self.stage)
        self.data = DataPicker()
        self.data.header.links["import"].hide()
        self.data.header.links["paint"].hide()
        self.entrants = Entrants()
        self.pace = Segments(PACES)
        self.pace.set_current(EQUAL_STEPS)
        self.table, self.triangle, self.sheet = ScoreTable(), Trilemma(), CheatSheet()
        left: tuple[QWidget, ...] = (self.data, Hairline(), self.entrants, SectionHeader("Kept equal"), self.pace)
        right: tuple[QWidget, ...] = (
            SectionHeader("Scores", note="grey: within noise", above=0),
            self.table,
            SectionHeader("Learning trilemma"),
            self.triangle,
            SectionHeader("Lecture 14's cheat sheet"),
            self.sheet,
        )
        for column, parts in ((self.form, left), (self.readouts, right)):
            for part in parts:
                column.add(part)
            column.finish()
        self.transport.speed.hide()  # a race has no film whose pace could be changed, and no end to start again from
        self.transport.loop.hide()
        self.transport.add_track(TRACK, "Race", "accent", read_only=True)
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._connect()
        self.transport.set_usable("The engine is waking; one moment.")
        self.stage.set_message("Waking the engine…")

    def _connect(self) -> None:
        self.data.picked.connect(self._pick_data)
        self.entrants.added.connect(self._add)
        self.entrants.added_current.connect(self._add_current)
        self.entrants.removed.connect(self._remove)
        self.entrants.taken.connect(self._take)
        self.pace.chosen.connect(self.lane.set_pace)
        self.lane.reported.connect(self._reported)
        self.lane.advanced.connect(self._show_progress)
        self.lane.picture.connect(self._take_picture)
        self.lane.refusal.connect(self._take_refusal)
        self.lane.failed.connect(self._fail)
        self.lane.state_changed.connect(lambda _: self._state_changed())
        self.lane.saved.connect(self.studio.run.open)
        self.studio.run.opened.connect(self._opened_in_train)
        self.stage.layers_changed.connect(self.ask)
        self.stage.box_changed.connect(lambda _: self.ask())

    def _picture(self) -> QWidget:
        self.grid = StageGrid(self.stage, LAYERS)
        return self.grid

    # From the person.

    def toggle_play(self) -> None:
        """Run or pause."""
        if self.lane.report is None:
            return
        if self.lane.playing:
            self.lane.pause()
        else:
            self.lane.play()

    def step(self, by: int) -> None:
        """So many beats of the runs that are behind."""
        if by > 0 and self.lane.report is not None:
            self.lane.play(by)

    def restart(self) -> None:
        """All at the start again."""
        self._line_up()

    def show_layer(self, name: str, on: bool) -> None:
        """On every stage."""
        super().show_layer(name, on)
        for stage in self.grid.each():
            stage.show_layer(name, on)

    def _toggle_layer(self, name: str, on: bool) -> None:
        for stage in self.grid.each():
            stage.show_layer(name, on)
        super()._toggle_layer(name, on)

    def _pick_data(self, key: str) -> None:
        recipe = self.studio.run.recipe
        self._data = recipe.data_now() if key == OWN and recipe is not None else DataSpec(key)
        families = self.studio.catalogue.families if self.studio.catalogue is not None else {}
        why = {one.family: families[one.family].refuses.get(data_key(self._data), "") for one in self.recipes}
        self.recipes = [replace(one, data=self._data) for one in self.recipes if not why[one.family]]
        self._line_up()
        if reasons := [reason for reason in why.values() if reason]:
            self.banner.tell("Left out: " + " ".join(reasons))

    def _add(self, family: str, preset: str) -> None:
        recipe = self.studio.fresh_recipe(family, preset, self._data, self._seed())
        self._enter(recipe)

    def _add_current(self) -> None:
        recipe = self.studio.run.recipe
        if recipe is None:
            return
        if recipe.data_now().points is not None:  # what was painted or imported there is raced on here
            self._data = recipe.data_now()
            self.recipes = [replace(one, data=self._data) for one in self.recipes]
            self._offer_own()
        now = recipe.training_now()
        self._enter(replace(recipe, training=now, data=self._data, edits=(), step=0))

    def _enter(self, recipe: Recipe) -> None:
        if len(self.recipes) < MOST:
            self.recipes.append(recipe)
            self._line_up()

    def _remove(self, place: int) -> None:
        del self.recipes[place]
        self._line_up()

    def _take(self, place: int) -> None:
        self.lane.pause()
        self.lane.save(place, str(_on_the_way()))

    def _opened_in_train(self, report: RunReport) -> None:
        """The file was only the way there: the run in Train is unsaved."""
        if report.path == str(_on_the_way()):
            self.studio.run.disown("")
            _on_the_way().unlink(missing_ok=True)

    def _seed(self) -> int:
        return self.recipes[0].seed if self.recipes else 0

    # Requests.

    def _line_up(self) -> None:
        self.banner.hide()
        self._answered = {}
        titles = self.titles()
        self.entrants.show_runs(titles, [""] * len(titles))
        self._show_reasons()
        stages = self.grid.show_count(len(self.recipes))
        for stage in stages:
            stage.clear()
        self.table.set_runs(titles)
        self.triangle.set_shapes([])
        self._show_sheet()
        if len(self.recipes) < 2:
            self.lane.end()
            self.stage.set_message("A race needs two runs. Add one on the left.")
            self.transport.set_usable("A race needs two runs; add one on the left")
        else:
            self.stage.set_message("")
            self.ask()
            self.lane.start(tuple(self.recipes), self.pace.current() or EQUAL_STEPS)
        self._show_progress()
        self.session_changed.emit()

    def ask(self) -> None:
        """Tell the worker what is visible now."""
        if self._active:
            self.lane.look(self.asks())

    def asks(self) -> tuple[Ask, ...]:
        """The layers' of every stage, then each run's scores."""
        resolution = LIVE_RESOLUTION if self.lane.playing else STILL_RESOLUTION
        wished: list[Ask] = []
        for place, stage in enumerate(self.grid.shown(max(1, len(self.recipes)))):
            for ask in stage.asks(resolution, 1.0):
                counted = replace(ask, count=SAMPLES) if ask.view == "samples" else ask
                wished.append(replace(counted, runner=place))
        return (*wished, *(Ask("scores", runner=place) for place in range(len(self.recipes))))

    # From the worker.

    def wake(self, catalogue: Catalogue) -> None:
        """Data, families and the first runs."""
        self.data.set_entries(catalogue.data)
        if self._data.name not in catalogue.data:
            self._data = DataSpec()
        self.data.set_current(self._data.name)
        self.recipes = [self.studio.fresh_recipe(*one, self._data, 0) for one in self._first if _known(one, catalogue)]
        titles = self.titles()
        self.entrants.show_runs(titles, [""] * len(titles))
        self._show_reasons()
        self.stage.set_message("")

    def _reported(self, report: RaceReport) -> None:
        self.transport.set_usable(back="A race runs forwards; R starts it again")
        self.entrants.show_runs(self.titles(), list(report.out))
        if self._to_show:
            self.lane.play(self._to_show * len(report.runs))
            self._to_show = 0
        self._show_progress()

    def _state_changed(self) -> None:
        self._show_progress()
        self.ask()

    def _take_picture(self, picture: Picture) -> None:
        place = picture.ask.runner
        if not self._active or place >= len(self.recipes):
            return
        self._answered[picture.ask.key] = (picture.ask, picture.step)
        if picture.ask.view == "scores":
            self.table.set_scores(place, picture.numbers, picture.note)
            self._show_triangle()
            return
        if picture.ask.view == "data" and place == 0:
            self._framing.frame(picture.arrays["points"])
            for stage in self.grid.each():
                stage.set_line(self.stage.line)
                stage.set_box(self.stage.box())
        self.grid.stages[place].accept(replace(picture, ask=replace(picture.ask, runner=0)))

    def _take_refusal(self, refusal: Refusal) -> None:
        """A layer that this model cannot show stays empty; it is answered all the same."""
        if refusal.ask.runner < len(self.lane.steps):
            self._answered[refusal.ask.key] = (refusal.ask, self.lane.steps[refusal.ask.runner])

    def _fail(self, failure: Failure) -> None:
        self.banner.fail(failure.sentence, (), failure.details)
        self._show_progress()

    # Showing.

    def titles(self) -> list[str]:
        """What each run is called."""
        families = self.studio.catalogue.families if self.studio.catalogue is not None else {}
        return [title_of(recipe, families) for recipe in self.recipes]

    def _show_progress(self) -> None:
        lane = self.lane
        self.transport.set_playing(lane.playing)
        steps, seconds = lane.steps, lane.seconds
        begun = max(steps, default=0) > 0
        text = ""
        if steps:
            reached = f"{min(steps):,} to {max(steps):,}" if min(steps) < max(steps) else f"{max(steps):,}"
            text = f"step {reached} · {sum(seconds):.1f} s"
        self.transport.set_track(TRACK, "Race", text, float(begun), 0, lane.report is not None)
        for place, (title, head) in enumerate(zip(self.titles(), self.grid.heads, strict=False)):
            done = f" · step {steps[place]:,} · {seconds[place]:.1f} s" if place < len(steps) else ""
            head.setText(f"{place + 1}  {title}{done}")
        learning = "learning side by side" if lane.playing else "side by side on the same data"
        self.subtitle.setText(f"{len(self.recipes)} models {learning}")

    def _show_triangle(self) -> None:
        shapes = []
        for place, title in enumerate(self.titles()):
            numbers = self.table.scores(place)
            if numbers:
                shapes.append((title, corners(numbers)))
            else:
                shapes.append((title, (0.0, 0.0, 0.0)))
        self.triangle.set_shapes(shapes)

    def _show_sheet(self) -> None:
        families = self.studio.catalogue.families if self.studio.catalogue is not None else {}
        kins = [kin_of(families[one.family], one) for one in self.recipes]
        self.sheet.set_runs(list(zip(self.titles(), kins, strict=True)))

    def _show_reasons(self) -> None:
        if self.studio.catalogue is not None:
            families, key = self.studio.catalogue.families, data_key(self._data)
            self.entrants.set_families(
                families, {n: one.refuses[key] for n, one in families.items() if key in one.refuses}
            )

    def _offer_own(self) -> None:
        points = self._data.points
        if points is not None:
            self.data.show_own(points.title, f"{len(points.points):,} points", points.points[:2_000])
            self.data.set_current(OWN)

    # The window's calls.

    def demonstrate(self, steps: int) -> None:
        """Run so many steps each, as soon as all stand at the start."""
        self._to_show = steps
        self._line_up()

    def settled(self) -> bool:
        """Every visible wish of every run is answered for its present step."""
        if len(self.recipes) < 2:
            return True
        if self.lane.report is None or self.lane.playing or self._to_show or not self.lane.steps:
            return False
        steps = self.lane.steps
        return all(self._answered.get(ask.key) == (ask, steps[ask.runner]) for ask in self.asks())

    def activate(self) -> None:
        """Line up at the first visit, then ask for what is visible."""
        self._active = True
        if self.lane.report is None and len(self.recipes) > 1:
            self._line_up()
        self.ask()

    def deactivate(self) -> None:
        """Nobody looks: pause, and ask for nothing."""
        self._active = False
        if self.lane.playing:
            self.lane.pause()
        self.lane.look(())

    def session(self) -> dict[str, Any]:
        """Layers, data by name, and who races."""
        runs = [[one.family, one.preset] for one in self.recipes]
        return {**super().session(), "data": self._data.name, "runs": runs, "pace": self.pace.current()}

    def restore(self, held: dict[str, Any]) -> None:
        """Line up who raced last time, at the start and at their own defaults."""
        super().restore(held)
        runs = held.get("runs")
        if isinstance(runs, list) and len(runs) > 1:
            self._first = [(str(one[0]), str(one[1])) for one in runs[:MOST] if isinstance(one, list) and len(one) == 2]
        if held.get("pace") in (EQUAL_STEPS, EQUAL_TIME):
            self.pace.set_current(str(held["pace"]))
        if isinstance(held.get("data"), str):
            self._data = DataSpec(held["data"])


def _known(run: tuple[str, str], catalogue: Catalogue) -> bool:
    """Whether there is such a family and preset; the session may be of another version."""
    entry = catalogue.families.get(run[0])
    return entry is not None and (not run[1] or any(preset.id == run[1] for preset in entry.presets))


def _on_the_way() -> Path:
    """Where a run waits between the race and the Train panel."""
    return data_folder() / "from-race.safetensors"


def corners(numbers: Any) -> tuple[float, float, float]:
    """(quality, coverage, speed) in [0, 1]: noise floor over sliced W2; coverage; samples a second on a log scale."""
    quality = min(1.0, numbers["w2_floor"] / max(numbers["sliced_w2"], 1e-9))
    power = math.log10(max(numbers["samples_per_second"], 1.0))
    return quality, numbers["coverage"], min(1.0, max(0.0, (power - SLOWEST) / (FASTEST - SLOWEST)))


PANEL = RacePanel
