"""The Train panel: pick data and a family, watch it learn, step it, look at any time of its sampling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.dataspec import DataSpec, PointSet
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Failure, Picture, Refusal, RunReport
from dgm_studio.core.snapshot import FAILED
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.train.form import STOP_AT, TrainForm
from dgm_studio.gui.panels.train.readouts import TrainReadouts
from dgm_studio.gui.reel_player import ReelPlayer
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.buttons import Button

LAYERS = ("data", "samples", "density", "velocity", "score", "critic", "grid", "exact", "error")
FIRST_ON = ("data", "samples", "density", "velocity")
TRAINING, SAMPLING = "training", "sampling"
NEEDS = {"density": "log_prob", "velocity": "velocity", "score": "score", "critic": "critic", "grid": "transport"}
"""The capability each learned layer needs; exact and error need any one of the first four."""

NO_CAPABILITY = {
    "log_prob": "has no density: it only samples",
    "velocity": "has no velocity field: it does not move points along a path",
    "score": "has no score: it does not know the gradient of its log-density",
    "critic": "has no critic: nothing in it tells real points from made ones",
    "transport": "has no map from noise to data",
}
LEAST_REACH = 2.9
"""Half the plane's side in model units: nearly three standard deviations of the start noise."""
LIVE_SAMPLES, STILL_SAMPLES = 600, 2_000
BEAT_WORDS = {"step": "step", "discriminator": "D beat", "generator": "G beat"}


class TrainPanel(Panel):
    """One run, two clocks: the training's steps and the sampling's time."""

    id, title, icon, place = "train", "Train", "train", 1
    tooltip = "Train a model live on points in the plane"

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, LAYERS)
        self.run = studio.run
        self._times: Array = np.array([0.0, 1.0])
        self._clocks: tuple[str, ...] = ("", "")
        self._active = False
        self._reach = 4.0
        self._answered: dict[str, tuple[Ask, int]] = {}
        self._stop_at = int(STOP_AT.default)
        self.player = ReelPlayer(self)
        self.player.moved.connect(self._show_frame)
        self.player.stopped.connect(self._show_transport)
        self.inputs = TrainForm()
        self.numbers = TrainReadouts()
        self.form.add(self.inputs)
        self.readouts.add(self.numbers)
        self.beat_button = Button("Next: D beat", "One half of a step: only the network named (B)")
        self.beat_button.hide()
        self.beat_button.clicked.connect(self.run.play_beat)
        self.transport.layout().insertWidget(1, self.beat_button)  # type: ignore[union-attr]
        self.transport.add_track(TRAINING, "Training", "accent", read_only=True)
        self.transport.add_track(SAMPLING, "Sampling", "sample")
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        # Many knobs in a row are one rebuild.
        self._rebuild_soon = QTimer(self, singleShot=True, interval=120)
        self._rebuild_soon.timeout.connect(self._rebuild)
        self._wanted: Recipe | None = None
        self._connect()
        self.transport.set_usable("The engine is waking; one moment.")
        self.stage.set_message("Waking the engine…")
        self._show_transport()

    def _connect(self) -> None:
        run, form = self.run, self.inputs
        self.studio.awake.connect(self._wake)
        run.opened.connect(self._opened)
        run.reported.connect(self._reported)
        run.state_changed.connect(self._state_changed)
        run.stepped.connect(lambda _: self._show_transport())
        run.values.connect(self._take_values)
        run.picture.connect(self._take_picture)
        run.refusal.connect(self._take_refusal)
        run.failed.connect(self._fail)
        form.data_wanted.connect(self.change_data)
        form.family_wanted.connect(self.change_family)
        form.knob_wanted.connect(self.change_knob)
        form.seed_wanted.connect(lambda seed: self._want(replace(self._base(), seed=seed)))
        form.stop_wanted.connect(self._stop_elsewhere)
        self.stage.layers_changed.connect(self.ask)
        self.stage.box_changed.connect(lambda _: self.ask())
        self.transport.scrubbed.connect(self._scrub)
        self.transport.speed_changed.connect(self.player.set_speed)
        self.transport.loop_toggled.connect(self.player.set_loop)
        self.transport.track_activated.connect(lambda _: self._show_transport())
        self.banner.action.connect(self._act)

    # From the person.

    def change_data(self, data: DataSpec) -> None:
        """Other data: a live edit of a run that has begun, else a fresh run."""
        if self.run.recipe is None:
            return
        if self.run.step == 0:
            self._want(replace(self._base(), data=data, edits=()))
        else:
            self.run.change_data(data)

    def offer_points(self, points: PointSet) -> None:
        """Painted or imported points: learn from them."""
        self.inputs.offer(points)
        self.change_data(DataSpec(points.title, points=points))

    def change_family(self, family: str, preset: str) -> None:
        """Another family or preset on the present data; its knobs start at the preset's values."""
        base = self._base()
        self._want(self.studio.fresh_recipe(family, preset, base.data, base.seed))

    def change_knob(self, group: str, name: str, value: Value) -> None:
        """Design rebuilds; Training takes effect at the next step; Sampling only resamples."""
        if group == "design":
            base = self._base()
            self._want(replace(base, design={**base.design, name: value}))
        else:
            self.run.change(group, name, value)

    def toggle_play(self) -> None:
        """Train or pause; on the sampling track, play or pause its film."""
        if self.run.recipe is None:
            return
        if self.transport.active == SAMPLING:
            self.player.toggle()
        elif self.run.playing:
            self.run.pause()
        else:
            self.run.play(self._steps_to_go())
        self.transport.set_pulsing(False)
        self._show_transport()

    def step(self, by: int) -> None:
        """Frames both ways on the sampling track; steps forwards on the training track."""
        if self.transport.active == SAMPLING:
            self.player.pause()
            self.player.seek(self.player.index + by)
        elif by > 0:
            self.run.play(by)

    def go(self, fraction: float) -> None:
        """The sampling's first or last frame."""
        self.player.pause()
        self.player.seek(round(fraction * (self.player.length - 1)))

    def restart(self) -> None:
        """Reset: the same recipe at step 0, with the knobs as they stand now."""
        if self.run.recipe is not None:
            self._want(self._base())
            self._rebuild()

    def _stop_elsewhere(self, step: int) -> None:
        self._stop_at = step
        if self.run.playing:
            self.run.play(self._steps_to_go())
        self._show_transport()

    # Requests.

    def _base(self) -> Recipe:
        """Step 0 of what stands in the form: live edits become the start."""
        if self._wanted is not None:
            return self._wanted
        recipe = self.run.recipe
        assert recipe is not None
        return replace(recipe, training=recipe.training_now(), data=recipe.data_now(), edits=(), step=0)

    def _want(self, recipe: Recipe) -> None:
        self._wanted = recipe
        self.inputs.show_recipe(recipe)
        self._rebuild_soon.start()

    def _rebuild(self) -> None:
        self._rebuild_soon.stop()
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.run.reset(wanted)

    def ask(self) -> None:
        """Tell the worker what is visible now."""
        if self._active and self.run.recipe is not None:
            self.run.look(self.asks())

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers', then the read-outs'; coarser while it trains, so that pictures come often."""
        samples = self.stage.layer("samples")
        assert isinstance(samples, SamplesLayer)
        samples.count = LIVE_SAMPLES if self.run.playing else STILL_SAMPLES
        resolution = self.resolution if self.run.playing else 2 * self.resolution
        t = self.time if self._has("velocity") else 1.0
        return (*self.stage.asks(resolution, t), *self.numbers.asks(t))

    @property
    def time(self) -> float:
        """The dialled time: that of the sampling frame shown, 1 where there is no film yet."""
        return float(self._times[min(self.player.index, len(self._times) - 1)])

    def _has(self, capability: str) -> bool:
        return self.run.report is not None and capability in self.run.report.shows

    # From the worker.

    def _wake(self, catalogue: Catalogue) -> None:
        self.inputs.set_catalogue(catalogue)
        self.stage.set_message("")

    def _opened(self, report: RunReport) -> None:
        self.banner.hide()
        self.transport.set_usable()
        self.transport.set_pulsing(report.recipe.step == 0 and not self.run.playing)
        self.stage.clear()
        self.player.set_length(0)
        self._times, self._clocks = np.array([0.0, 1.0]), ("", "")
        self._answered = {}
        self.numbers.restart(report)
        self._grey_layers(report)
        self._reported(report)

    def _reported(self, report: RunReport) -> None:
        if self._wanted is None:
            self.inputs.show_recipe(report.recipe)
        self.numbers.show_run(report, self._facts(report))
        self.beat_button.setVisible(len(report.beats) > 1)
        self._show_transport()
        self.ask()
        self.session_changed.emit()

    def _state_changed(self, state: str) -> None:
        self._show_transport()
        self.ask()

    def _facts(self, report: RunReport) -> dict[str, str]:
        recipe = report.recipe
        return {
            "Model": self.studio.model_title(),
            "Parameters": f"{report.parameters:,}",
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
            self._frame_data(picture.arrays["points"])
        if picture.ask.view == "samples":
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
        self.numbers.refuse(refusal)
        self._answer(refusal.ask, self.run.step, refusal.reason)

    def _frame_data(self, points: Array) -> None:
        """Frame the plane so that the data fill it and the start noise is in sight."""
        reach = 1.25 * float(np.quantile(np.abs(points), 0.99)) if len(points) else 0.0
        half = max(LEAST_REACH, reach)
        if abs(half - self._reach) > 0.05 * self._reach:
            self._reach = half
            self.stage.set_box((-half, half, -half, half))

    def _answer(self, ask: Ask, step: int, reason: str) -> None:
        """A wish is answered. A layer that is refused stays empty: its chip says why, but stays pressable."""
        self._answered[ask.key] = (ask, step)
        view, _, variant = ask.key.partition(":")
        name = variant or view
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
        self._wanted = None
        if self.run.recipe is not None:
            self.inputs.show_recipe(self.run.recipe)
        self._show_transport()

    def _act(self, action: str) -> None:
        self.banner.hide()
        self.run.go_back(0.5 if action == "halve" else 1.0)
        if action == "halve":
            self.run.play(self._steps_to_go())

    # Showing.

    def _grey_layers(self, report: RunReport) -> None:
        title = self.studio.model_title()
        for name, capability in NEEDS.items():
            missing = capability not in report.shows
            self.grey_layer(name, f"{title} {NO_CAPABILITY[capability]}." if missing else "")
        comparable = any(NEEDS[name] in report.shows for name in ("density", "velocity", "score", "critic"))
        for name in ("exact", "error"):
            self.grey_layer(name, "" if comparable else f"{title} shows nothing that an exact answer could be set beside.")

    def _scrub(self, track: str, position: float) -> None:
        if track == SAMPLING:
            self.player.pause()
            self.player.seek(round(position))

    def _show_frame(self, index: int) -> None:
        self.stage.set_frame(index)
        self.ask()
        self._show_transport()

    def _show_transport(self) -> None:
        run, player = self.run, self.player
        sampling = self.transport.active == SAMPLING
        self.transport.set_playing(player.playing if sampling else run.playing)
        awake = run.recipe is not None
        if awake:
            back = "" if sampling else "Training runs forwards; R starts it again"
            self.transport.set_usable(back=back)
        words = f"step {run.step:,}" + (" · stopped by an error" if run.state == FAILED else "")
        self.transport.set_track(TRAINING, "Training", words, self._training_share(), 0, awake)
        has_film = player.length > 1
        text = f"t = {self.time:.2f} · frame {player.index + 1} / {player.length}" if has_film else ""
        reason = "" if has_film else "This model samples in one step: there is nothing between noise and data"
        if not awake or player.length == 0:
            reason = "Nothing is sampled yet"
        self.transport.set_track(SAMPLING, "Sampling", text, player.index, player.length, has_film, reason)
        if awake:
            self.subtitle.setText(f"what {self.studio.model_title()} has learned after {run.step:,} steps")
            if has_film and self._has("velocity"):
                self.stage.set_overlay("path time t", f"{self.time:.2f}", self._clocks[player.index])
            else:
                self.stage.set_overlay("")
            if len(run.report.beats if run.report else ()) > 1:
                self.beat_button.setText(f"Next: {BEAT_WORDS.get(run.next_beat, run.next_beat)}")

    def _steps_to_go(self) -> int:
        """Until the next pause."""
        return self._stop_at - self.run.step % self._stop_at

    def _training_share(self) -> float:
        """How far on the way to the next pause."""
        done = self.run.step % self._stop_at
        return 1.0 if done == 0 and self.run.step > 0 and not self.run.playing else done / self._stop_at


    # The window's calls.

    def settled(self) -> bool:
        """Every visible wish is answered for the present step."""
        now = self.run.step
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
        return {**super().session(), "loop": self.player.loop, "speed": self.player.speed}

    def restore(self, held: dict[str, Any]) -> None:
        """See session."""
        super().restore(held)
        if isinstance(held.get("loop"), bool):
            self.player.set_loop(held["loop"])
            self.transport.set_loop(held["loop"])
        if isinstance(held.get("speed"), (int, float)):
            self.player.set_speed(float(held["speed"]))
            self.transport.set_speed(float(held["speed"]))
