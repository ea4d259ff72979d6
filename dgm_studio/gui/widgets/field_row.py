"""A knob without two bounds, or a text: name left, a field right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.number_scale import plain_text, without_unit
from dgm_studio.gui.widgets.text_field import TextField


class FieldRow(KnobRow):
    """Type a value and press Enter; what is refused stays in the field with its sentence below."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        line = Row(gap=4, pad=(0, 4, 0, 4))
        self.field = TextField()
        self.field.setAccessibleName(knob.label)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight if knob.type is not str else Qt.AlignmentFlag.AlignLeft)
        line.addWidget(Label(knob.label, 13, 400, "dim", elide=True), 1)
        line.addWidget(self.reset)
        line.addWidget(self.field)
        if knob.unit:
            line.addWidget(Label(knob.unit, 12, 400, "faint"))
        self.stack.addLayout(line)
        self.field.editingFinished.connect(self._typed)
        theme().changed.connect(self._rescale)
        self._rescale()
        self._finish()

    def _rescale(self) -> None:
        self.field.setFont(font(13, 500, tabular=True))
        self.field.setFixedWidth(theme().px(176 if self.knob.type is str else 112))

    def _typed(self) -> None:
        text = self.field.text()
        fine = self.take(text if self.knob.type is str else without_unit(self.knob, text))
        self.field.setProperty("invalid", not fine)
        self.field.style().polish(self.field)

    def _show(self) -> None:
        is_text = self.knob.type is str
        self.field.setText(str(self._value) if is_text else plain_text(self.knob, self._value))

    def _helped(self) -> list[QWidget]:
        return [self.field]
