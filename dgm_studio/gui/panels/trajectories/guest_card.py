"""How another program's model is run: what was concluded of its file, and a way to choose otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import Conclusion
from dgm_studio.gui.panels.checkpoints.running import YOURS
from dgm_studio.gui.panels.checkpoints.settings_card import ConclusionRow
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.section import SectionHeader


class GuestCard(QWidget):
    """A row for each setting that may be chosen otherwise; the film is made anew then."""

    chosen = Signal(str, object)
    """A setting's name and another value; None goes back to what was found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, ConclusionRow] = {}
        self._shape: tuple[tuple[str, tuple[str, ...]], ...] = ()
        stack = Stack(self, gap=8)
        stack.addWidget(SectionHeader("How it is run", note="films again"))
        self._lines = Stack(gap=8)
        stack.addLayout(self._lines)

    def show_settings(self, settings: tuple[Conclusion, ...], choice: Mapping[str, str]) -> None:
        """These, as they are used; `choice` are those that a person chose."""
        settings = tuple(one for one in settings if one.options)
        shape = tuple((one.name, one.options) for one in settings)
        if shape != self._shape:
            self._shape = shape
            self._build(settings)
        for one in settings:
            known = one if one.name not in choice else replace(one, source=YOURS)
            self.rows[one.name].show_value(known, found=known is one)

    def _build(self, settings: tuple[Conclusion, ...]) -> None:
        for row in self.rows.values():
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {one.name: ConclusionRow(one, self) for one in settings}
        for name, row in self.rows.items():
            row.chosen.connect(partial(self.chosen.emit, name))
            row.reset_wanted.connect(partial(self.chosen.emit, name, None))
            self._lines.addWidget(row)
