"""A knob that is on or off."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.switch import Switch


class SwitchRow(KnobRow):
    """Name left, Reset, switch right."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        line = Row(gap=4, pad=(0, 4, 0, 4))
        self.switch = Switch(knob.label, knob.help)
        line.addWidget(Label(knob.label, 13, 400, "dim", elide=True), 1)
        line.addWidget(self.reset)
        line.addWidget(self.switch)
        self.stack.addLayout(line)
        self.switch.clicked.connect(lambda on: self._edit(bool(on)))
        self._finish()

    def _show(self) -> None:
        self.switch.setChecked(bool(self._value))

    def _helped(self) -> list[QWidget]:
        return [self.switch]

    def _default_text(self) -> str:
        return "on" if self.knob.default else "off"
