"""A form made from a knob set's declaration: nothing about a family is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.choice_row import ChoiceRow
from dgm_studio.gui.widgets.field_row import FieldRow
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.section import GroupHeader
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.gui.widgets.switch_row import SwitchRow


def row_for(knob: Knob) -> KnobRow:
    """The row that suits a knob: switch, choice, slider where it has both bounds, else a field."""
    if knob.type is bool:
        return SwitchRow(knob)
    if knob.choices:
        return ChoiceRow(knob)
    if knob.type in (int, float) and knob.low is not None and knob.high is not None:
        return SliderRow(knob)
    return FieldRow(knob)


class KnobForm(QWidget):
    """A group's head with its cost, and a row for each knob.

    `edited(name, value)` when a person changes one.
    """

    edited = Signal(str, object)

    def __init__(self, title: str, consequence: str, knobs: Iterable[Knob], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reason = ""
        stack = Stack(self, gap=0)
        self.header = GroupHeader(title, consequence)
        stack.addWidget(self.header)
        self.rows: dict[str, KnobRow] = {}
        for knob in knobs:
            row = row_for(knob)
            row.edited.connect(self._edited)
            self.rows[knob.name] = row
            stack.addWidget(row)
        self._grey()

    def values(self) -> dict[str, Value]:
        """Every knob's value, also of greyed rows."""
        return {name: row.value() for name, row in self.rows.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show values read back from the model.

        Knobs not named keep theirs, names not here are passed over.
        """
        for name, value in values.items():
            if name in self.rows:
                self.rows[name].set_value(value)
        self._grey()

    def reset_values(self) -> None:
        """Show all defaults; no signal."""
        self.set_values({name: row.knob.default for name, row in self.rows.items()})

    def set_enabled_reason(self, reason: str) -> None:
        """Grey the whole form and say why, or (empty) make it usable again."""
        self._reason = reason
        self._grey()

    def _edited(self, name: str, value: object) -> None:
        self._grey()
        self.edited.emit(name, value)

    def _grey(self) -> None:
        for row in self.rows.values():
            row.set_reason(self._reason or self._without_effect(row.knob))

    def _without_effect(self, knob: Knob) -> str:
        if knob.when is None or knob.when[0] not in self.rows:
            return ""
        other, wanted = self.rows[knob.when[0]], knob.when[1]
        if other.isEnabled() and other.value() in wanted:
            return ""
        labels = {choice.id: choice.label for choice in other.knob.choices}
        words = [
            ("on" if value else "off") if isinstance(value, bool) else labels.get(str(value), str(value))
            for value in wanted
        ]
        return f"{knob.label} has an effect only when {other.knob.label} is {' or '.join(words)}."
