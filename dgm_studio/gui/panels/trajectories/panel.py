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
from dgm_studio.core.reports import TRAINING_POINTS, Failure, RunReport
from dgm_studio.core.snapshot import PLAYING
from dgm_studio.gui.file_kinds import CHECKPOINT, kind_of_file
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.film_source import FilmSource, film_in_data_units
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.paths import PathsLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.playing import film_player, kept_playing, restore_playing
from dgm_studio.gui.panels.trajectories import SIGN
from dgm_studio.gui.panels.trajectories.form import TrajectoriesForm
from dgm_studio.gui.panels.trajectories.guests import Guests
from dgm_studio.gui.panels.trajectories.pictures import Pictures
from dgm_studio.gui.panels.trajectories.probe import Place, Probe
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.settings import FILM_KNOBS, LEARNED, Settings
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.subject import AXES, Guest, Subject, of_run
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme

LAYERS = ("data", "samples", "density", "velocity", "score", "clean", "paths", "exact", "error", "probe")
FIRST_ON = ("data", "samples", "density", "velocity", "probe")
SAMPLING, FILM_LANE, PROBE_LANE = "sampling", "film", "probe"
CHEAP_SECONDS = 3.0
"""A film that took less is made again by itself when the panel comes to the front."""
ROOMY = 330
"""A track of that width in design pixels has room for the lecture's clock too."""
REFILM_MS = 150
"""A dragged knob is one film, not a hundred."""


class TrajectoriesPanel(Panel):
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
        self._active = False
        self._again: bool | None = None
        self._target = 1.0
        self.player = film_player(studio, self)
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
        sizes = (self.resolution, 2 * self.resolution)
        self.pictures = Pictures(self.stage, self.chips, self.numbers, self.lane, self.asks, sizes, self)
        self.form.add(self.inputs)
        self.readouts.add(self.numbers)
        self.transport.add_track(SAMPLING, "Sampling", "sample")
        self.chips.chips["samples"].set_label("Particles", "Show or hide particles")
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._soon = QTimer(self, singleShot=True, interval=REFILM_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()
        self.transport.set_usable("The engine is waking; one moment.")
        self.stage.set_message("Waking the engine…")
        self._show_settings()
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
        run.reported.connect(self._reported)
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
        self.player.moved.connect(lambda _: self._show_frame())
        self.player.stopped.connect(self._show_frame)
        self.inputs.again_wanted.connect(self.restart)
        self.guests.came.connect(self._receive)
        self.guests.left.connect(self._leave)
        self.guests.opened.connect(self._told)
        self.guests.refused.connect(self._refuse)
        self.guests.elsewhere.connect(lambda path: self.look_wanted.emit("checkpoints", path, {}))
        self.inputs.sampling_wanted.connect(self._change_sampling)
        self.inputs.setting_wanted.connect(self._change_setting)
        self.transport.scrubbed.connect(self._scrub)
        self.transport.speed_changed.connect(self.player.set_speed)
        self.transport.loop_toggled.connect(self.player.set_loop)

    # From the person.

    def toggle_play(self) -> None:
        """Play or pause the film."""
        self.player.toggle()
        self._show_frame()

    def step(self, by: int) -> None:
        """Frames, both ways."""
        self._seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last frame."""
        self._seek(round(fraction * (self.player.length - 1)))

    def restart(self) -> None:
        """Film again with the same seed, and play it."""
        self.shoot(play=True)

    def _scrub(self, track: str, position: float) -> None:
        self._seek(round(position))

    def _seek(self, index: int) -> None:
        self.player.pause()
        self._again = None  # a person has taken over from what was to be shown next
        self.player.seek(index)
        self._show_frame()

    def _change_sampling(self, name: str, value: Value) -> None:
        subject = self.subject()
        if subject is not None:
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
        self._show_guest()
        self.shoot(play=play)

    def _leave(self) -> None:
        self.pictures.frame_home()
        if self.run.report is not None:
            self.grey_layers(self.run.report)
        self._receive(True)

    def _told(self, report: PointModelReport) -> None:
        assert self.shot is not None
        self.shot = replace(self.shot, sampling=dict(report.sampling))
        self.stage.set_message("")
        self.stage.set_line(report.columns == 1)
        self.transport.set_usable()
        self._show_guest()

    def _show_guest(self) -> None:
        if self.guests.now is not None:
            for name, reason in self.guests.now.greyed(LAYERS, self.studio.catalogue).items():
                self.grey_layer(name, reason)
        if self.chips.chips["probe"].isEnabled():
            self.probe.show()
        self.numbers.show_data(self.guests.now is None)
        self.inputs.show_guest(self.guests.now, back=self.run.report is not None)
        self._show_settings()
        self._show_model()

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
        self._again = play
        self.shot = shot
        self.banner.hide()
        self.pictures.forget()
        film = {"count": shot.count, "seed": shot.seed, "exact": shot.exact, "choice": subject.choice}
        self.lane.shoot(subject.source, shot.sampling, **film)  # type: ignore[arg-type]
        self._show_model()
        self._show()

    def _shoot_probe(self, place: Place) -> None:
        if self.shot is not None:
            shot, start = self.shot, np.array([place])
            self.probe.lane.shoot(FILM_LANE, shot.sampling, count=1, seed=shot.seed, exact=shot.exact, start=start)

    def _begin(self, total: int) -> None:
        assert self.shot is not None
        self.shot = self.shot.as_of(self.lane.step)
        playing = bool(self._again)
        self.player.pause()
        self.pictures.clear()
        self.numbers.clear()
        for layer in (self.particles, self.ways, self.clean, self.probe.layer):
            layer.set_tint("exact" if self.shot.exact else layer.token)
        for name in ("samples", "clean", "paths"):
            self.chips.chips[name].set_colour("exact" if self.shot.exact else "sample")
        self.player.set_length(0, total)
        self.player.index = 0
        self._again = playing
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
        if self._again is False:
            self.player.seek(round(self._target * (total - 1)))
        elif self._again and frames > 1:
            self._again = None
            self.player.play()
        self._show_frame()

    def _finish(self) -> None:
        self._again = None
        if self.guests.now is not None:
            first, last = (self.lane.frames[place].x[:, :AXES] for place in (0, -1))
            self.pictures.frame_film(first, last)
        self.numbers.show_straightness(self.lane.frames)
        self._show_frame()

    def _fail(self, failure: Failure) -> None:
        if self.guests.opening and not self.lane.frames:
            self.guests.turn_away(failure)
            return
        if not self.lane.making:
            self.player.set_length(len(self.lane.frames))
        if not self.lane.frames:
            self.pictures.clear()
        self._refuse(failure)
        self._show_frame()

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
        if self._active and self.shot is not None and self.guests.now is not None:
            self.guests.leave()  # somebody has just opened a run, to see it
            return
        self.stage.set_message("")
        self.transport.set_usable()
        if self.guests.now is not None:
            self._show_guest()
            return
        self.grey_layers(report)
        if self.chips.chips["probe"].isEnabled():
            self.probe.show()
        self._reported(report)
        if self._active:
            self.shoot(play=self.shot is None)

    def _reported(self, report: RunReport) -> None:
        self._show_settings()
        self._show_model()

    # Showing.

    def _show_settings(self) -> None:
        subject = self.subject()
        no_exact = ""
        if subject is not None and not subject.exact:
            no_exact = f"{subject.title} has no path whose exact field is known, so there is none to follow."
        settings = self.settings.with_value("field", LEARNED) if no_exact else self.settings
        self.inputs.show_settings(settings, no_exact, subject is not None and subject.exact == TRAINING_POINTS)
        self.particles.set_tails(self.settings.tails)

    def _show_model(self) -> None:
        wanted, subject = self.wanted(), self.subject()
        if wanted is None or subject is None or self.studio.catalogue is None:
            return
        self.inputs.show_sampling(subject.kind, subject.knobs, wanted.sampling, subject.idle)
        shown = self.shot or wanted
        if self.guests.now is not None:
            self.inputs.show_model(subject.title, subject.where)
            self.inputs.show_hint(self.guests.now.hint)
        else:
            data = "" if shown.data is None else f"on {self.studio.title_of(shown.data)}, "
            self.inputs.show_model(shown.model, f"{data}as of step {shown.step:,}")
            untrained = shown.step == 0 and wanted.step == 0
            self.inputs.show_hint("Untrained: press Play in Train first." if untrained else "")
        self._show_stale()
        self.numbers.show_solver(self.studio.catalogue.solvers.get(str(shown.sampling.get("solver", ""))))
        whose = " of the training points" if shown.of_points else ""
        along = f"along the exact field{whose}" if shown.exact else f"as {shown.model} has learned it"
        if self.guests.now is not None:
            self.subtitle.setText(f"from noise to points, as {subject.title} of another program moves them")
        else:
            self.subtitle.setText(f"from noise to data, {along} after {shown.step:,} steps")

    def _show_stale(self) -> None:
        wanted = self.wanted() if self._active else None
        if wanted is not None and self.shot is not None:
            self.inputs.show_stale(self.shot.stale(wanted))

    def _show_frame(self) -> None:
        self.stage.set_frame(self.player.index)
        self.pictures.moving = self.player.playing
        self.pictures.show()
        self._show()

    def _show(self) -> None:
        lane, player = self.lane, self.player
        self.transport.set_playing(player.playing)
        frames, index = lane.frames, min(player.index, len(lane.frames) - 1)
        text, reason, label = "", "", ""
        if frames:
            label = frames[index].label
            roomy = self.transport.tracks[SAMPLING].width() > theme().px(ROOMY)
            clock = f" · {label}" if label and roomy else ""  # the stage's card says it anyway
            busy = f" · filming {len(frames)}" if lane.making else ""
            text = f"t = {frames[index].t:.2f} · frame {index + 1} / {lane.total}{busy}{clock}"
        if len(frames) < 2:
            reason = "This model samples in one step" if frames and not lane.making else "Nothing is filmed yet"
        self.transport.set_track(SAMPLING, "Sampling", text, max(0, index), lane.total, not reason, reason)
        if frames and (self.guests.now is not None or self._has("velocity")):
            self.stage.set_overlay("path time t", f"{frames[index].t:.2f}", label)
        else:
            self.stage.set_overlay("")
        self.numbers.show_cost(lane, max(0, index))
        start = self.probe.start if self.chips.chips["probe"].isEnabled() else None
        self.numbers.show_probe(start, self.probe.layer.path, max(0, index))

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
            self._show_frame()

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
        return FilmSource(film, len(self.lane.frames), self.player.index, self._seek, self.pictures.complete)

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
