"""The Paint window: tools, colours and the canvas; what is drawn can feed a running model meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.catalogue import DataEntry
from dgm_studio.gui.paint.canvas import CLASSES, FEWEST, LIMIT, Canvas
from dgm_studio.gui.paint.form import PaintForm
from dgm_studio.gui.paint.throttle import Throttle
from dgm_studio.gui.paint.tools import TOOLS
from dgm_studio.gui.paint.view import PaintView
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.label import Label

FEED_MS = 200
"""A running model gets new points at most every so many milliseconds."""


class PaintWindow(QWidget):
    """Non-modal; keep it and `show()` it again, and the drawing is still there (also after Cancel).

    `entries` are the data sets one can start from, `seed` that of every draw.
    """

    changed = Signal(object)
    """PointSet: while the feed is on, at most five a second and at each stroke's end; 10 points or more."""
    finished_painting = Signal(object)
    """PointSet: Done."""
    cancelled = Signal()
    """Cancel, Esc or the window's own button: go back to the data of before."""

    def __init__(self, entries: Sequence[DataEntry] = (), seed: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setWindowTitle("Paint")
        self.canvas = Canvas()
        self.view = PaintView(self.canvas, np.random.default_rng(seed))
        self.form = PaintForm(entries)
        self._sized = False
        self._throttle = Throttle(FEED_MS, self)
        self._throttle.fired.connect(self._tell)
        self._lay_out()
        self._connect()
        self._shortcuts()
        self._refresh()
        self.view.setFocus()

    @property
    def feeding(self) -> bool:
        """Whether strokes are told while they are drawn."""
        return self.form.feed.switch.isChecked()

    def sizeHint(self) -> QSize:
        """The form and a square canvas, within 1280 x 720 at scale 1."""
        return QSize(theme().px(960), theme().px(700))

    def showEvent(self, event: QShowEvent) -> None:
        """The first time as large as it likes, within the screen."""
        super().showEvent(event)
        if not self._sized:
            self._sized = True
            self.resize(self.sizeHint().boundedTo(self.screen().availableSize() - QSize(48, 48)))

    def set_points(self, points: Array, labels: Array) -> None:
        """Begin from points (n, 2) in model units and their classes; can be undone."""
        self.canvas.replace(points, labels)
        self._edited(ends=True)

    def _lay_out(self) -> None:
        outer = Row(self, gap=0)
        outer.addWidget(self.form)
        outer.addWidget(Hairline(upright=True))
        right = Surface("bg")
        stack = Stack(right, gap=8, pad=(20, 16, 20, 14))
        head = Row(gap=4)
        head.addWidget(Label("Paint", 20, 600))
        head.addSpacing(8)
        head.addWidget(Label("a data set drawn by hand, −4 to 4 on both axes", 13, tint="dim", elide=True), 1)
        self.undo = IconButton("undo", "Undo", "Take the last stroke back (Ctrl+Z)", size=18, hit=30)
        self.redo = IconButton("redo", "Redo", "Bring it again (Ctrl+Shift+Z)", size=18, hit=30)
        self.clear = IconButton("trash", "Clear", "Remove all points (Del)", size=18, hit=30)
        for button in (self.undo, self.redo, self.clear):
            head.addWidget(button)
        foot = Row(gap=8)
        self.counter = Label("", 13, 600, tabular=True)
        self.message = Label("", 12, tint="dim", elide=True)
        # On one line, so that a sentence that comes or goes never moves the canvas under a stroke.
        foot.addWidget(self.counter)
        foot.addSpacing(4)
        foot.addWidget(self.message, 1)
        self.cancel_button = Button("Cancel", "Go back to the data of before (Esc); the drawing stays here")
        self.done_button = Button("Done", "", kind="primary")
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.done_button)
        stack.addLayout(head)
        stack.addWidget(self.view, 1)
        stack.addLayout(foot)
        outer.addWidget(right, 1)

    def _connect(self) -> None:
        self.view.stroked.connect(self._edited)
        self.view.released.connect(lambda: self._edited(ends=True))
        self.view.radius_turned.connect(self.form.turn_radius)
        self.form.tool_picked.connect(lambda index: self.view.set_tool(TOOLS[index]()))
        self.form.nib_changed.connect(self.view.set_nib)
        self.form.start_picked.connect(self.set_points)
        self.form.feed.edited.connect(self._feed)
        self.undo.clicked.connect(self._undo)
        self.redo.clicked.connect(self._redo)
        self.clear.clicked.connect(self._clear)
        self.cancel_button.clicked.connect(self.close)
        self.done_button.clicked.connect(self.finish)
        self.view.set_nib(self.form.nib)

    def _shortcuts(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "[": partial(self.form.turn_radius, -1),
            "]": partial(self.form.turn_radius, 1),
            "Del": self._clear,
            "Ctrl+Z": self._undo,
            "Ctrl+Shift+Z": self._redo,
            "Esc": self.close,
        }
        for index, tool in enumerate(TOOLS):
            acts[tool.key] = partial(self.form.pick_tool, index)
        for label in range(CLASSES):
            acts[str(label + 1)] = partial(self.form.swatches.pick, label)
        for key, act in acts.items():
            QShortcut(QKeySequence(key), self).activated.connect(act)

    def _edited(self, *, ends: bool = False) -> None:
        self._refresh()
        if not self.feeding or len(self.canvas) < FEWEST:
            self._throttle.stop()
        elif ends:
            self._throttle.flush()
        else:
            self._throttle.touch()

    def _tell(self) -> None:
        self.changed.emit(self.canvas.point_set())

    def _feed(self) -> None:
        self._edited(ends=True)

    def _undo(self) -> None:
        self.view.end_stroke()
        if self.canvas.can_undo:
            self.canvas.undo()
            self._edited(ends=True)

    def _redo(self) -> None:
        self.view.end_stroke()
        if self.canvas.can_redo:
            self.canvas.redo()
            self._edited(ends=True)

    def _clear(self) -> None:
        self.view.end_stroke()
        if len(self.canvas):
            self.canvas.clear()
            self._edited(ends=True)

    def _refresh(self) -> None:
        count = len(self.canvas)
        classes = len(np.unique(self.canvas.labels))
        self.counter.setText(
            f"{count:,} point{'' if count == 1 else 's'}" + (f" · {classes} classes" if classes > 1 else "")
        )
        too_few = "" if count >= FEWEST else f"Draw at least {FEWEST} points; there are {count}."
        full = (
            f"{LIMIT:,} points is all a canvas holds. Erase some or lower the density." if self.canvas.refused else ""
        )
        self.message.setText(full or too_few)
        self.message.set_tint("error" if full else "dim")
        self.done_button.set_reason(too_few, "Train on these points")
        self.undo.setEnabled(self.canvas.can_undo)
        self.redo.setEnabled(self.canvas.can_redo)
        self.clear.setEnabled(count > 0)
        self.view.update()

    def finish(self) -> None:
        """Done: hand the points over; nothing happens with fewer than FEWEST."""
        self.view.end_stroke()
        if len(self.canvas) < FEWEST:
            return
        self._throttle.stop()
        self.hide()
        self.finished_painting.emit(self.canvas.point_set())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel, Esc and the window's own button: whoever was fed goes back."""
        self.view.end_stroke()
        self._throttle.stop()
        event.accept()
        if self.isVisible():
            self.cancelled.emit()
