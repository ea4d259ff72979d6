"""The Train panel: pick data and a family, watch it learn, step it, look at any time of its sampling."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.dataspec import DataSpec, PointSet
from dgm_studio.core.film import Film
from dgm_studio.core.reports import Failure, Picture, Refusal, RunReport
from dgm_studio.core.snapshot import FAILED
from dgm_studio.gui.film_source import FilmSource, film_in_data_units
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.framing import Framing
from dgm_studio.gui.panels.greying import OWN, layer_of
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.playing import film_player, kept_playing, restore_playing
from dgm_studio.gui.panels.train import SIGN
from dgm_studio.gui.panels.train.form import STOP_AT, TrainForm
from dgm_studio.gui.panels.train.motion import SlowMotion
from dgm_studio.gui.panels.train.past import Past
from dgm_studio.gui.panels.train.readouts import TrainReadouts
from dgm_studio.gui.panels.train.teacher import TeacherDesk
from dgm_studio.gui.panels.train.wishes import Wishes, kept_file
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.buttons import Button

LAYERS = ("data", "samples", "density", "velocity", "score", "critic", "grid", "exact", "error", *OWN)
FIRST_ON = ("data", "samples", "density", "velocity", "critic", "structure", "energy")
SAMPLING = "sampling"
LIVE_SAMPLES, STILL_SAMPLES = 400, 2_000
LIVE_RESOLUTION, STILL_RESOLUTION = 48, 128
ROOMY = 250  # design pixels: a track so wide has room for the time and the frame
BEAT_WORDS = {"step": "step", "discriminator": "D beat", "generator": "G beat"}


class TrainPanel(Panel):
    """One run, two clocks: the training's steps and the sampling's time."""

    sign = SIGN

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, LAYERS)
        self.run = studio.run
        self._times: Array = np.array([0.0, 1.0])
        self._clocks: tuple[str, ...] = ("", "")
        self._reel: Picture | None = None
        self._active = False
        self._framing = Framing(self.stage)
        self._rebuilt: tuple[str, list[tuple[str, str, str]]] | None = None
        self._answered: dict[str, tuple[Ask, int]] = {}
        self.wishes = Wishes(studio, int(STOP_AT.default), self)
        self.player = film_player(studio, self)
        self.player.moved.connect(self._show_frame)
        self.player.stopped.connect(self._show_transport)
        self.inputs = TrainForm()
        self.teacher = TeacherDesk(studio, self.wishes, self.inputs.teacher, self)
        self.numbers = TrainReadouts()
        self.form.add(self.inputs)
        self.readouts.add(self.numbers)
        self.beat_button = Button("Next: D beat", "One half of a step: only the network named (B)")
        self.beat_button.hide()
        self.beat_button.clicked.connect(self.run.play_beat)
        self.transport.add_button(self.beat_button, 0, 0)
        self.motion = SlowMotion(self.run, studio.model_title, self.transport, self)
        self.past = Past(self.run, self.wishes, self.transport, self.numbers.loss, self)
        self.transport.add_track(SAMPLING, "Sampling", "sample")
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._connect()
        self.transport.set_usable("The engine is waking; one moment.")
        self.stage.set_message("Waking the engine…")
        self._show_transport()

    def _connect(self) -> None:
        run, form = self.run, self.inputs
        run.opened.connect(self._opened)
        run.reported.connect(self._reported)
        run.state_changed.connect(self._state_changed)
        run.stepped.connect(lambda _: self._show_transport())
        run.values.connect(self._take_values)
        run.picture.connect(self._take_picture)
        run.refusal.connect(self._take_refusal)
        run.failed.connect(self._fail)
        form.data_wanted.connect(self.wishes.data)
        form.family_wanted.connect(self.wishes.family)
        form.knob_wanted.connect(self.wishes.knob)
        form.seed_wanted.connect(self.wishes.seed)
        form.stop_wanted.connect(self._pause_elsewhere)
        self.wishes.wanted.connect(form.show_recipe)
        self.wishes.rebuilt.connect(self._tell_rebuilt)
        self.stage.layers_changed.connect(self.ask)
        self.stage.box_changed.connect(lambda _: self.ask())
        self.transport.scrubbed.connect(self._scrub)
        self.transport.speed_changed.connect(self.player.set_speed)
        self.transport.speed_changed.connect(self.past.set_speed)
        self.past.moved.connect(self._show_past)
        self.transport.loop_toggled.connect(self.player.set_loop)
        self.transport.track_activated.connect(lambda _: self._show_transport())
        self.banner.action.connect(self._act)

    # From the person.

    def offer_points(self, points: PointSet) -> None:
        """Painted or imported points: learn from them."""
        self.inputs.offer(points)
        self.wishes.data(DataSpec(points.title, points=points))

    def toggle_play(self) -> None:
        """Train or pause; on the sampling track, play or pause its film."""
        if self.run.recipe is None:
            return
        if self.transport.active == SAMPLING:
            self.player.toggle()
        elif not self.run.playing and self.past.toggle():
            pass  # the past is replayed
        elif self.run.playing:
            self.run.pause()
        else:
            self.run.play(self.wishes.steps_to_go())
        self.transport.set_pulsing(False)
        self._show_transport()

    def step(self, by: int) -> None:
        """Frames both ways on the sampling track; on the training track keyframes back, and steps forwards."""
        if self.transport.active == SAMPLING:
            self.player.pause()
            self.player.seek(self.player.index + by)
        elif not self.past.step(by):
            self.run.play(by)

    def go(self, fraction: float) -> None:
        """The first or last frame of the active track."""
        if self.transport.active == SAMPLING:
            self.player.pause()
            self.player.seek(round(fraction * (self.player.length - 1)))
        else:
            self.past.go(fraction)

    def restart(self) -> None:
        """Reset: the same recipe at step 0."""
        self.wishes.restart()

    def _pause_elsewhere(self, step: int) -> None:
        self.wishes.pause_at = step
        if self.run.playing:
            self.run.play(self.wishes.steps_to_go())
        self._show_transport()

    # Requests.

    def ask(self) -> None:
        """Tell the worker what is visible now."""
        if self._active and self.run.recipe is not None:
            self.run.look(self.asks())

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers', then the read-outs'; coarser while it trains, so that pictures come often."""
        samples = self.stage.layer("samples")
        assert isinstance(samples, SamplesLayer)
        samples.count = LIVE_SAMPLES if self.run.playing else STILL_SAMPLES
        resolution = LIVE_RESOLUTION if self.run.playing else STILL_RESOLUTION
        t = self.time if self._has("velocity") else 1.0
        return (*self.stage.asks(resolution, t), *self.numbers.asks(t))

    @property
    def time(self) -> float:
        """The dialled time: that of the sampling frame shown, 1 where there is no film yet."""
        return float(self._times[min(self.player.index, len(self._times) - 1)])

    def _has(self, capability: str) -> bool:
        return self.run.report is not None and capability in self.run.report.shows

    # From the worker.

    def wake(self, catalogue: Catalogue) -> None:
        """Its menus."""
        self.inputs.set_catalogue(catalogue)
        self.stage.set_message("")

    def _opened(self, report: RunReport) -> None:
        self.banner.hide()
        if report.remark:
            self.banner.tell(report.remark)
        if self._rebuilt is not None:
            self.banner.tell(*self._rebuilt)
            if self.run.coming is None:  # else the next run will tell it again
                self._rebuilt = None
        if report.path == str(kept_file()):
            self.run.disown("")
        self.transport.set_usable()
        self.transport.set_pulsing(report.recipe.step == 0 and not self.run.playing)
        self.stage.clear()
        self.player.set_length(0)
        self._times, self._clocks = np.array([0.0, 1.0]), ("", "")
        self._reel = None
        self._answered = {}
        self.numbers.show_branched(False)
        self.numbers.restart(report, self.studio.model_title())
        self.grey_layers(report)
        self._reported(report)

    def _reported(self, report: RunReport) -> None:
        if not self.wishes.pending:
            self.inputs.show_recipe(report.recipe)
            self.inputs.show_idle(report.idle, report.unfit)
        self.numbers.show_run(report, self._facts(report))
        self.beat_button.setVisible(len(report.beats) > 1)
        self._show_transport()
        self.ask()
        self.session_changed.emit()

    def _state_changed(self, state: str) -> None:
        self.player.set_gentle(self.run.playing)
        self._show_transport()
        self.ask()

    def _facts(self, report: RunReport) -> dict[str, str]:
        recipe = report.recipe
        counted = (
            {"Parameters": f"{report.parameters:,}"} if report.parameters else {}
        )  # counts and EM: among its facts
        return {
            "Model": self.studio.model_title(),
            **counted,
            "Data": self.studio.title_of(recipe.data_now()),
            "Live edits": str(len(recipe.edits)),
        }

    def _take_values(self, values: dict[str, tuple[Array, Array]]) -> None:
        for name, (steps, scalars) in values.items():
            self.numbers.loss.append(name, steps, scalars)

    def _take_picture(self, picture: Picture) -> None:
        if not self._active:
            return
        self._answer(picture.ask, picture.step, "")
        if picture.ask.view == "data":
            self._framing.frame(picture.arrays["points"])
        if picture.ask.view == "samples":
            self._reel = picture
            self._take_film(picture.arrays["t"], picture.labels or ("",) * len(picture.arrays["t"]))
        self.stage.accept(picture)
        self.numbers.accept(picture)
        if picture.ask.view == "samples":
            self.stage.set_frame(self.player.index)

    def _take_film(self, times: Array, clocks: tuple[str, ...]) -> None:
        at_end = self.player.index >= self.player.length - 1
        self._times, self._clocks = times, clocks
        self.player.set_length(len(times))
        if at_end:
            self.player.seek(len(times) - 1)
        self._show_transport()

    def _take_refusal(self, refusal: Refusal) -> None:
        if refusal.ask not in self.run.asks:
            return  # asked of the run before
        self.numbers.refuse(refusal)
        self._answer(refusal.ask, self.run.step, refusal.reason)

    def _answer(self, ask: Ask, step: int, reason: str) -> None:
        """A wish is answered. A layer that is refused stays empty: its chip says why, but stays pressable."""
        self._answered[ask.key] = (ask, step)
        name = layer_of(ask.key)
        if name in self.chips.chips and self.chips.chips[name].isEnabled():
            layer = self.stage.layer(name)
            key_text = f"({self.layer_ids.index(name) + 1})"
            self.chips.chips[name].setToolTip(reason or f"Show or hide {layer.title.lower()} {key_text}")

    def _fail(self, failure: Failure) -> None:
        actions = []
        if failure.remedy == "halve-learning-rate":
            actions = [
                ("halve", "Go back and halve the learning rate", "Return to the last good weights and train on gently"),
                ("back", "Only go back", "Return to the last good weights and change nothing"),
            ]
        self.banner.fail(failure.sentence, actions, failure.details)
        if self.run.recipe is not None and not self.wishes.pending:
            self.inputs.show_recipe(self.run.recipe)
        self._show_transport()

    def _act(self, action: str) -> None:
        self.banner.hide()
        if action == "bring-back":
            self.wishes.bring_back()
            return
        self.run.go_back(0.5 if action == "halve" else 1.0)
        if action == "halve":
            self.run.play(self.wishes.steps_to_go())

    def _tell_rebuilt(self, steps: int) -> None:
        way = ("bring-back", "Bring it back", "Open the run as it was before the rebuild")
        self._rebuilt = (f"The model was rebuilt. The {steps:,} steps before are kept.", [way])

    # Showing.

    def _scrub(self, track: str, position: float) -> None:
        if track == SAMPLING:
            self.player.pause()
            self.player.seek(round(position))
        else:
            self.past.scrub(position)

    def _show_frame(self, index: int) -> None:
        self.stage.set_frame(index)
        self.ask()
        self._show_transport()

    def _show_past(self) -> None:
        self.numbers.show_branched(self.past.branched)
        self.ask()
        self._show_transport()

    def _show_transport(self) -> None:
        run, player = self.run, self.player
        sampling = self.transport.active == SAMPLING
        self.transport.set_playing(player.playing if sampling else run.playing or self.past.player.playing)
        awake = run.recipe is not None
        if awake:
            back = "" if sampling or run.step > 0 else "Nothing is trained yet"
            self.transport.set_usable(back=back)
        self.past.show(" · stopped by an error" if run.state == FAILED else "", awake)
        has_film = player.length > 1
        # Only a model with a path has a clock; a flow's frames are its layers.
        clock = f"t = {self.time:.2f} · " if self._has("velocity") else ""
        text = f"{clock}frame {player.index + 1} / {player.length}" if has_film else ""
        if clock and self.transport.tracks[SAMPLING].width() < theme().px(ROOMY):
            text = clock.removesuffix(" · ")  # the frame is where the handle stands
        reason = "" if has_film else "This model samples in one step: there is nothing between noise and data"
        if not awake or player.length == 0:
            reason = "Nothing is sampled yet"
        self.transport.set_track(SAMPLING, "Sampling", text, player.index, player.length, has_film, reason)
        if awake:
            title = self.studio.model_title()
            seen = run.step if self.past.viewing is None else self.past.viewing
            tense = "has" if self.past.viewing is None else "had"
            learning = f"{title} is learning" if run.playing else f"what {title} {tense} learned after {seen:,} steps"
            self.subtitle.setText(learning)
            if has_film and self._has("velocity"):
                self.stage.set_overlay("path time t", f"{self.time:.2f}", self._clocks[player.index])
            else:
                self.stage.set_overlay("")
            if len(run.report.beats if run.report else ()) > 1:
                self.beat_button.setText(f"Next: {BEAT_WORDS.get(run.next_beat, f'{run.next_beat} beat')}")

    # The window's calls.

    def film(self) -> FilmSource | None:
        """The sampling's film as it is now, in data units; while it is written the model stands still."""
        reel, recipe = self._reel, self.run.recipe
        if reel is None or recipe is None:
            return None

        def show(index: int) -> None:
            self.run.pause()
            self.player.pause()
            self.player.seek(index)

        arrays = reel.arrays
        labels = reel.labels or ("",) * len(arrays["t"])
        whole = Film(arrays["frames"], arrays["t"], None, arrays["evaluations"].astype(int), labels)
        film = partial(film_in_data_units, whole, recipe.data_now())
        return FilmSource(film, len(arrays["t"]), self.player.index, show, self.settled)

    def settled(self) -> bool:
        """Every visible wish is answered for the step that is looked at."""
        now = self.run.step if self.past.viewing is None else self.past.viewing
        return not self.run.playing and all(self._answered.get(ask.key) == (ask, now) for ask in self.asks())

    def activate(self) -> None:
        """Ask again for what is visible."""
        self._active = True
        self.ask()

    def deactivate(self) -> None:
        """Nobody looks: the read-outs and layers cost nothing."""
        self._active = False
        self.player.pause()
        if self.run.recipe is not None:
            self.run.look(())

    def session(self) -> dict[str, Any]:
        """Layers, and the dialled frame."""
        return {**super().session(), **kept_playing(self.player)}

    def restore(self, held: dict[str, Any]) -> None:
        """See session."""
        super().restore(held)
        restore_playing(held, self.player, self.transport)


PANEL = TrainPanel
