"""A form made from a knob set's declaration: nothing about a family is written here."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.choice_row import ChoiceRow
from dgm_studio.gui.widgets.curve_editor import JUDGES, CurveEditor
from dgm_studio.gui.widgets.field_row import FieldRow
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.section import GroupHeader
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.gui.widgets.switch_row import SwitchRow

MANY = 8
"""Of a knob with more choices only the settings of the chosen one are in sight."""


def row_for(knob: Knob, *, spread: bool = False) -> KnobRow:
    """The row that suits a knob: switch, choice (`spread`: all in sight), slider where it has both bounds, else a
    field."""
    if knob.type is bool:
        return SwitchRow(knob)
    if knob.choices:
        return ChoiceRow(knob, spread=spread)
    if knob.type in (int, float) and knob.low is not None and knob.high is not None:
        return SliderRow(knob)
    return FieldRow(knob)


def _is_text(knob: Knob) -> bool:
    return knob.type is str and not knob.choices


class KnobForm(QWidget):
    """A group's head with its cost, and a row for each knob.

    `edited(name, value)` when a person changes one. A `brief` form hides rows that have no effect now instead of
    greying them, and free texts, which a person edits on a plot. `spread` are knobs all of whose choices are in sight.
    """

    edited = Signal(str, object)

    def __init__(
        self, title: str, consequence: str, knobs: Iterable[Knob], parent: QWidget | None = None, *,
        brief: bool = False, spread: Container[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._reason, self._brief = "", brief
        self._idle: dict[str, str] = {}
        stack = Stack(self, gap=0)
        self.header = GroupHeader(title, consequence)
        stack.addWidget(self.header)
        self.rows: dict[str, KnobRow] = {}
        for knob in knobs:
            row = row_for(knob, spread=knob.name in spread)
            row.edited.connect(self._edited)
            self.rows[knob.name] = row
            stack.addWidget(row)
        self.editors: list[CurveEditor] = []
        for kind in dict.fromkeys(row.knob.curve for row in self.rows.values() if row.knob.curve):
            drawn = [row for row in self.rows.values() if row.knob.curve == kind]
            editor = CurveEditor(drawn, JUDGES[kind])
            self.editors.append(editor)
            stack.insertWidget(stack.indexOf(drawn[-1]) + 1, editor)
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
        for editor in self.editors:
            editor.refresh()
        self._grey()

    def reset_values(self) -> None:
        """Show all defaults; no signal."""
        self.set_values({name: row.knob.default for name, row in self.rows.items()})

    def set_enabled_reason(self, reason: str) -> None:
        """Grey the whole form and say why, or (empty) make it usable again."""
        self._reason = reason
        self._grey()

    def set_idle(self, reasons: Mapping[str, str]) -> None:
        """Grey the knobs named that do nothing for the present model, and say why; names not here are passed over."""
        self._idle = dict(reasons)
        self._grey()

    def set_unfit(self, name: str, reasons: Mapping[str, str]) -> None:
        """Grey those choices of a knob that do not fit the present model, each with its reason."""
        row = self.rows.get(name)
        if isinstance(row, ChoiceRow):
            row.set_unfit(reasons)

    def _edited(self, name: str, value: object) -> None:
        self._grey()
        self.edited.emit(name, value)

    def _grey(self) -> None:
        for row in self.rows.values():
            if self._brief:
                row.set_reason(self._reason)
                row.setVisible(not _is_text(row.knob) and self.matters(row.knob))
            else:
                row.set_reason(self._reason or self._idle.get(row.knob.name) or self._without_effect(row.knob))
                if self._one_of_many(row.knob):
                    row.setVisible(self.matters(row.knob))
        for editor in self.editors:  # a curve without effect is not worth the room
            editor.setVisible(all(row.isEnabledTo(self) for row in editor.rows))

    def matters(self, knob: Knob) -> bool:
        """Whether it has an effect now: what it depends on stands right, and matters itself."""
        if knob.when is None or knob.when[0] not in self.rows:
            return True
        other = self.rows[knob.when[0]]
        return other.value() in knob.when[1] and self.matters(other.knob)

    def _one_of_many(self, knob: Knob) -> bool:
        """Whether it is a setting of a few among many choices, such as a solver's: greyed, they would fill the form."""
        other = self.rows.get(knob.when[0]) if knob.when is not None else None
        return other is not None and len(other.knob.choices) > MANY

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
