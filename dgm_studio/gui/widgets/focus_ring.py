"""The focus ring's rule, for every widget that paints itself: seen when focus came from the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFocusEvent

from dgm_studio.gui.widgets.painted import KEYBOARD

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Widget
else:
    _Widget = object  # Qt's classes cannot be inherited twice; the widget's own comes after this one


class FocusRing(_Widget):
    """Stands before the Qt class among a widget's bases; where `ringed` is true its paintEvent draws
    `painted.ring`."""

    _by_keyboard = False

    @property
    def ringed(self) -> bool:
        """Whether the ring is to be seen now."""
        return self._by_keyboard and self.hasFocus()

    def focusInEvent(self, event: QFocusEvent, /) -> None:
        self._by_keyboard = event.reason() in KEYBOARD
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent, /) -> None:
        super().focusOutEvent(event)
        self.update()
