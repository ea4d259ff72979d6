"""Hands: who may take a left press on a stage for itself."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt


class Hand(Protocol):
    """A place is (x, y) in model units. Until the button is up all belongs to the hand that took the press."""

    def takes(self, x: float, y: float, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether a press there is its own."""

    def press(self, x: float, y: float) -> None:
        """It was."""

    def drag(self, x: float, y: float) -> None:
        """The pointer moved on, with the button down."""

    def release(self, x: float, y: float) -> None:
        """The button is up."""
