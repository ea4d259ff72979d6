"""What every row of a form has in common.

A knob, its value, a Reset, a reason when it is greyed, a sentence when refused.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.buttons import IconButton
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.number_scale import range_text


class KnobRow(QWidget):
    """One knob. `edited(name, value)` only when a person changed it; `set_value` is silent."""

    edited = Signal(str, object)

    def __init__(self, knob: Knob, parent: QWidget | None = None, *, below: float = 0) -> None:
        super().__init__(parent)
        self.knob = knob
        self._value: Value = knob.default
        self._reason = ""
        self._also: Callable[[Value], str] = lambda value: ""
        self.stack = Stack(self, gap=2, pad=(0, 0, 0, below))
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        self.reset = IconButton("reset", f"Reset {knob.label}", "", size=13, tint="dim", off_tint="line")
        self.reset.clicked.connect(self._reset)

    def value(self) -> Value:
        """The checked value shown."""
        return self._value

    def set_value(self, value: Value) -> None:
        """Show a value read back from the model; no signal."""
        if value != self._value:
            self._refuse("")  # a refusal of what is being typed stays while the model's value does
        self._value = value
        self._show()
        self._update_reset()

    def set_reason(self, reason: str) -> None:
        """Grey the row and say why, or (empty) make it usable again."""
        if reason == self._reason and self.isEnabled() == (not reason):
            return  # a tooltip costs, and all rows are asked at every move of a slider
        self._reason = reason
        self.setEnabled(not reason)
        self._update_help()

    @property
    def help_text(self) -> str:
        """What the knob does, its range, its default."""
        knob = self.knob
        parts = [knob.help, range_text(knob)]
        return "\n".join(part for part in parts if part)

    def _show(self) -> None:
        """Put `self._value` into the controls."""

    def _default_text(self) -> str:
        return str(self.knob.default)

    def _finish(self) -> None:
        """Called at the end of a subclass's construction."""
        self.stack.addWidget(self.refusal)
        self.setAccessibleName(self.knob.label)
        self._update_help()
        self._show()
        self._update_reset()

    def _update_help(self) -> None:
        tip = self._reason or self.help_text
        for target in [self, *self._helped()]:
            target.setToolTip(tip)
            target.setAccessibleDescription(self._reason or self.knob.help)
        self.reset.setToolTip(self._reason or f"Back to the default, {self._default_text()}")

    def _helped(self) -> list[QWidget]:
        """The controls that carry the knob's help."""
        return []

    def _update_reset(self) -> None:
        self.reset.setEnabled(self._value != self.knob.default)

    def _edit(self, value: Value) -> None:
        """A person chose `value`, already checked."""
        self._refuse("")
        changed = value != self._value
        self._value = value
        self._update_reset()
        if changed:
            self.edited.emit(self.knob.name, value)

    def check_also(self, refusal: Callable[[Value], str]) -> None:
        """Refuse a value of the right type, too, where `refusal(value)` is a sentence: what other knobs forbid."""
        self._also = refusal

    def take(self, text: str) -> bool:
        """Take a text as a person typed it; False, and the sentence under the row, when it is refused."""
        try:
            value = self.knob.parse(text)
        except Refused as refused:
            self._refuse(str(refused))
            return False
        if sentence := self._also(value):
            self._refuse(sentence)
            return False
        self._edit(value)
        self._show()
        return True

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

    def _reset(self) -> None:
        if sentence := self._also(self.knob.default):
            self._refuse(sentence)
            return
        self._edit(self.knob.default)
        self._show()
