"""Mathematics in one line: a label that sets x_t and y^2 as subscripts and superscripts."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from dgm_studio.gui.theme.theme import font, theme

_MARK = re.compile(r"([_^])(?:\{([^}]*)\}|(<[A-Za-z0-9]|[A-Za-z0-9θφγσμ*]+))")
_NAMES = {"sigma": "σ", "mu": "μ", "eps": "ε", "sum": "Σ", "integral": "∫", "grad": "∇", "argmin": "argmin"}


def as_mathematics(text: str) -> str:
    """Plain text as rich text: `_i`, `_{t-1}`, `^2` become indices, sigma and sum become signs."""
    for name, sign in _NAMES.items():
        text = re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z])", sign, text)
    text = text.replace(" - ", " − ")
    pieces, at = [], 0
    for found in _MARK.finditer(text):
        tag = "sub" if found.group(1) == "_" else "sup"
        inner = html.escape(found.group(2) or found.group(3))
        pieces += [html.escape(text[at : found.start()]), f"<{tag}>{inner}</{tag}>"]
        at = found.end()
    return "".join([*pieces, html.escape(text[at:])]).replace("  ", "&nbsp;&nbsp;&nbsp;")


class Formula(QLabel):
    """A formula at a design size; long ones wrap."""

    def __init__(self, size: float = 20, tint: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._tint = size, tint
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_formula(self, text: str) -> None:
        """Show this, written as plain text."""
        self.setText(as_mathematics(text))
        self.setAccessibleName(text)

    def _restyle(self) -> None:
        self.setFont(font(self._size, 500))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().colour(self._tint))
        self.setPalette(palette)
