"""Tab through what was made late: it comes after everything else in the window until it is put in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_through(before: QWidget, *roots: QWidget) -> None:
    """Tab goes from `before` through all that takes focus in these widgets, in the order in which it was made. What
    opens in a window of its own, a list that drops down, is left out."""
    for root in roots:
        for part in (root, *root.findChildren(QWidget)):
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.window() is before.window() and part is not before:
                QWidget.setTabOrder(before, part)
                before = part


def tab_before(widget: QWidget) -> QWidget:
    """What takes the focus before all that is in `widget`."""
    found = widget.previousInFocusChain()
    while found is not None and found is not widget and not (found.focusPolicy() & Qt.FocusPolicy.TabFocus):
        found = found.previousInFocusChain()
    return found or widget
