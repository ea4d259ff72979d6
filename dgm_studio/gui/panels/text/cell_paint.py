"""How one token's cell is painted: quiet while masked, tinted by its probability when new, fading with age."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap, QPolygonF, QStaticText

from dgm_studio.gui.panels.text.film import AGAIN, LOCKED, MASKED, NEW
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.theme.tokens import Tokens
from dgm_studio.gui.widgets.painted import rounded

FADE = 6.0
"""Steps after which a token's tint is down by half of what it loses."""
OUTLINE = (1.0, 0.55, 0.3, 0.15)
"""How strong the outline of a new token is, by its age in steps."""
TINTS = 32
"""So many shades: a slow fade need not be painted again at every step."""
GIVEN = 1_000_000
"""The age of a token that no step brought: it stood there from the start, and is not tinted."""
LEAST_TINT, MOST_TINT = 0.13, 0.5


_TONES = {MASKED: "faint", AGAIN: "error"}


class Look(NamedTuple):
    """What one cell shows; equal looks are painted alike. `tint` is the accent's share in TINTS-ths."""

    text: str
    state: str
    tint: int
    outline: int
    selected: bool
    hovered: bool


def look_of(text: str, state: str, probability: float, age: int, *, selected: bool, hovered: bool) -> Look:
    """`age` in steps since it came to stand there."""
    tint = outline = 0
    if state not in (MASKED, AGAIN, LOCKED) and age < GIVEN:
        fresh = 2.0 ** (-age / FADE)
        share = LEAST_TINT + (MOST_TINT - LEAST_TINT) * max(0.0, min(1.0, probability)) * (0.35 + 0.65 * fresh)
        tint = round(TINTS * share)
        young = age < len(OUTLINE) and (age > 0 or state == NEW)
        outline = age + 1 if young else 0
    return Look(text, state, tint, outline, selected, hovered)


@lru_cache(maxsize=4096)
def _static(text: str, size: float, scale: float, wide: int) -> tuple[QStaticText, float, float]:
    """A word laid out once, shortened to `wide`, and its size."""
    del scale
    face = font(size)
    shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, wide)
    made = QStaticText(shown)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=face)
    return made, made.size().width(), made.size().height()


def paint_cell(painter: QPainter, cell: QRect, look: Look, size: float, *, vector: bool) -> None:
    """One cell. `size` is that of its letters in design pixels; the painter's font must be of that size. Unless it is
    to be a `vector` the body comes from a store of pictures, which is several times as fast."""
    px = theme().px
    if vector:
        _paint_body(painter, QRectF(cell), look)
    else:
        body = look._replace(text="", selected=False)
        scale = painter.device().devicePixelRatio()
        painter.drawPixmap(
            cell.topLeft(), _body(cell.width(), cell.height(), body, theme().tokens, theme().scale, scale)
        )
    if look.text:
        made, across, high = _static(look.text, size, theme().scale, cell.width() - px(4))
        painter.setPen(theme().colour(_TONES.get(look.state, "text")))
        middle = QRectF(cell).center()
        painter.drawStaticText(QPointF(middle.x() - across / 2, middle.y() - high / 2), made)
    if look.selected:
        inset, thick = 3 * theme().scale, theme().scale
        under = QRectF(cell.left() + inset, cell.bottom() - 2.4 * thick, cell.width() - 2 * inset, 2 * thick)
        rounded(painter, under, thick, theme().colour("text"))


@lru_cache(maxsize=4096)
def _body(wide: int, high: int, look: Look, tokens: Tokens, scale: float, ratio: float) -> QPixmap:
    del tokens, scale
    made = QPixmap(QSize(round(wide * ratio), round(high * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_body(painter, QRectF(0, 0, wide, high), look)
    painter.end()
    return made


def _paint_body(painter: QPainter, box: QRectF, look: Look) -> None:
    """Ground, tint and outline."""
    dress, px = theme(), theme().px
    radius = px(7) if box.width() > px(20) else px(4)
    if look.state in (MASKED, AGAIN):
        edge = dress.colour("error" if look.state == AGAIN else "line")
        rounded(painter, box, radius, dress.colour("panel"), edge, 1.2 * dress.scale)
    else:
        rounded(painter, box, radius, dress.colour("raised"))
    if look.state == LOCKED:
        _corner(painter, box)
    if look.tint:
        rounded(painter, box, radius, dress.colour("accent", look.tint / TINTS))
    if look.outline:
        rounded(painter, box, radius, None, dress.colour("sample", OUTLINE[look.outline - 1]), 1.6 * dress.scale)
    if look.hovered and not look.selected:
        rounded(painter, box, radius, None, dress.colour("border_hover"), 1.2 * dress.scale)


def _corner(painter: QPainter, box: QRectF) -> None:
    """The mark of a locked token: a small filled corner."""
    reach = theme().px(5)
    right, top = box.right() - theme().px(3), box.top() + theme().px(3)
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    painter.setBrush(theme().colour("faint"))
    painter.drawPolygon(QPolygonF([QPointF(right - reach, top), QPointF(right, top), QPointF(right, top + reach)]))
