"""Likelihood: log p of a dragged point along its way from noise, by the continuity equation or layer by layer."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QObject, QTimer

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.exact_source import OF_LANE, exact_source
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.knobs import Value
from dgm_studio.core.likelihood import PROBE_LAW, LikelihoodReport
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure, RunReport
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.film_source import FilmSource, film_in_data_units
from dgm_studio.gui.panels.greying import reasons
from dgm_studio.gui.panels.trajectories import modes
from dgm_studio.gui.panels.trajectories.compare_lanes import RUN, Contender, title_of
from dgm_studio.gui.panels.trajectories.compare_lineup import EXACT_OF_RUN, NOT_FILMED
from dgm_studio.gui.panels.trajectories.likelihood_form import LikelihoodForm
from dgm_studio.gui.panels.trajectories.likelihood_handle import PointHandle
from dgm_studio.gui.panels.trajectories.likelihood_lane import LikelihoodLane
from dgm_studio.gui.panels.trajectories.likelihood_plots import PlotPair, StageAndPlots, plots_of
from dgm_studio.gui.panels.trajectories.likelihood_readouts import KINDS, LikelihoodReadouts
from dgm_studio.gui.panels.trajectories.likelihood_settings import Settings
from dgm_studio.gui.panels.trajectories.pictures import Pictures
from dgm_studio.gui.panels.trajectories.probe import Place
from dgm_studio.gui.panels.trajectories.scrubbing import ScrubbedMode
from dgm_studio.gui.panels.trajectories.subject import of_run
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.plain_number import plain
from dgm_studio.gui.widgets.transport_bar import TransportBar

LAYERS = ("data", "density", "exact", "error", "velocity", "probe")
FIRST_ON = ("data", "density", "probe")
FROZEN_LANE = "likelihood"
WAY, TRACK = "way", "Way"
AGAIN_MS = 150
"""A dragged knob is one solve, not a hundred."""
NO_WAY = "This model moves no points in continuous time: nothing is solved and no divergence estimated."


class LikelihoodMode(ScrubbedMode):
    """The model stays as it was when it was looked at first, until R; the point is weighed anew as it is dragged."""

    id: ClassVar[str] = modes.LIKELIHOOD.id
    word: ClassVar[str] = modes.LIKELIHOOD.word
    tooltip: ClassVar[str] = modes.LIKELIHOOD.tooltip
    restart_help: ClassVar[str] = "Look at the model as it is now, and weigh the point again (R)"

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(studio, LAYERS, parent)
        self.run = studio.run
        self.settings = Settings()
        self.source = RUN
        self._active = self._had_run = False
        self._frozen: tuple[str, int, int] | None = None
        """The source, the run and its step that are looked at."""
        self._target = 1.0
        self._shows: tuple[str, ...] = ()
        self.form = self.inputs = LikelihoodForm()
        self.readouts = self.numbers = LikelihoodReadouts()
        self.frozen = FilmLane(studio.link, FROZEN_LANE, self)
        self.lane = LikelihoodLane(studio.link, self)
        self.handle = PointHandle(self.stage, self.lane, self._weigh, self)
        sizes = (self.resolution, 2 * self.resolution)
        self.pictures = Pictures(self.stage, self.chips, None, self.frozen, self.asks, sizes, self)
        self.frozen.picture.connect(self.numbers.accept)
        self.chips.chips["probe"].set_label("Point", "Show or hide the point and its way")
        self.below = PlotPair()
        self.plots = self.below.cards
        self.column.addWidget(StageAndPlots(self.stage, self.below), 1)
        self.below.hide()
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._soon = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._soon.timeout.connect(self.handle.again)
        self._connect()
        self.stage.set_message("Waking the engine…")
        self.inputs.show_settings(self.settings, "")

    def _connect(self) -> None:
        self.run.opened.connect(self._opened)
        self.run.stepped.connect(lambda _: self._show_stale())
        self.frozen.told.connect(self._told)
        self.frozen.started.connect(lambda _: self._looked())
        self.frozen.failed.connect(self._fail)
        self.lane.told.connect(self._weighed)
        self.handle.failed.connect(self._fail)
        self.handle.changed.connect(self.changed)
        self.inputs.source_wanted.connect(self._choose)
        self.inputs.again_wanted.connect(self.restart)
        self.inputs.setting_wanted.connect(self._set)

    def wake(self, catalogue: Catalogue) -> None:
        """A run that was opened before this mode was there."""
        self.stage.set_message("")
        self._had_run = self.run.report is not None
        self._show_sources()
        if self._active:
            self.look()

    # From the person.

    def restart(self) -> None:
        """The model as it is now."""
        self.look()

    def _choose(self, source: str) -> None:
        self.source = source
        self.look()
        self.kept.emit()

    def _set(self, name: str, value: Value) -> None:
        self.settings = self.settings.with_value(name, value)
        self._show_settings()
        if name != PROBE_LAW.name:  # both laws have been drawn
            self._soon.start()
        self.show_frame()
        self.kept.emit()

    # Whose likelihood it is.

    def look(self) -> None:
        """Freeze the model that is chosen; its maps and the point's way are then asked for."""
        subject = of_run(self.studio)
        if subject is None and self.source in (RUN, EXACT_OF_RUN):
            self.inputs.show_words("", "There is no run. Train one in Train first.")
            return
        self.cleared.emit()
        self.lane.forget()
        self.pictures.forget()
        self.pictures.clear()
        self.numbers.clear()
        self.below.show_plots(None)
        of_studio = self.source in (RUN, EXACT_OF_RUN)
        self._frozen = (self.source, self.run.opened_by, self.run.step)
        if of_studio and subject is not None:
            self.frozen.shoot(subject.source, dict(subject.sampling), count=1, seed=0)
        else:
            self.frozen.shoot(self.source, {}, count=1, seed=0)
        self._show_sources()
        if of_studio and self.run.report is not None:
            self._grey(self.run.report)
        self._show_words()

    def _told(self, report: PointModelReport) -> None:
        self._grey(report)

    def _grey(self, report: RunReport | PointModelReport) -> None:
        self._shows = report.shows
        self.stage.set_line(report.columns == 1)
        self.handle.set_line(report.columns == 1)
        views = self.studio.catalogue.views if self.studio.catalogue is not None else {}
        for name, reason in reasons(LAYERS, self._title(), report, views).items():
            if name == "probe":
                reason = "" if self.weighable else f"{self._title()} has no density: it only samples."
            self.grey_layer(name, reason)
        self.numbers.show_map("log_prob" in self._shows)

    @property
    def weighable(self) -> bool:
        """Whether there is a log p at all."""
        return "log_prob" in self._shows or self.source == EXACT_OF_RUN

    def _looked(self) -> None:
        if self.weighable:
            self.handle.again()
        else:
            self.failed.emit(f"{self._title()} has no density: it only samples, so no point of it has a likelihood.")

    def _opened(self, report: RunReport) -> None:
        if self._had_run:
            self.source = RUN  # somebody has just opened a run, to see it
        self._had_run = True
        self._show_sources()
        if self._active:
            self.look()

    def _title(self) -> str:
        run = of_run(self.studio)
        title = run.title if run is not None else ""
        if self.source == EXACT_OF_RUN:
            return f"{title}, exact field"
        return title_of(Contender(self.source), title, self.studio.catalogue)

    def _sources(self) -> list[tuple[str, str]]:
        run, catalogue = of_run(self.studio), self.studio.catalogue
        if run is None or catalogue is None:
            return []
        found = [(RUN, run.title)]
        if run.exact:
            found.append((EXACT_OF_RUN, f"{run.title}, exact field"))
        paths = [exact_source(name, f"{OF_LANE}{run.source}") for name in catalogue.paths if name not in NOT_FILMED]
        return [*found, *((one, title_of(Contender(one), "", catalogue)) for one in paths)]

    # The point.

    def _weigh(self, place: Place) -> None:
        subject, exact = of_run(self.studio), self.source == EXACT_OF_RUN
        of_studio = self.source in (RUN, EXACT_OF_RUN) and subject is not None
        sampling = dict(subject.sampling) if of_studio and subject is not None else {}
        self.lane.weigh(FROZEN_LANE, self.handle.point(), sampling, exact=exact, settings=self.settings.asked)

    def _weighed(self, report: LikelihoodReport) -> None:
        share = self.player.index / (self.player.length - 1) if self.player.length > 1 else self._target
        self.handle.draw_way()
        self.player.set_length(len(report.t))
        if not self.player.playing:
            self.player.seek(round(share * max(0, len(report.t) - 1)))
        self.numbers.show_report(report)
        self._show_settings()
        self.show_frame()

    def _fail(self, failure: Failure) -> None:
        self.failed.emit(failure)
        self.changed.emit()

    # What is looked at.

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers' at the time of the frame shown, where the model has one."""
        moving = self.player.playing or self.handle.busy
        return self.stage.asks(self.resolution * (1 if moving else 2), self.time)

    @property
    def time(self) -> float:
        """Of the frame shown; 1, the data, where the frames are layers."""
        report = self.lane.report
        if report is None or report.divergence is None or not len(report.t):
            return 1.0
        return float(report.t[min(self.player.index, len(report.t) - 1)])

    def show_frame(self) -> None:
        """The way, the map and the numbers of the moment."""
        report = self.lane.report
        self.stage.set_frame(self.player.index)
        self.pictures.moving = self.player.playing or self.handle.busy
        self.pictures.show()
        self.below.show_plots(None if report is None else plots_of(report, self.settings.law, self.player.index))
        if report is not None:
            self.numbers.show_moment(report, self.player.index)
        frames = self.lane.frames
        if frames and report is not None and report.divergence is not None:
            here = frames[min(self.player.index, len(frames) - 1)]
            self.stage.set_overlay("path time t", f"{here.t:.2f}", here.label)
        else:
            self.stage.set_overlay("")
        self.changed.emit()

    # Words.

    def _show_sources(self) -> None:
        self.inputs.show_sources(self._sources(), self.source)

    def _show_settings(self) -> None:
        report = self.lane.report
        self.inputs.show_settings(self.settings, NO_WAY if report is not None and report.divergence is None else "")

    def _show_words(self) -> None:
        run = of_run(self.studio)
        if run is not None:
            data = "" if run.data is None else f"on {self.studio.title_of(run.data)}"
            learned = f"{data}, as of step {run.step:,}" if self.source == RUN else f"{data}, known without training"
            untrained = self.source == RUN and run.step == 0
            self.inputs.show_words(learned, "Untrained: press Play in Train first." if untrained else "")
        self._show_stale()
        self.changed.emit()

    def _show_stale(self) -> None:
        frozen = self._frozen
        stale = frozen is not None and frozen[0] == RUN and frozen[1:] != (self.run.opened_by, self.run.step)
        self.inputs.show_stale(f"The model has been trained on to step {self.run.step:,}: weigh again (R)" * stale)

    def subtitle(self) -> str:
        """What is followed."""
        report = self.lane.report
        kind = f", {KINDS.get(report.kind, report.kind)}" if report is not None else ""
        return f"log p of a point of {self._title()}{kind}" if self._title() else ""

    def text(self) -> str:
        """The point's number."""
        report = self.lane.report
        return (
            "" if report is None else f"log p = {plain(report.value, 5)} nats ({KINDS.get(report.kind, report.kind)})"
        )

    # The panel's calls.

    def enter_bar(self, bar: TransportBar) -> None:
        """One clock."""
        super().enter_bar(bar)
        bar.add_track(WAY, TRACK, "accent")

    def show_on(self, bar: TransportBar) -> None:
        """Where on the way, and of how many moments."""
        frames, index = self.lane.frames, max(0, min(self.player.index, len(self.lane.frames) - 1))
        bar.set_playing(self.player.playing)
        reason = "" if len(frames) > 1 else "There is no way to follow yet"
        layered = self.lane.report is not None and self.lane.report.changes is not None
        text = ""
        if frames:
            where = f"after {index} layers" if layered else f"t = {frames[index].t:.2f}"
            text = f"{where} · frame {index + 1} / {len(frames)}"
        bar.set_track(WAY, TRACK, text, index, len(frames), not reason, reason)

    def unplayable(self) -> str:
        """Without a way there is nothing to play."""
        return "" if len(self.lane.frames) > 1 else "There is no way to follow yet"

    def enter(self) -> None:
        """Look at the model as it is now, where it is another one."""
        self._active = self.pictures.awake = True
        if self.studio.catalogue is None:
            return
        now = (self.source, self.run.opened_by, self.run.step)
        if self._frozen != now:
            self.look()
        else:
            self.show_frame()

    def leave(self) -> None:
        """Nobody looks: the layers cost nothing."""
        self._active = False
        self.player.pause()
        self.pictures.sleep()

    def settled(self) -> bool:
        """The best answer is here, and everything visible is of the moment shown."""
        still = not self.player.playing and not self._soon.isActive() and not self.handle.busy
        return still and self.frozen.whole and (self.lane.whole or not self.weighable) and self.pictures.complete()

    def film_source(self) -> FilmSource | None:
        """The point on its way, in the data's own units."""
        report, run = self.lane.report, of_run(self.studio)
        if report is None or len(report.t) < 2:
            return None
        frames = [Frame(float(t), x[None]) for t, x in zip(report.t, report.x, strict=True)]
        made = partial(film_in_data_units, Film.of(frames), None if run is None else run.data)
        return FilmSource(made, len(frames), self.player.index, self.seek, self.pictures.complete)

    def session(self) -> dict[str, Any]:
        """Layers, pace, the settings, the point, and whose it is where that is the run's."""
        source = self.source if self.source in (RUN, EXACT_OF_RUN) else RUN
        return {**super().session(), **vars(self.settings), "point": list(self.handle.start), "source": source}

    def restore(self, held: dict[str, Any]) -> None:
        """See session."""
        super().restore(held)
        self.settings = Settings.of(held)
        point = held.get("point")
        if isinstance(point, list) and [type(one) for one in point] == [float, float]:
            self.handle.start = (point[0], point[1])
        if held.get("source") in (RUN, EXACT_OF_RUN):
            self.source = str(held["source"])
        self._show_settings()
