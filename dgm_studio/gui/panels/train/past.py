"""The training track: how far the run is, the way back through its keyframes, and its branches."""

from __future__ import annotations

import math
from bisect import bisect_left

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from dgm_studio.core.reports import History, RunReport
from dgm_studio.gui.panels.train.wishes import Wishes
from dgm_studio.gui.reel_player import ReelPlayer
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRAINING = "training"
REPLAY = 0.25
"""Speed of a replay at 1 x: a whole training in eight seconds."""


class Past(QObject):
    """Scrubs the run's keyframes, replays them, branches off; everything shown is what the worker said it holds."""

    moved = Signal()
    """Another step is looked at."""

    def __init__(self, run: RunLane, wishes: Wishes, transport: TransportBar, loss: LossPlot, parent: QObject) -> None:
        super().__init__(parent)
        self._run, self._wishes, self._transport, self._loss = run, wishes, transport, loss
        self.history: History | None = None
        self.player = ReelPlayer(self)
        self.player.set_speed(REPLAY)
        self.player.moved.connect(self._replay)
        self.player.stopped.connect(self.moved)
        self.button = Button(
            "Continue from here", "Train on from this step on a branch of its own; what came after stays"
        )
        self.button.hide()
        self.button.clicked.connect(run.continue_from_here)
        self.branch_button = Button("Branch 1 of 1", "Go on with another course of this run")
        self.branch_button.hide()
        self.branch_button.clicked.connect(self._open_branches)
        transport.add_button(self.button, 0, 1)
        transport.add_button(self.branch_button, 1, 1)
        transport.add_track(TRAINING, "Training", "accent")
        run.history.connect(self._take)
        run.opened.connect(self._opened)

    @property
    def viewing(self) -> int | None:
        """The step of the keyframe that is looked at, None for the present."""
        return self.history.viewing if self.history is not None else None

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps of the keyframes there are."""
        return self.history.steps if self.history is not None else ()

    @property
    def branched(self) -> bool:
        """Whether the run has other branches than the one that trains."""
        return self.history is not None and len(self.history.branches) > 1

    def set_speed(self, factor: float) -> None:
        """Of a replay."""
        self.player.set_speed(REPLAY * factor)

    # From the person.

    def scrub(self, fraction: float) -> None:
        """Look at that place of the track; training pauses, for it would run away from under the pointer."""
        self.player.pause()
        if self._run.playing:
            self._run.pause()
        self._look(round(fraction * self._span()))

    def toggle(self) -> bool:
        """Replay from the step that is looked at, or stop; False where the present is looked at."""
        if self.viewing is None:
            return False
        if not self.player.playing:
            self.player.set_length(len(self.steps))
            self.player.seek(self._place())
        self.player.toggle()
        return True

    def step(self, by: int) -> bool:
        """So many keyframes on or back; False for a step forwards from the present, which trains."""
        if self.viewing is None and by > 0:
            return False
        self.player.pause()
        if self.viewing is None and (by == -1 or not self.steps):
            self._run.revisit(
                max(0, self._run.step - 1)
            )  # the worker knows its newest keyframe, the window may not yet
            return True
        place = (len(self.steps) if self.viewing is None else self._place()) + by
        if self.viewing is None and by < 0 and self.steps and self.steps[-1] == self._run.step:
            place -= 1  # the last keyframe is the present itself
        if place >= len(self.steps):
            self._run.revisit(None)
        elif self.steps:
            self._run.revisit(self.steps[max(0, place)])
        return True

    def go(self, fraction: float) -> None:
        """The start, or the present."""
        self.player.pause()
        self._run.revisit(self.steps[0] if fraction == 0 and self.steps else None)

    def show(self, words: str, awake: bool) -> None:
        """Draw the track; `words` is what to add to the step."""
        run, viewing, track = self._run, self.viewing, self._transport.tracks[TRAINING]
        text = f"step {run.step:,}{words}" if viewing is None else f"step {viewing:,} of {run.step:,}"
        at = run.step if viewing is None else viewing
        self._transport.set_track(TRAINING, "Training", text, at / self._span(), 0, awake)
        if self.history is not None and not run.playing:
            held = f"{len(self.steps)} keyframes, {self.history.megabytes:.0f} of {self.history.limit:.0f} MB"
            track.setToolTip(f"{text}. Drag back through the training: {held}.")
        self.button.setVisible(viewing is not None)
        count = len(self.history.branches) if self.history is not None else 1
        self.branch_button.setVisible(count > 1)
        if self.history is not None:
            self.branch_button.setText(f"Branch {self.history.branch + 1} of {count}")

    # From the worker.

    def _opened(self, report: RunReport) -> None:
        self.player.pause()
        self.history = None
        self._loss.set_mark(None)
        self._loss.set_ghosts({})

    def _take(self, history: History) -> None:
        self.history = history
        self._loss.set_mark(history.viewing)
        if history.ghosts is not None:
            self._loss.set_ghosts(history.ghosts)
        self.moved.emit()

    # Inside.

    def _span(self) -> int:
        """The track's right end: the next step at which training pauses by itself."""
        return self._wishes.pause_at * max(1, math.ceil(self._run.step / self._wishes.pause_at))

    def _look(self, step: int) -> None:
        self._run.revisit(None if step >= self._run.step else step)

    def _place(self) -> int:
        return bisect_left(self.steps, self.viewing) if self.viewing is not None else len(self.steps) - 1

    def _replay(self, index: int) -> None:
        if self.player.playing:
            at_end = index >= len(self.steps) - 1
            self._run.revisit(None if at_end else self.steps[index])

    def _open_branches(self) -> None:
        if self.history is None:
            return
        menu = QMenu(self._transport)
        for index, branch in enumerate(self.history.branches):
            action = menu.addAction(f"Branch {index + 1}: from step {branch.forked:,} to {branch.end:,}")
            action.setCheckable(True)
            action.setChecked(index == self.history.branch)
            action.triggered.connect(lambda _=False, index=index: self._run.switch_branch(index))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.branch_button.mapToGlobal(self.branch_button.rect().topLeft()))
