"""A knob that picks from a list: up to four short words side by side, else a drop-down."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import width_of
from dgm_studio.gui.widgets.segments import Segments

FEW = 4
COLUMN = 256
"""Room in a form column between its paddings, design pixels."""


class ChoiceRow(KnobRow):
    """Segments on the name's line when they fit there, below it when they do not, a combo for

    many or long words, unless they are `spread`.
    """

    def __init__(self, knob: Knob, parent: QWidget | None = None, *, spread: bool = False) -> None:
        super().__init__(knob, parent, below=7)
        self._unfit: dict[str, str] = {}
        self.segments: Segments | None = None
        self.combo: Combo | None = None
        head = Row(gap=4, pad=(0, 2, 0, 0))
        head.addWidget(Label(knob.label, 13, 400, "dim", elide=True), 1)
        head.addWidget(self.reset)
        self.stack.addLayout(head)
        scale = theme().scale
        wide = [width_of(choice.label, font(12, 500)) / scale + 22 + 5 for choice in knob.choices]
        if spread or (len(knob.choices) <= FEW and sum(wide) <= 1.6 * COLUMN):
            beside = width_of(knob.label, font(13)) / scale + 36 + sum(wide) <= COLUMN
            self.segments = Segments([(choice.id, choice.label, choice.help) for choice in knob.choices], right=beside)
            self.segments.chosen.connect(self._chosen)
            if beside:
                head.addWidget(self.segments, 0)
            else:
                self.stack.addWidget(self.segments)
        else:
            self.combo = Combo(knob.label, knob.help)
            for choice in knob.choices:
                self.combo.addItem(choice.label, choice.id)
            self.combo.activated.connect(lambda row: self._chosen(knob.choices[row].id))
            self.stack.addWidget(self.combo)
        self._finish()

    def set_unfit(self, reasons: Mapping[str, str]) -> None:
        """Grey the choices named, each with its reason; one that is chosen stays so."""
        self._unfit = dict(reasons)
        if self.combo is not None:
            self.combo.set_unfit(reasons, {choice.id: choice.help for choice in self.knob.choices})
        self._update_help()

    def _chosen(self, key: str) -> None:
        self._edit(key)

    def _show(self) -> None:
        if self.segments is not None:
            self.segments.set_current(str(self._value))
        if self.combo is not None:
            self.combo.setCurrentIndex(self.combo.findData(str(self._value)))

    def _update_help(self) -> None:
        super()._update_help()
        if self.segments is not None:
            for choice in self.knob.choices:
                help = choice.help or f"{self.knob.label}: {choice.label}. {self.knob.help}"
                self.segments.set_reason(choice.id, self._unfit.get(choice.id, ""), self._reason or help)

    def _helped(self) -> list[QWidget]:
        return [control for control in (self.segments, self.combo) if control is not None]

    def _default_text(self) -> str:
        labels = {choice.id: choice.label for choice in self.knob.choices}
        return labels.get(str(self.knob.default), str(self.knob.default))
