"""A card with one number that matters, and a list of small facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import RIGHT, rounded, smooth


class Card(QWidget):
    """A raised ground with rounded corners; give it a layout."""

    def __init__(self, ground: str = "raised", edge: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ground, self.edge = ground, edge
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = smooth(self)
        look = theme()
        rounded(painter, QRectF(self.rect()), look.px(8), look.colour(self.ground), look.colour(self.edge))
        painter.end()


class BigNumber(Card):
    """A name, a large value, and at the right a note on how it changed."""

    def __init__(self, name: str, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        stack = Stack(self, gap=4, pad=(14, 10, 14, 12))
        self.name = Label(name, 12.5, 400, "dim", wrap=True)
        line = Row(gap=8)
        self.value = Label("–", 22, 600, tabular=True)
        self.note = Label("", 11.5, 400, "dim", elide=True)
        line.addWidget(self.value)
        line.addStretch(1)
        line.addWidget(self.note)
        stack.addWidget(self.name)
        stack.addLayout(line)
        self.setToolTip(tooltip or name)
        self.setAccessibleName(name)

    def set_value(self, text: str, note: str = "", tone: str = "dim") -> None:
        """Value and note; `tone` exact for better, error for worse."""
        self.value.setText(text)
        self.note.setText(note)
        self.note.set_tint(tone)
        self.setAccessibleDescription(f"{text}. {note}")


class KeyValueList(QWidget):
    """Small facts: names left, values right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._cells: dict[str, tuple[Label, Label]] = {}
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self._grid.setVerticalSpacing(theme().px(6))
        self._grid.setHorizontalSpacing(theme().px(12))

    def set_items(self, items: Iterable[tuple[str, str]]) -> None:
        """Show these (name, value) lines; a value already shown under the same name changes in place."""
        lines = list(items)
        if [name for name, _ in lines] != list(self._cells):
            for pair in self._cells.values():
                for label in pair:
                    self._grid.removeWidget(label)
                    label.hide()
                    label.deleteLater()
            self._cells = {}
            for row, (name, _) in enumerate(lines):
                left = Label(name, 12.5, 400, "dim")
                right = Label("", 12.5, 600, tabular=True, elide=True)
                right.setAlignment(RIGHT)
                self._grid.addWidget(left, row, 0)
                self._grid.addWidget(right, row, 1)
                self._cells[name] = (left, right)
        for name, value in lines:
            self._cells[name][1].setText(value)

    def set_helps(self, helps: Mapping[str, str]) -> None:
        """What each line means, under the pointer."""
        for name, text in helps.items():
            for label in self._cells.get(name, ()):
                label.setToolTip(text)

    def items(self) -> dict[str, str]:
        """What is shown."""
        return {name: pair[1].full_text() for name, pair in self._cells.items()}
