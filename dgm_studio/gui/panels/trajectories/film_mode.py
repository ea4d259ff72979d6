"""Film: watch noise become data, frame by frame, both ways."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.knobs import Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure, RunReport
from dgm_studio.core.snapshot import PLAYING
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.paths import PathsLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.trajectories import modes
from dgm_studio.gui.panels.trajectories.branching import Branching
from dgm_studio.gui.panels.trajectories.captions import SAMPLING, TRACK, Captions
from dgm_studio.gui.panels.trajectories.chosen_point import ChosenPoint
from dgm_studio.gui.panels.trajectories.film_views import FURTHER, FilmViews
from dgm_studio.gui.panels.trajectories.form import TrajectoriesForm
from dgm_studio.gui.panels.trajectories.guests import Guests
from dgm_studio.gui.panels.trajectories.pictures import Pictures
from dgm_studio.gui.panels.trajectories.probe import Probe
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.scrubbing import ScrubbedMode
from dgm_studio.gui.panels.trajectories.settings import FILM_KNOBS, SPACE_TIME, Settings
from dgm_studio.gui.panels.trajectories.shooting import Shooting
from dgm_studio.gui.panels.trajectories.space_time import SpaceTime
from dgm_studio.gui.panels.trajectories.subject import AXES
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

LAYERS = (
    "data",
    "samples",
    "density",
    "velocity",
    "score",
    "clean",
    "paths",
    "exact",
    "error",
    "probe",
    *FURTHER,
    "branch",
)
FIRST_ON = ("data", "samples", "density", "velocity", "probe", "brush", "branch")
CHEAP_SECONDS = 3.0
"""A film that took less is made again by itself when the panel comes to the front."""
REFILM_MS = 150
"""A dragged knob is one film, not a hundred."""


class FilmMode(ScrubbedMode):
    """One film, streamed, then scrubbed; what is filmed, and how, is `shooting`'s."""

    id, word, tooltip = modes.FILM
    restart_help: ClassVar[str] = "Make the film anew with the same seed (R)"

    elsewhere = Signal(str)
    """A file that was dropped makes no points: it is to be looked into."""

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(studio, LAYERS, parent)
        self.run = studio.run
        self._active = self._had_run = False
        self.form = self.inputs = TrajectoriesForm()
        self.readouts = self.numbers = TrajectoriesReadouts()
        self.guests = Guests(self.inputs, self)
        self.shooting = Shooting(studio, self.guests, self)
        self.lane = self.shooting.lane
        self.probe = Probe(self.stage, self.shooting.probe_lane, self.shooting.shoot_probe, self)
        self.particles = self.stage.layer("samples")
        self.ways, self.clean = self.stage.layer("paths"), self.stage.layer("clean")
        assert isinstance(self.particles, SamplesLayer)
        assert isinstance(self.ways, PathsLayer)
        assert isinstance(self.clean, CleanLayer)
        self.captions = Captions(studio, self.inputs, self.numbers, self.stage)
        sizes = (self.resolution, 2 * self.resolution)
        self.pictures = Pictures(self.stage, self.chips, self.numbers, self.lane, self.asks, sizes, self)
        self.space_time = SpaceTime(self.stage, self.chips, self.shooting, self.resolution, self)
        self.column.addWidget(self.space_time.stage, 1)
        self.point = ChosenPoint(self.stage, self.chips, self.probe, self.space_time, self.numbers, self)
        self.chips.chips["samples"].set_label("Particles", "Show or hide particles")
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._soon = QTimer(self, singleShot=True, interval=REFILM_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()
        self.views = FilmViews(studio, self.stage, self.chips, self.shooting, self.numbers.views, self)
        self.views.reasons_changed.connect(self._show_subject)
        card, here = self.inputs.branch, lambda: max(0, self.player.index)
        self.branching = Branching(self.stage, self.space_time, self.shooting, self.views.brush, card, here, self)
        self.branching.going.connect(self.cleared)
        self.branching.going.connect(lambda index: self._turn(True, first=index))
        self.branching.back.connect(lambda share: self._turn(False, share=share))
        self.branching.changed.connect(self._show_branches)
        self._show_branches()
        self.views.noticed.connect(self.failed)
        self.views.asks_changed.connect(self.pictures.show)
        self.stage.set_message("Waking the engine…")
        self._show_words()
        self._show()

    def wake(self, catalogue: Catalogue) -> None:
        """A run that was opened before this mode was there; a guest that came before the engine was awake."""
        if self.run.report is not None:
            self._opened(self.run.report)
        if self.guests.now is not None and self._active:
            self.shoot(play=True)

    def _connect(self) -> None:
        run, lane = self.run, self.lane
        run.opened.connect(self._opened)
        run.reported.connect(lambda _: self._show_words())
        run.stepped.connect(lambda _: self._show_stale())
        # Not the run's own change of state: training of a few steps begins and pauses within one drain.
        self.studio.link.drained.connect(self._follow)
        lane.told.connect(self.guests.take)
        lane.started.connect(self._begin)
        lane.advanced.connect(self._advance)
        lane.finished.connect(self._finish)
        lane.failed.connect(self._fail)
        self.point.changed.connect(self._show)
        self.point.failed.connect(self.failed)
        self.inputs.again_wanted.connect(self.restart)
        self.guests.came.connect(self._receive)
        self.guests.left.connect(self._leave)
        self.guests.opened.connect(self._told)
        self.guests.refused.connect(self.failed)
        self.guests.elsewhere.connect(self.elsewhere)
        self.inputs.sampling_wanted.connect(self._change_sampling)
        self.inputs.setting_wanted.connect(self._change_setting)

    # From the person.

    def restart(self) -> None:
        """Film again with the same seed, and play it."""
        self.shoot(play=True)

    def _change_sampling(self, name: str, value: Value) -> None:
        self.shooting.set_sampling(name, value)
        if not self.branching.takes_up(name):
            self._soon.start()
        self._show_model()

    def _change_setting(self, name: str, value: Value) -> None:
        self.shooting.settings = self.shooting.settings.with_value(name, value)
        self._show_settings()
        if name in {knob.name for knob in FILM_KNOBS} and not self.branching.takes_up(name):
            self._soon.start()
        if name == SPACE_TIME.name:
            self._show_subject()
            self.show_frame()
        self._show_model()
        self._follow()
        self.kept.emit()

    # Whose film it is.

    def _receive(self, play: bool) -> None:
        self._show_subject()
        self.shoot(play=play)

    def _leave(self) -> None:
        self.pictures.frame_home()
        self._receive(True)

    def _told(self, report: PointModelReport) -> None:
        self.shooting.take(report)
        self.stage.set_message("")
        self.stage.set_line(report.columns == 1)
        self._show_subject()

    def _opened(self, report: RunReport) -> None:
        first, self._had_run = not self._had_run, True
        if self._active and not first and self.guests.now is not None:
            self.guests.leave()  # somebody has just opened a run, to see it
            return
        self.stage.set_message("")
        self._show_subject()
        if self._active and self.guests.now is None:
            self.shoot(play=self.shooting.shot is None)

    def _show_subject(self) -> None:
        if self.guests.now is None and self.run.report is not None:
            self.grey_layers(self.run.report)
        elif self.guests.now is not None:
            self.grey_each(self.guests.now.greyed(LAYERS, self.studio.catalogue))
        self.grey_each(self.views.reasons())
        self.inputs.show_line(self.shooting.on_line)
        self.space_time.show(self.shooting.on_line and self.shooting.settings.space_time)
        self.grey_each(self.space_time.reasons() if self.space_time.on else {})
        self._show_branches()
        self.point.stand()
        self.numbers.show_data(self.guests.now is None)
        self.inputs.show_guest(self.guests.now, back=self.run.report is not None)
        self._show_words()

    # The film.

    def shoot(self, *, play: bool) -> None:
        """Make a film of the model as it is now: play it as it comes, or stay at the share that is shown."""
        self._soon.stop()
        if self.shooting.wanted() is None:
            return
        self.branching.forget()
        self.cleared.emit()
        self._turn(play, share=self.share)
        self.shooting.shoot()
        self._show_model()
        self._show()

    def _turn(self, play: bool, *, first: int = 0, share: float = 1.0) -> None:
        """Another film will come: play it from its frame `first` on, or stay at a share of it."""
        self.await_film(play, first=first, share=share)
        self.pictures.forget()

    def _begin(self, total: int) -> None:
        shot = self.shooting.begin()
        self.pictures.exact = shot.known and not shot.path  # what carries the particles; other paths are exact models
        self.begin_film(total)
        self.pictures.clear()
        self.numbers.clear()
        self._show_model()
        self.point.begin()

    def _advance(self) -> None:
        self.advance_film(len(self.lane.frames), self.lane.total)
        self.show_frame()

    def _finish(self) -> None:
        self.again = None
        if self.guests.now is not None:
            first, last = (self.lane.frames[place].x[:, :AXES] for place in (0, -1))
            self.pictures.frame_film(first, last)
        self.numbers.show_straightness(self.lane.frames)
        self.show_frame()

    def _fail(self, failure: Failure) -> None:
        if self.guests.opening and not self.lane.frames:
            self.guests.turn_away(failure)
            return
        if not self.lane.making:
            self.player.set_length(len(self.lane.frames))
        if not self.lane.frames:
            self.pictures.clear()
        self.failed.emit(failure)
        self.show_frame()

    def _follow(self) -> None:
        """Film again where training has paused further on."""
        shot, follow = self.shooting.shot, self.shooting.settings.follow
        follow = follow and not self.branching.busy
        paused = self._active and follow and self.run.state != PLAYING and self.guests.now is None
        if paused and shot is not None and self.run.step != shot.step:
            self.shoot(play=False)

    # What is looked at.

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers' at the time of the frame shown, and, of a whole film, the read-outs'."""
        moving = self.player.playing or self.lane.making
        time = self.time if self.shooting.can("velocity") else 1.0
        layered = self.stage.asks(self.resolution * (1 if moving else 2), time)
        if self.space_time.on:
            layered = self.space_time.asks()
        known = tuple(ask for ask in layered if ask.view != "samples")  # those come with the film
        shot = self.shooting.shot
        measured = shot is not None and not shot.forward and self.lane.whole and self.guests.now is None
        known = (*known, *self.views.asks())
        return (*known, *self.numbers.asks(shot.count)) if shot and measured else known

    @property
    def time(self) -> float:
        """The time of the frame shown."""
        frames = self.lane.frames
        return frames[min(self.player.index, len(frames) - 1)].t if frames else 1.0

    # Showing.

    def _show_words(self) -> None:
        self._show_settings()
        self._show_model()

    def _show_settings(self) -> None:
        self.captions.show_settings(self.shooting.subject(), self.shooting.settings)
        self.particles.set_tails(self.shooting.settings.tails)
        self.views.set_colour(self.shooting.settings.colour)

    def _show_model(self) -> None:
        wanted, subject = self.shooting.wanted(), self.shooting.subject()
        if wanted is not None and subject is not None:
            self.captions.show_model(subject, self.guests.now, wanted, self.shooting.shot or wanted)
            self.views.show_guidance(wanted.sampling)
            self._show_stale()
            self.changed.emit()

    def _show_stale(self) -> None:
        wanted = self.shooting.wanted() if self._active else None
        if wanted is not None and self.shooting.shot is not None:
            self.inputs.show_stale(self.shooting.shot.stale(wanted))

    def show_frame(self) -> None:
        """The stage, what is drawn of the model there, and the words."""
        self.stage.set_frame(self.player.index)
        self.views.show_frame(self.player.index)
        self.space_time.show_frame(self.player.index)
        self.branching.show_frame(self.player.index)
        self.pictures.moving = self.player.playing
        self.pictures.show()
        self._show()

    def _show(self) -> None:
        timed = self.guests.now is not None or self.shooting.can("velocity")
        self.captions.show_frame(self.lane, self.player, timed=timed)
        self.point.show(max(0, min(self.player.index, len(self.lane.frames) - 1)))
        self.changed.emit()

    def _show_branches(self) -> None:
        self.grey_each(self.branching.reasons())
        self.chips.chips["branch"].setVisible(bool(self.branching.takes))

    # The panel's calls.

    @property
    def front(self) -> Stage:
        """The picture of space and time, or the other."""
        return self.space_time.stage if self.space_time.on else self.stage

    def enter_bar(self, bar: TransportBar) -> None:
        """One clock."""
        super().enter_bar(bar)
        bar.add_track(SAMPLING, TRACK, "sample")

    def show_on(self, bar: TransportBar) -> None:
        """The frame, and of how many."""
        self.captions.show_clock(bar, self.lane, self.player)

    def subtitle(self) -> str:
        """Whose film it is."""
        return self.captions.subtitle

    def unplayable(self) -> str:
        """Without a film there is nothing to play."""
        return "" if self.lane.frames or self.lane.making else "Nothing is filmed yet"

    def drop(self, path: str) -> bool:
        """Another program's file; see Guests."""
        return self.guests.drop(path)

    def enter(self) -> None:
        """Film if there is none of this run, or if another is soon made; else show the one there is."""
        self._active = self.pictures.awake = True
        wanted, shot = self.shooting.wanted(), self.shooting.shot
        if wanted is None:
            return
        if shot is None or shot.run != wanted.run:
            self.shoot(play=True)
        elif shot.stale(wanted) and self.lane.seconds < CHEAP_SECONDS and not self.branching.busy:
            self.shoot(play=False)
        else:
            self._show_model()
            self.show_frame()

    def leave(self) -> None:
        """Nobody looks: the layers cost nothing; a film that is being made goes on."""
        self._active = False
        self.player.pause()
        self.pictures.sleep()

    def settled(self) -> bool:
        """The film is whole and stands, and everything visible is of the frame shown."""
        still = self.lane.whole and not self.player.playing and not self._soon.isActive() and not self.point.busy
        return still and self.views.settled() and self.pictures.complete()

    def film_source(self) -> FilmSource | None:
        """The film as far as it is made, in the data's own units."""
        if self.shooting.shot is None or not self.lane.frames:
            return None
        return self.shooting.source(self.player.index, self.seek, self.pictures.complete)

    def session(self) -> dict[str, Any]:
        """Layers, pace, the settings, the start point."""
        return {**super().session(), **vars(self.shooting.settings), "start": list(self.probe.start)}

    def restore(self, held: dict[str, Any]) -> None:
        """See session."""
        super().restore(held)
        self.shooting.settings = Settings.of(held)
        start = held.get("start")
        if isinstance(start, list) and [type(one) for one in start] == [float, float]:
            self.probe.start = (start[0], start[1])
        self._show_settings()
