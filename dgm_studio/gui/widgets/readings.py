"""The numbers of a scene: a name, what was measured with its doubt, and the exact answer in its own colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from dgm_studio.core.sketch import Reading
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.measured_text import factor, unit_text
from dgm_studio.gui.widgets.plain_number import plain
from dgm_studio.gui.widgets.readout import doubt_text


class ReadingRow(QWidget):
    """The name above; below it the measured value, and the exact one at the right. What is only known exactly has one
    line."""

    def __init__(self, name: str) -> None:
        super().__init__()
        stack = Stack(self, gap=1)
        self.name = Label(name, 12.5, 400, "dim", elide=True)
        self.alone = Label("", 12.5, 600, "exact", tabular=True)
        head, line = Row(gap=8), Row(gap=8)
        head.addWidget(self.name, 1)
        head.addWidget(self.alone)
        self.value = Label("", 13, 600, tabular=True)
        self.exact = Label("", 12.5, 500, "exact", tabular=True)
        line.addWidget(self.value)
        line.addStretch(1)
        line.addWidget(self.exact)
        stack.addLayout(head)
        stack.addLayout(line)

    def show_reading(self, reading: Reading, bits: bool = False) -> None:
        """Measured ± doubt and exact, whichever there is; nats as bits where wished."""
        by, unit = factor(reading, bits), unit_text(reading, bits)
        doubt = None if reading.doubt is None else reading.doubt * by
        measured = "" if reading.value is None else doubt_text(reading.value * by, doubt, unit)
        exact = "" if reading.exact is None else plain(reading.exact * by, 4)
        self.value.setText(measured)
        self.exact.setText(f"{reading.known} {exact}" if exact else "")
        self.alone.setText(f"{exact} {unit}" if exact and unit else exact)
        for label, on in ((self.value, bool(measured)), (self.exact, bool(measured and exact)),
                          (self.alone, not measured)):  # fmt: skip
            label.setVisible(on)
        self.setToolTip(reading.help)
        self.name.setAccessibleDescription(reading.help)


class Readings(QWidget):
    """One row a number; rows are made anew only when their names change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=10)
        self.rows: dict[str, ReadingRow] = {}

    def show_readings(self, readings: Sequence[Reading], bits: bool = False) -> None:
        """These, in this order; nats as bits where wished."""
        if [one.name for one in readings] != list(self.rows):
            for row in self.rows.values():
                self._stack.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = {one.name: ReadingRow(one.name) for one in readings}
            for row in self.rows.values():
                self._stack.addWidget(row)
        for one in readings:
            self.rows[one.name].show_reading(one, bits)
