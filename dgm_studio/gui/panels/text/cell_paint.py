"""How one token's cell is painted: quiet while masked, tinted by its probability when new, fading with age."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPolygonF, QStaticText

from dgm_studio.gui.panels.text.film import AGAIN, LOCKED, MASKED, NEW
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.painted import rounded

FADE = 12.0
"""Steps after which a token's tint is down to 1 / e of what it loses."""
OUTLINE = (1.0, 0.55, 0.3, 0.15)
"""How strong the outline of a new token is, by its age in steps."""
LEAST_TINT, MOST_TINT = 0.13, 0.5


class Look(NamedTuple):
    """What one cell shows; equal looks are painted alike. `tint` is a 64th of the accent's share."""

    text: str
    state: str
    tint: int
    outline: int
    selected: bool
    hovered: bool


def look_of(text: str, state: str, probability: float, age: int, *, selected: bool, hovered: bool) -> Look:
    """`age` in steps since it came to stand there."""
    tint = outline = 0
    if state not in (MASKED, AGAIN, LOCKED):
        fresh = 2.0 ** (-age / FADE)
        share = LEAST_TINT + (MOST_TINT - LEAST_TINT) * max(0.0, min(1.0, probability)) * (0.35 + 0.65 * fresh)
        tint = round(64 * share)
        young = age < len(OUTLINE) and (age > 0 or state == NEW)
        outline = age + 1 if young else 0
    return Look(text, state, tint, outline, selected, hovered)


@lru_cache(maxsize=4096)
def _static(text: str, size: float, scale: float, wide: int, generation: int) -> tuple[QStaticText, float, float]:
    """A word laid out once, shortened to `wide`, and its size."""
    del scale, generation
    face = _face(size)
    shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, wide)
    made = QStaticText(shown)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=face)
    return made, made.size().width(), made.size().height()


def _face(size: float) -> QFont:
    from dgm_studio.gui.theme.theme import font

    return font(size)


def paint_cell(painter: QPainter, cell: QRect, look: Look, size: float) -> None:
    """One cell. `size` is that of its letters in design pixels; the painter's font must be of that size."""
    theme_, px = theme(), theme().px
    box, radius = QRectF(cell), px(7) if cell.width() > px(20) else px(4)
    tone = "text"
    if look.state in (MASKED, AGAIN):
        tone = "error" if look.state == AGAIN else "faint"
        edge = theme_.colour("error" if look.state == AGAIN else "line")
        rounded(painter, box, radius, theme_.colour("panel"), edge, 1.2 * theme_.scale)
    elif look.state == LOCKED:
        rounded(painter, box, radius, theme_.colour("raised"))
        _corner(painter, box)
    else:
        rounded(painter, box, radius, theme_.colour("raised"))
        rounded(painter, box, radius, theme_.colour("accent", look.tint / 64))
    if look.outline:
        edge = theme_.colour("sample", OUTLINE[look.outline - 1])
        rounded(painter, box, radius, None, edge, 1.6 * theme_.scale)
    if look.hovered and not look.selected:
        rounded(painter, box, radius, None, theme_.colour("border_hover"), 1.2 * theme_.scale)
    if look.text:
        wide = cell.width() - px(4)
        made, across, high = _static(look.text, size, theme_.scale, wide, 0)
        painter.setPen(theme_.colour(tone))
        painter.drawStaticText(QPointF(box.center().x() - across / 2, box.center().y() - high / 2), made)
    if look.selected:
        inset = 3 * theme_.scale
        under = QRectF(box.left() + inset, box.bottom() - 3.4 * theme_.scale, box.width() - 2 * inset, 2 * theme_.scale)
        rounded(painter, under, theme_.scale, theme_.colour("text"))


def _corner(painter: QPainter, box: QRectF) -> None:
    """The mark of a locked token: a small filled corner."""
    reach = theme().px(5)
    right, top = box.right() - theme().px(3), box.top() + theme().px(3)
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    painter.setBrush(theme().colour("faint"))
    painter.drawPolygon(QPolygonF([QPointF(right - reach, top), QPointF(right, top), QPointF(right, top + reach)]))
