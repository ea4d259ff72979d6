"""The Trajectories panel: watch noise become data, frame by frame, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure, RunReport
from dgm_studio.core.snapshot import PLAYING
from dgm_studio.gui.file_kinds import CHECKPOINT, kind_of_file
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.film_source import FilmSource, film_in_data_units
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.paths import PathsLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.playing import kept_playing, restore_playing
from dgm_studio.gui.panels.trajectories import SIGN
from dgm_studio.gui.panels.trajectories.captions import SAMPLING, TRACK, Captions
from dgm_studio.gui.panels.trajectories.form import TrajectoriesForm
from dgm_studio.gui.panels.trajectories.guests import Guests
from dgm_studio.gui.panels.trajectories.pictures import Pictures
from dgm_studio.gui.panels.trajectories.probe import Place, Probe
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.scrubbing import ScrubPanel
from dgm_studio.gui.panels.trajectories.settings import FILM_KNOBS, Settings
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.subject import AXES, Guest, Subject, of_run
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio

LAYERS = ("data", "samples", "density", "velocity", "score", "clean", "paths", "exact", "error", "probe")
FIRST_ON = ("data", "samples", "density", "velocity", "probe")
FILM_LANE, PROBE_LANE = "film", "probe"
CHEAP_SECONDS = 3.0
"""A film that took less is made again by itself when the panel comes to the front."""
REFILM_MS = 150
"""A dragged knob is one film, not a hundred."""


class TrajectoriesPanel(ScrubPanel):
    """One film of the current run's model, frozen as it was when the film began, or of a guest's: a denoiser of points
    in another program's file."""

    sign = SIGN

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, LAYERS)
        self.run = studio.run
        self.settings = Settings()
        self.shot: Shot | None = None
        """What the present film was made with."""
        self._own: dict[int | str, dict[str, Value]] = {}
        """Sampling values that were set here, by whose they are."""
        self._active = self._had_run = False
        self._target = 1.0
        self.lane = FilmLane(studio.link, FILM_LANE, self)
        self.probe = Probe(self.stage, FilmLane(studio.link, PROBE_LANE, self), self._shoot_probe, self)
        self.particles = self.stage.layer("samples")
        self.ways, self.clean = self.stage.layer("paths"), self.stage.layer("clean")
        assert isinstance(self.particles, SamplesLayer)
        assert isinstance(self.ways, PathsLayer)
        assert isinstance(self.clean, CleanLayer)
        self.inputs = TrajectoriesForm()
        self.guests = Guests(self.inputs, self)
        self.numbers = TrajectoriesReadouts()
        self.captions = Captions(studio, self.inputs, self.numbers, self.subtitle, self.transport, self.stage)
        sizes = (self.resolution, 2 * self.resolution)
        self.pictures = Pictures(self.stage, self.chips, self.numbers, self.lane, self.asks, sizes, self)
        self.form.add(self.inputs)
        self.readouts.add(self.numbers)
        self.transport.add_track(SAMPLING, TRACK, "sample")
        self.chips.chips["samples"].set_label("Particles", "Show or hide particles")
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._soon = QTimer(self, singleShot=True, interval=REFILM_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()
        self.transport.set_usable("The engine is waking; one moment.")
        self.stage.set_message("Waking the engine…")
        self._show_words()
        self._show()

    def wake(self, catalogue: Catalogue) -> None:
        """A run that was opened before this panel was there; a guest that came before the engine was awake."""
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
        lane.frame.connect(self._add)
        lane.advanced.connect(self._advance)
        lane.finished.connect(self._finish)
        lane.failed.connect(self._fail)
        self.probe.changed.connect(self._show)
        self.probe.failed.connect(self._refuse)
        self.inputs.again_wanted.connect(self.restart)
        self.guests.came.connect(self._receive)
        self.guests.left.connect(self._leave)
        self.guests.opened.connect(self._told)
        self.guests.refused.connect(self._refuse)
        self.guests.elsewhere.connect(lambda path: self.look_wanted.emit("checkpoints", path, {}))
        self.inputs.sampling_wanted.connect(self._change_sampling)
        self.inputs.setting_wanted.connect(self._change_setting)

    # From the person.

    def restart(self) -> None:
        """Film again with the same seed, and play it."""
        self.shoot(play=True)

    def _change_sampling(self, name: str, value: Value) -> None:
        if (subject := self.subject()) is not None:
            self._own.setdefault(subject.id, {})[name] = value
        self._soon.start()
        self._show_model()

    def _change_setting(self, name: str, value: Value) -> None:
        self.settings = self.settings.with_value(name, value)
        self._show_settings()
        if name in {knob.name for knob in FILM_KNOBS}:
            self._soon.start()
        self._show_model()
        self._follow()
        self.session_changed.emit()

    # Whose film it is.

    def subject(self) -> Subject | None:
        """The guest, else the run."""
        return self.guests.now.subject() if self.guests.now is not None else of_run(self.studio)

    def _receive(self, play: bool) -> None:
        self._show_subject()
        self.shoot(play=play)

    def _leave(self) -> None:
        self.pictures.frame_home()
        self._receive(True)

    def _told(self, report: PointModelReport) -> None:
        assert self.shot is not None
        self.shot = replace(self.shot, sampling=dict(report.sampling))
        self.stage.set_message("")
        self.stage.set_line(report.columns == 1)
        self.transport.set_usable()
        self._show_subject()

    def _show_subject(self) -> None:
        if self.guests.now is None and self.run.report is not None:
            self.grey_layers(self.run.report)
        elif self.guests.now is not None:
            for name, reason in self.guests.now.greyed(LAYERS, self.studio.catalogue).items():
                self.grey_layer(name, reason)
        if self.chips.chips["probe"].isEnabled():
            self.probe.show()
        self.numbers.show_data(self.guests.now is None)
        self.inputs.show_guest(self.guests.now, back=self.run.report is not None)
        self._show_words()

    # The film.

    def wanted(self) -> Shot | None:
        """What a film made now would be made with."""
        subject = self.subject()
        if subject is None or self.studio.catalogue is None:
            return None
        return subject.shot(self.settings, self._own.get(subject.id, {}))

    def shoot(self, *, play: bool) -> None:
        """Make a film of the model as it is now: play it as it comes, or stay at the share that is shown."""
        self._soon.stop()
        shot, subject = self.wanted(), self.subject()
        if shot is None or subject is None:
            return
        self._target = self.player.index / (self.player.length - 1) if self.player.length > 1 else 1.0
        self.again = play
        self.shot = shot
        self.banner.hide()
        self.pictures.forget()
        how = {"count": shot.count, "seed": shot.seed, "exact": shot.exact, "choice": subject.choice}
        self.lane.shoot(subject.source, shot.sampling, **how)  # type: ignore[arg-type]
        self._show_model()
        self._show()

    def _shoot_probe(self, place: Place) -> None:
        if self.shot is not None:
            shot, start = self.shot, np.array([place])
            self.probe.lane.shoot(FILM_LANE, shot.sampling, count=1, seed=shot.seed, exact=shot.exact, start=start)

    def _begin(self, total: int) -> None:
        assert self.shot is not None
        self.shot = self.shot.as_of(self.lane.step)
        playing = bool(self.again)
        self.player.pause()
        self.pictures.clear()
        self.numbers.clear()
        for layer in (self.particles, self.ways, self.clean, self.probe.layer):
            layer.set_tint("exact" if self.shot.exact else layer.token)
        for name in ("samples", "clean", "paths"):
            self.chips.chips[name].set_colour("exact" if self.shot.exact else "sample")
        self.player.set_length(0, total)
        self.player.index = 0
        self.again = playing
        self._show_model()
        if self.chips.chips["probe"].isEnabled():
            self.probe.again()

    def _add(self, frame: Frame) -> None:
        self.particles.append(frame.x[:, :AXES])
        self.ways.append(frame.x[:, :AXES])
        self.clean.append(None if frame.x1_hat is None else frame.x1_hat[:, :AXES])

    def _advance(self) -> None:
        frames, total = len(self.lane.frames), self.lane.total
        self.player.set_length(frames, total)
        if self.again is False:
            self.player.seek(round(self._target * (total - 1)))
        elif self.again and frames > 1:
            self.again = None
            self.player.play()
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
        self._refuse(failure)
        self.show_frame()

    def _refuse(self, failure: Failure) -> None:
        self.banner.fail(failure.sentence, (), failure.details)

    def _follow(self) -> None:
        """Film again where training has paused further on."""
        paused = self._active and self.settings.follow and self.run.state != PLAYING and self.guests.now is None
        if paused and self.shot is not None and self.run.step != self.shot.step:
            self.shoot(play=False)

    # What is looked at.

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers' at the time of the frame shown, and, of a whole film, the read-outs'."""
        moving = self.player.playing or self.lane.making
        layered = self.stage.asks(self.resolution * (1 if moving else 2), self.time if self._has("velocity") else 1.0)
        known = tuple(ask for ask in layered if ask.view != "samples")  # those come with the film
        measured = self.shot is not None and self.lane.whole and self.guests.now is None
        return (*known, *self.numbers.asks(self.shot.count)) if self.shot and measured else known

    @property
    def time(self) -> float:
        """The time of the frame shown."""
        frames = self.lane.frames
        return frames[min(self.player.index, len(frames) - 1)].t if frames else 1.0

    def _has(self, capability: str) -> bool:
        subject = self.subject()
        return subject is not None and capability in subject.shows

    # From the run.

    def _opened(self, report: RunReport) -> None:
        first, self._had_run = not self._had_run, True
        if self._active and not first and self.guests.now is not None:
            self.guests.leave()  # somebody has just opened a run, to see it
            return
        self.stage.set_message("")
        self.transport.set_usable()
        self._show_subject()
        if self._active and self.guests.now is None:
            self.shoot(play=self.shot is None)

    # Showing.

    def _show_words(self) -> None:
        self._show_settings()
        self._show_model()

    def _show_settings(self) -> None:
        self.captions.show_settings(self.subject(), self.settings)
        self.particles.set_tails(self.settings.tails)

    def _show_model(self) -> None:
        wanted, subject = self.wanted(), self.subject()
        if wanted is not None and subject is not None:
            self.captions.show_model(subject, self.guests.now, wanted, self.shot or wanted)
            self._show_stale()

    def _show_stale(self) -> None:
        wanted = self.wanted() if self._active else None
        if wanted is not None and self.shot is not None:
            self.inputs.show_stale(self.shot.stale(wanted))

    def show_frame(self) -> None:
        """The stage, what is drawn of the model there, and the words."""
        self.stage.set_frame(self.player.index)
        self.pictures.moving = self.player.playing
        self.pictures.show()
        self._show()

    def _show(self) -> None:
        timed = self.guests.now is not None or self._has("velocity")
        self.captions.show_frame(self.lane, self.player, timed=timed)
        start = self.probe.start if self.chips.chips["probe"].isEnabled() else None
        self.numbers.show_probe(start, self.probe.layer.path, max(0, min(self.player.index, len(self.lane.frames) - 1)))

    # The window's calls.

    def look(self, path: str, choice: Mapping[str, str]) -> None:
        """Film this file's model of points, as it was chosen elsewhere; what cannot be filmed says why."""
        self.guests.receive(Guest(path, dict(choice)))

    def drop(self, path: str) -> bool:
        """Another program's file is filmed where it makes points; else it is looked into in the Checkpoints panel."""
        if kind_of_file(path) != CHECKPOINT:
            return False
        self.guests.receive(Guest(path, dropped=True))
        return True

    def activate(self) -> None:
        """Film if there is none of this run, or if another is soon made; else show the one there is."""
        self._active = self.pictures.awake = True
        wanted = self.wanted()
        if wanted is None:
            return
        if self.shot is None or self.shot.run != wanted.run:
            self.shoot(play=True)
        elif self.shot.stale(wanted) and self.lane.seconds < CHEAP_SECONDS:
            self.shoot(play=False)
        else:
            self._show_model()
            self.show_frame()

    def deactivate(self) -> None:
        """Nobody looks: the layers cost nothing; a film that is being made goes on."""
        self._active = False
        self.player.pause()
        self.pictures.sleep()

    def settled(self) -> bool:
        """The film is whole and stands, and everything visible is of the frame shown."""
        still = self.lane.whole and not self.player.playing and not self._soon.isActive() and not self.probe.busy
        return still and self.pictures.complete()

    def film(self) -> FilmSource | None:
        """The film as far as it is made, in the data's own units."""
        if self.shot is None or not self.lane.frames:
            return None
        film = partial(film_in_data_units, self.lane.film(), self.shot.data)
        return FilmSource(film, len(self.lane.frames), self.player.index, self.seek, self.pictures.complete)

    def session(self) -> dict[str, Any]:
        """Layers, the settings, the start point."""
        held = {**super().session(), **kept_playing(self.player), **vars(self.settings)}
        return {**held, "start": list(self.probe.start)}

    def restore(self, held: dict[str, Any]) -> None:
        """See session."""
        super().restore(held)
        restore_playing(held, self.player, self.transport)
        self.settings = Settings.of(held)
        start = held.get("start")
        if isinstance(start, list) and [type(one) for one in start] == [float, float]:
            self.probe.start = (start[0], start[1])
        self._show_settings()


PANEL = TrajectoriesPanel
