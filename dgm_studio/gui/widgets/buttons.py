"""Buttons: a word, a link, an icon. The style sheet dresses them by their `kind`."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from dgm_studio.gui.theme.icons import icon
from dgm_studio.gui.theme.theme import font, theme

HIT = 26
"""The least height and width of anything one can click, design pixels."""


class Button(QPushButton):
    """A button with a word; `kind` is plain, primary (one a panel) or link. `tooltip` says what it does."""

    def __init__(
        self,
        text: str,
        tooltip: str,
        *,
        kind: str = "plain",
        icon_name: str = "",
        tint: str = "",
        size: float = 12,
        weight: int = 500,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name, self._size, self._weight, self._kind = icon_name, size, weight, kind
        self._tint = tint or {"primary": "on_accent", "link": "accent"}.get(kind, "text")
        self.setProperty("kind", kind)
        if tint:
            self.setProperty("tint", tint)
        self.setToolTip(tooltip)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if kind == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.restyle)
        self.restyle()

    def set_primary(self, on: bool) -> None:
        """Light up as the action to take now, or be a plain button again."""
        kind = "primary" if on else "plain"
        if kind != self._kind:
            self._kind, self._tint = kind, "on_accent" if on else "text"
            self.setProperty("kind", kind)
            self.style().polish(self)
            self.restyle()

    def restyle(self) -> None:
        """Take the present font and icon colour."""
        self.setFont(font(self._size, self._weight))
        if self._icon_name:
            self.setIcon(icon(self._icon_name, self._tint, 14))
            self.setIconSize(QSize(theme().px(14), theme().px(14)))

    def set_reason(self, reason: str, tooltip: str) -> None:
        """Grey with the reason as tooltip, or (empty reason) usable with its own tooltip."""
        self.setEnabled(not reason)
        self.setToolTip(reason or tooltip)


class IconButton(QToolButton):
    """An icon alone, 26 design pixels or more; `name` is what a screen reader says."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        tooltip: str,
        *,
        size: float = 16,
        hit: float = HIT,
        tint: str = "dim",
        off_tint: str = "disabled",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._size, self._hit, self._tint = icon_name, size, max(hit, HIT), tint
        self._off_tint = off_tint
        self.setProperty("kind", "icon")
        self.setToolTip(tooltip)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme().changed.connect(self.restyle)
        self.restyle()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self.restyle()

    def restyle(self) -> None:
        """Take the present size and colour."""
        px = theme().px
        self.setIcon(icon(self._icon_name, self._tint, self._size, off_token=self._off_tint))
        self.setIconSize(QSize(px(self._size), px(self._size)))
        self.setFixedSize(px(self._hit), px(self._hit))
