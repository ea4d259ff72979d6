"""The status line: small facts about the machine and the run."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import smooth

FIELDS = {
    "device": "Where the model computes",
    "state": "What the worker does",
    "steps": "Training steps a second",
    "frames": "Frames this window paints a second",
    "memory": "Memory of this program",
    "seed": "The seed all draws of this run come from",
}


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.token = "faint"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(theme().px(9), theme().px(18))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = smooth(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(self.token))
        reach = theme().px(4.5)
        painter.drawEllipse(QPointF(self.width() / 2, self.height() / 2), reach, reach)
        painter.end()


class StatusLine(Surface):
    """28 design pixels.

    `set_field(name, text)` shows one of device, state, steps, frames, memory, seed; "" hides it.
    """

    shortcuts_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg", parent)
        column = Stack(self, gap=0)
        column.addWidget(Hairline())
        row = Row(gap=16, pad=(24, 0, 20, 0))
        column.addLayout(row)
        self._dot = _Dot()
        self._dot.setToolTip(FIELDS["state"])
        self._fields: dict[str, Label] = {}
        for name, help_text in FIELDS.items():
            label = Label("", 12, 400, "dim", tabular=True, elide=name == "state")
            label.setToolTip(help_text)
            label.setAccessibleName(help_text)
            label.hide()
            self._fields[name] = label
            if name == "state":
                pair = Row(gap=5)
                pair.addWidget(self._dot)
                pair.addWidget(label)
                row.addLayout(pair)
            else:
                row.addWidget(label)
        self._dot.hide()
        row.addStretch(1)
        self.shortcuts = Button("? shortcuts", "All keys of this panel (?)", kind="link", tint="dim", weight=400)
        self.shortcuts.clicked.connect(self.shortcuts_clicked)
        row.addWidget(self.shortcuts)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(28) + 1)

    def set_field(self, name: str, text: str) -> None:
        """Show one fact, or hide it when empty."""
        label = self._fields[name]
        label.setText(text)
        label.setVisible(bool(text))
        own = self.layout()
        if own is not None:
            own.activate()  # now: a longer number would be cut off until the next turn of the event loop

    def set_state(self, text: str, token: str = "dim") -> None:
        """What the worker does, with a dot: exact when it runs, faint when idle, error when it failed."""
        self.set_field("state", text)
        self._dot.token = token
        self._dot.setVisible(bool(text))
        self._dot.update()

    def field(self, name: str) -> str:
        """What is shown."""
        return self._fields[name].full_text()
