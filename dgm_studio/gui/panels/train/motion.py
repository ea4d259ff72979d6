"""Slow motion in the Train panel: its button, the request for a beat, and the sheet that shows it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dgm_studio.core.reports import Failure, History, Motion, RunReport
from dgm_studio.gui.dialogs.slow_motion import SlowMotionSheet
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.transport_bar import TransportBar


class SlowMotion(QObject):
    """`model()` names what is trained. The sheet opens when the first beat has come, over the panel's window."""

    def __init__(self, run: RunLane, model: Callable[[], str], transport: TransportBar, panel: QWidget) -> None:
        super().__init__(panel)
        self._run, self._model, self._panel = run, model, panel
        self.sheet: SlowMotionSheet | None = None
        self.waiting = False
        self._in_past = False
        self.button = Button("Slow motion", "Do the next beat and look inside it: forward, loss, gradient, update (M)")
        self.button.hide()
        self.button.clicked.connect(self.start)
        transport.add_button(self.button, 1, 0)
        run.motion.connect(self._take)
        run.failed.connect(self._fail)
        run.opened.connect(self._opened)
        run.history.connect(self._look)
        run.state_changed.connect(lambda _: self._show())

    def start(self) -> None:
        """Pause, and take the next beat apart."""
        if self._run.recipe is not None and not self.waiting:
            self.waiting = True
            self._run.slow_motion()

    def _opened(self, report: RunReport) -> None:
        self.waiting = self._in_past = False
        self._show()

    def _look(self, history: History) -> None:
        self._in_past = history.viewing is not None
        self._show()

    def _show(self) -> None:
        """Where the past is looked at the present's next beat is not offered; M still does it, and comes back."""
        self.button.setVisible(self._run.recipe is not None and not self._run.playing and not self._in_past)

    def _take(self, motion: Motion) -> None:
        self.waiting = False
        if self.sheet is None:
            self.sheet = SlowMotionSheet(self._panel.window())
            self.sheet.beat_wanted.connect(self.start)
            self.sheet.finished.connect(self._closed)
            self.sheet.show_motion(motion, self._model())
            self.sheet.open()
        else:
            self.sheet.show_motion(motion, self._model())

    def _closed(self) -> None:
        self.sheet = None

    def _fail(self, failure: Failure) -> None:
        """A beat that diverged changed nothing; the panel's banner says so and offers the way out."""
        self.waiting = False
        if self.sheet is not None:
            self.sheet.close()
