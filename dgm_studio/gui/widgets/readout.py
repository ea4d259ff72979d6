"""Numbers one can believe: a value with its doubt, and a bar that shows how much of it is noise."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import RIGHT, rounded, smooth, width_of, words
from dgm_studio.gui.widgets.plain_number import plain


def doubt_text(value: float, doubt: float | None = None, unit: str = "") -> str:
    """ "0.041 ± 0.006 nats": the doubt has one or two figures and the value as many decimals."""
    tail = f" {unit}" if unit else ""
    if not math.isfinite(value) or doubt is None or not math.isfinite(doubt) or doubt <= 0:
        return plain(value) + tail
    decimals = max(0, -math.floor(math.log10(doubt)))
    return f"{value:,.{decimals}f} ± {doubt:,.{decimals}f}{tail}"


class Readout(QWidget):
    """Name left, value right, a thin bar below; the grey part of the bar is the noise floor."""

    def __init__(self, name: str, unit: str = "", tooltip: str = "", *, tone: str = "accent",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.name, self.unit, self._tone, self._help = name, unit, tone, tooltip or name
        self.text = "–"
        self._value: float | None = None
        self._floor: float | None = None
        self._floor_of = ""
        self._mark: float | None = None
        self._high = 1.0
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()
        self._explain()

    def set_value(
        self,
        value: float | None,
        *,
        doubt: float | None = None,
        floor: float | None = None,
        high: float = 1.0,
        mark: float | None = None,
        text: str | None = None,
        floor_of: str = "two fresh samples of the truth",
    ) -> None:
        """A value with half-width `doubt`, noise `floor`, the bar's right end `high`, a reference `mark`;
        `floor_of` says how the floor was had.

        None for the value shows a dash (not measured yet). `text` replaces the text made from the numbers.
        """
        self._value, self._floor, self._mark, self._high = value, floor, mark, max(high, 1e-12)
        self.text = text if text is not None else "–" if value is None else doubt_text(value, doubt, self.unit)
        self._floor_of = floor_of
        self._explain()
        self.update()

    def set_tone(self, token: str) -> None:
        """The bar's colour."""
        self._tone = token
        self.update()

    def _explain(self) -> None:
        noise = "" if self._floor is None else f"\nNoise floor: {self._floor:.3g} ({self._floor_of})"
        self.setToolTip(f"{self._help}\n{self.name}: {self.text}{noise}")
        self.setAccessibleDescription(f"{self.text}. {self._help}")

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(38))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(38))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        usable = self.isEnabled()
        face = font(12.5, 600, tabular=True)
        room = min(width_of(self.text, face), self.width())
        words(painter, QRect(self.width() - room, 0, room, px(22)), self.text, face,
              look.colour("text" if usable and self._value is not None else "faint"), RIGHT)  # fmt: skip
        words(painter, QRect(0, 0, self.width() - room - px(8), px(22)), self.name, font(12.5),
              look.colour("dim" if usable else "disabled"))  # fmt: skip
        track = QRectF(0, px(25), self.width(), px(5))
        radius = track.height() / 2
        rounded(painter, track, radius, look.colour("line"))
        painter.save()
        if self._value is not None and usable:
            filled = QRectF(track)
            filled.setWidth(max(track.height(), track.width() * self._share(self._value)))
            rounded(painter, filled, radius, look.colour(self._tone))
        if self._floor is not None and self._floor > 0 and usable:
            band = QRectF(track)
            band.setWidth(max(track.height(), track.width() * self._share(self._floor)))
            rounded(painter, band, radius, look.colour("band"))
        painter.restore()
        if self._mark is not None and usable:
            x = track.width() * self._share(self._mark)
            painter.setPen(QPen(look.colour("text"), 2 * look.scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(round(x), round(track.top() - px(3)), round(x), round(track.bottom() + px(3)))
        painter.end()

    def _share(self, number: float) -> float:
        return min(1.0, max(0.0, number / self._high)) if math.isfinite(number) else 1.0
