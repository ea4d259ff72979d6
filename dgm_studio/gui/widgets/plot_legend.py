"""Which colour is which curve."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import rounded, smooth


class _Dash(QWidget):
    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(theme().px(14), theme().px(14))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        px = theme().px
        painter = smooth(self)
        rounded(
            painter,
            QRectF(0, self.height() / 2 - px(1.5), self.width(), px(3)),
            px(1),
            theme().colour(self._token),
        )
        painter.end()


class PlotLegend(QWidget):
    """Dashes with names, wrapping; hidden while empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(self, gap=14, line_gap=2)
        self._shown: list[tuple[str, str]] = []
        self.hide()

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """(name, token) of each curve."""
        if list(entries) == self._shown:
            return
        self._shown = list(entries)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name, token in entries:
            pair = QWidget()
            row = Row(pair, gap=6)
            row.addWidget(_Dash(token))
            row.addWidget(Label(name, 11, 500, "dim"))
            self._flow.addWidget(pair)
        self.setVisible(bool(entries))
