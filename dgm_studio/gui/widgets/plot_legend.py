"""Which mark and colour is which part of a plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.sketch import DASHED, Plot
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import rounded, smooth

LINE, DASHES, DOT, AREA, OUTLINE = "line", "dashes", "dot", "area", "outline"


class Entry(NamedTuple):
    """A name, its colour, and how it is drawn."""

    name: str
    tone: str
    mark: str = LINE


def entries(plot: Plot) -> list[Entry]:
    """Everything in a plot that has a name, each once."""
    every = [
        *(Entry(one.name, one.tone, AREA) for one in plot.pictures if not one.cells),  # a table bears its name
        *(Entry(one.name, one.tone, AREA) for one in plot.bars),
        *(Entry(one.name, one.tone, DASHES if one.style == DASHED else LINE) for one in plot.lines),
        *(Entry(one.name, one.tone, DASHES) for one in plot.marks),
        *(Entry(one.name, one.tone, LINE) for one in plot.segments),
        *(Entry(one.name, one.tone, DOT) for one in plot.clouds),
    ]
    return list({(one.name, one.tone): one for one in reversed(every) if one.name}.values())[::-1]


class _Mark(QWidget):
    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(theme().px(14), theme().px(14))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        px, wide, middle = theme().px, self.width(), self.height() / 2
        colour = theme().colour(self._entry.tone)
        painter = smooth(self)
        match self._entry.mark:
            case "area":
                rounded(painter, QRectF(px(1), px(2), wide - 2 * px(1), wide - 2 * px(2)), px(2), colour)
            case "outline":
                edge = 1.4 * theme().scale
                box = QRectF(px(1), px(2), wide - 2 * px(1), wide - 2 * px(2)).adjusted(
                    edge / 2, edge / 2, -edge / 2, -edge / 2
                )
                rounded(painter, box, px(2.5), None, colour, edge)
            case "dot":
                rounded(painter, QRectF(px(4), middle - px(3), 2 * px(3), 2 * px(3)), px(3), colour)
            case "dashes":
                for left in (0, px(8)):
                    rounded(painter, QRectF(left, middle - px(1.5), px(6), px(3)), px(1), colour)
            case _:
                rounded(painter, QRectF(0, middle - px(1.5), wide, px(3)), px(1), colour)
        painter.end()


class PlotLegend(QWidget):
    """Marks with names, wrapping; hidden while empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(self, gap=14, line_gap=2)
        self._shown: list[Entry] = []
        self.hide()

    def show_entries(self, entries: Sequence[Entry]) -> bool:
        """These; False where they stand there already."""
        if list(entries) == self._shown:
            return False
        self._shown = list(entries)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for entry in entries:
            pair = QWidget()
            row = Row(pair, gap=6)
            row.addWidget(_Mark(entry))
            row.addWidget(Label(entry.name, 11, 500, "dim", elide=True), 1)
            self._flow.addWidget(pair)
        self.setVisible(bool(entries))
        return True
