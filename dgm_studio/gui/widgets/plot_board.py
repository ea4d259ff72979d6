"""The plots of a sketch: the first one large, the others in a row below it, or beside it where it is low."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.sketch import Plot
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.plot_card import PlotCard

LARGE, SMALL = 11, 9
"""How the height is shared."""
LOW = 330
"""Design pixels of height under which two rows would leave no room for curves: all plots stand in one."""


class PlotBoard(QWidget):
    """`show_plots(plots)`; `edited({knob: value})` when a person works on one of them."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[PlotCard] = []
        self.paints = 0
        """Sketches drawn, for the status line."""
        self._knobs: Mapping[str, Knob] = {}
        self._values: Callable[[], Mapping[str, Value]] = dict
        self._stack = Stack(self, gap=10)
        self._below = QWidget()
        self._row = Row(self._below, gap=14)
        self._stack.addWidget(self._card(wide=True), LARGE)
        self._stack.addWidget(self._below, SMALL)
        self._below.hide()
        self.setFocusProxy(self.cards[0].plot)

    def _card(self, *, wide: bool = False) -> PlotCard:
        card = PlotCard(wide=wide)
        card.offer(self._knobs, self._values)
        card.edited.connect(self.edited)
        self.cards.append(card)
        return card

    def shown(self) -> list[PlotCard]:
        """The cards in which something is drawn, in order."""
        return [card for card in self.cards if card.shown is not None and not card.isHidden()]

    def offer(self, knobs: Mapping[str, Knob], values: Callable[[], Mapping[str, Value]]) -> None:
        """What can be set on the plots, and how it now stands."""
        self._knobs, self._values = knobs, values
        for card in self.cards:
            card.offer(knobs, values)

    def show_plots(self, plots: Sequence[Plot]) -> None:
        """These, in this order."""
        self.paints += 1
        while len(self.cards) < len(plots):
            self._row.addWidget(self._card(), 1)
        for card, plot in zip(self.cards, plots, strict=False):
            card.set_plot(plot)
        for place, card in enumerate(self.cards):
            if card.isHidden() == (place < len(plots)):
                card.setHidden(place >= len(plots))
        if self._below.isHidden() == (len(plots) > 1):
            self._below.setHidden(len(plots) <= 1)
        self._lay_out()
        self._align()

    def _lay_out(self) -> None:
        """One row or two."""
        low = self.height() < theme().px(LOW)
        ways = QBoxLayout.Direction
        self._stack.setDirection(ways.LeftToRight if low else ways.TopToBottom)
        self.cards[0].set_wide(not low)
        others = sum(not card.isHidden() for card in self.cards[1:])
        self._stack.setStretch(0, 1 if low else LARGE)
        self._stack.setStretch(1, others if low else SMALL)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._lay_out()
        QTimer.singleShot(0, self, self._align)  # when the cards have their widths

    def _align(self) -> None:
        """The legends of a row get the height of the tallest."""
        low = self._stack.direction() == QBoxLayout.Direction.LeftToRight
        row = [card.legend for card in self.cards[0 if low else 1 :] if not card.isHidden()]
        room = self.width() if low else self._below.width()
        wide = (room - self._row.spacing() * (len(row) - 1)) // max(1, len(row))
        tallest = max((legend.heightForWidth(wide) for legend in row), default=0)
        for legend in row:
            if legend.minimumHeight() != tallest:
                legend.setMinimumHeight(tallest)
