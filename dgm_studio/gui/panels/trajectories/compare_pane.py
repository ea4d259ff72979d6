"""Films and the plot of their errors in one pane: the plot stands where it leaves the films the most room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

from dgm_studio.gui.panels.race.grid import StageGrid, columns_for
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_card import PlotCard

GAP = 10.0
HEAD = 22.0
"""The line above a film, in design pixels as all here."""
LEAST_TALL, MOST_TALL = 170.0, 240.0
LEAST_WIDE, MOST_WIDE = 200.0, 420.0
SHARE = 0.38
"""Of the pane that the plot takes, between these."""
ANY = 16_777_215
"""Qt's word for no limit."""


def beside(count: int, width: float, height: float) -> bool:
    """Whether `count` films are larger with the plot beside them than with the plot below them, by a tenth at least."""
    tall, wide = plot_size(width, height)
    below = _side(count, width, height - tall - GAP)
    return _side(count, width - wide - GAP, height) > 1.1 * below


def plot_size(width: float, height: float) -> tuple[float, float]:
    """How tall the plot is below the films, and how wide beside them."""
    tall = min(MOST_TALL, max(LEAST_TALL, SHARE * height))
    return tall, min(MOST_WIDE, max(LEAST_WIDE, SHARE * width))


def _side(count: int, width: float, height: float) -> float:
    """The shorter side of each film that is laid out in so much room."""
    columns = columns_for(count, width, height)
    return min(width / columns, height / -(-count // columns) - HEAD)


class ComparePane(QWidget):
    """What an export shows."""

    def __init__(self, grid: StageGrid, plot: PlotCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid, self.plot = grid, plot
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._box.addWidget(grid, 1)
        self._box.addWidget(plot)
        self._placed: tuple[bool, int] | None = None
        theme().changed.connect(self.arrange)
        self.arrange()

    def arrange(self) -> None:
        """The plot beside the films or below them, as there is room."""
        scale = theme().scale
        width, height = self.width() / scale, self.height() / scale
        right = beside(self.grid.count, width, height)
        tall, wide = plot_size(width, height)
        placed = right, theme().px(wide if right else tall)
        if placed == self._placed:
            return
        self._placed = placed
        self._box.setSpacing(theme().px(GAP))
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if right else QBoxLayout.Direction.TopToBottom)
        self.plot.set_wide(not right)
        self.plot.setMinimumSize(placed[1] if right else 0, 0 if right else placed[1])
        self.plot.setMaximumSize(placed[1] if right else ANY, ANY if right else placed[1])

    def show_heads(self, heads: Sequence[str], times: Sequence[float | None]) -> None:
        """Which film each is and what tells it from the others; the time of its frame where all have room for it."""
        shown: list[tuple[Label, str, str]] = []
        for place, (label, head, t) in enumerate(zip(self.grid.heads, heads, times, strict=False)):
            shown.append((label, f"{place + 1}  {head}", "" if t is None else f" · t {t:.2f}"))
        roomy = all(QFontMetrics(one.font()).horizontalAdvance(head + at) < one.width() for one, head, at in shown)
        for label, head, at in shown:
            label.setText(head + at if roomy else head)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(LEAST_WIDE), theme().px(LEAST_TALL))  # in less than both need, the plot goes beside

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self.arrange()
