"""The right column of the panel: measured numbers, their unit, a pinned reading beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from dgm_studio.core.card import Card
from dgm_studio.core.measured import NATS, Measured
from dgm_studio.gui.panels.divergences.pin import Pin
from dgm_studio.gui.widgets import big_number
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.measured_table import MeasuredTable, keyed
from dgm_studio.gui.widgets.measured_text import BITS, as_lines
from dgm_studio.gui.widgets.plot_legend import AREA, Entry, PlotLegend
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

UNITS = (
    (NATS, "nats", "Natural logarithms"),
    (BITS, "bits", "Logarithms to base 2: nats divided by log 2"),
)


COLUMNS = "95 % interval · noise floor"
"""What stands beside an estimate."""
BAR_PARTS = (
    Entry("exact", "exact"),
    Entry("95 % interval", "accent", AREA),
    Entry("noise floor", "band", AREA),
)
"""What is which in the bar below a measure's name."""


class Numbers(QWidget):
    """`changed` when the unit or the pin changes; `pin_wanted` when the numbers are to be kept."""

    changed = Signal()
    pin_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: tuple[Measured, ...] = ()
        self.pin: Pin | None = None
        self._titles: dict[str, str] = {}
        self._helps: dict[str, str] = {}
        stack = Stack(self, gap=8)
        self.header = SectionHeader("Measures", note=COLUMNS, above=0)
        self.units = Segments(UNITS)
        self.units.set_current(NATS)
        self.pin_button = Button("Pin", "Keep these numbers, to see new ones beside them")
        self.copy_button = Button("Copy", "Copy all numbers as a table for a spreadsheet")
        self.export_button = IconButton("export", "Export", "Export the plots or their curves (Ctrl+E)", size=15)
        tools = Row(gap=5)
        tools.addWidget(self.units)
        tools.addStretch(1)
        for button in (self.pin_button, self.copy_button, self.export_button):
            tools.addWidget(button)
        self.pin_card = big_number.Card()
        line = Row(self.pin_card, gap=8, pad=(12, 4, 4, 4))
        self.pin_words = Label("", 11.5, 400, "dim", wrap=True)
        self.clear_button = Button("Clear", "Take the pinned reading away", kind="link")
        line.addWidget(self.pin_words, 1)
        line.addWidget(self.clear_button)
        self.legend = PlotLegend()
        self.table = MeasuredTable()
        stack.addWidget(self.header)
        stack.addLayout(tools)
        stack.addWidget(self.pin_card)
        stack.addWidget(self.legend)
        stack.addWidget(self.table)
        self.pin_card.hide()
        self.hide()
        self.units.chosen.connect(lambda _: self._changed())
        self.pin_button.clicked.connect(self.pin_wanted)
        self.clear_button.clicked.connect(lambda: self.set_pin(None))
        self.copy_button.clicked.connect(self.copy)

    @property
    def bits(self) -> bool:
        """Whether nats are shown as bits."""
        return self.units.current() == BITS

    @property
    def in_bits(self) -> bool:
        """Whether the numbers of this scene are in bits: it has nats, and the switch is seen."""
        return self.bits and any(one.unit == NATS for one in self.found)

    def set_bits(self, on: bool) -> None:
        """Show bits, or nats; no signal."""
        self.units.set_current(BITS if on else NATS)
        self._draw()

    def set_cards(self, cards: Mapping[str, Card]) -> None:
        """What the measures are called."""
        self._titles = {name: card.title for name, card in cards.items()}
        self._helps = {name: _help(card) for name, card in cards.items()}

    def show_measured(self, found: Sequence[Measured]) -> None:
        """These; without any the whole part is away."""
        self.found = tuple(found)
        self.setVisible(bool(self.found))
        self.header.set_note(COLUMNS if any(one.n for one in self.found) else "")
        self.legend.show_entries(BAR_PARTS if any(one.n for one in self.found) else ())
        self.units.setVisible(any(one.unit == NATS for one in self.found))
        self._draw()

    def set_pin(self, pin: Pin | None) -> None:
        """Keep this reading beside the new numbers, or none."""
        self.pin = pin
        self._changed()

    def show_pin(self, pin: Pin | None) -> None:
        """The same, not by a person; no signal."""
        self.pin = pin
        self._draw()

    def copy(self) -> None:
        """All numbers to the clipboard, lines with tabs; what is pinned below them."""
        text = as_lines(self.found, self.titles(), self.bits)
        if self.pin is not None:
            text += f"\npinned: {self.pin.words}\n{as_lines(self.pin.found, self.titles(), self.bits)}"
        QGuiApplication.clipboard().setText(text)

    def titles(self) -> dict[str, str]:
        """Of all measures, by id."""
        return self._titles

    def _changed(self) -> None:
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        pin = self.pin
        if self.pin_card.isHidden() == (pin is not None):
            self.pin_card.setVisible(pin is not None)
        if pin is not None:
            self.pin_words.setText(f"Pinned with {pin.words}")
        pinned = keyed(pin.found) if pin is not None else {}
        self.table.show_measured(self.found, self._titles, self._helps, pinned, self.bits)


def _help(card: Card) -> str:
    source = " · ".join(part for part in (f"Lecture {card.lecture}" if card.lecture else "", card.paper) if part)
    return "\n".join(part for part in (f"{card.title}: {card.summary}", card.formula, source) if part)
