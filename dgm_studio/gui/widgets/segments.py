"""A choice among a few short words, side by side."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QWidget

from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.flow import Flow


class Segments(QWidget):
    """Buttons of which one is down; `chosen(id)` when a person presses another. Arrows move along."""

    chosen = Signal(str)

    def __init__(
        self, options: Iterable[tuple[str, str, str]], *, right: bool = False, gap: float = 5,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`options` are (id, word, tooltip)."""
        super().__init__(parent)
        flow = Flow(self, gap=gap, line_gap=5, right=right)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, Button] = {}
        for key, word, tooltip in options:
            button = Button(word, tooltip or word)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            flow.addWidget(button)

    def current(self) -> str:
        """The id that is down, or "" while none is."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Press one without telling anybody."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)

    def set_reason(self, key: str, reason: str, tooltip: str) -> None:
        """Grey one with a reason."""
        self.buttons[key].set_reason(reason, tooltip)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        keys = [key for key, button in self.buttons.items() if button.isEnabled()]
        if not step or self.current() not in keys:
            super().keyPressEvent(event)
            return
        key = keys[(keys.index(self.current()) + step) % len(keys)]
        self.set_current(key)
        self.buttons[key].setFocus(Qt.FocusReason.TabFocusReason)
        self.chosen.emit(key)
