"""Icons: our own 24x24 strokes in resources/icons, tinted with a token when they are drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from dgm_studio.gui.theme.resources import resource
from dgm_studio.gui.theme.theme import theme

_RATIO = 2.0  # drawn at twice the size, so that it stays sharp on dense screens


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str, size: int) -> QPixmap:
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    made = QPixmap(QSize(round(size * _RATIO), round(size * _RATIO)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(_RATIO)
    return made


def pixmap(name: str, token: str = "dim", size: float = 24) -> QPixmap:
    """The icon at `size` design pixels in a token's colour of the present theme."""
    return _drawn(name, theme().tokens.colour(token), theme().px(size))


def icon(name: str, token: str = "dim", size: float = 24, *, off_token: str = "disabled") -> QIcon:
    """The same as a QIcon; its disabled state has the disabled colour. Ask again when the theme changes."""
    made = QIcon(pixmap(name, token, size))
    made.addPixmap(pixmap(name, off_token, size), QIcon.Mode.Disabled)
    return made


def app_icon() -> QIcon:
    """The application's own icon."""
    return QIcon(str(resource("icons", "app.png")))
