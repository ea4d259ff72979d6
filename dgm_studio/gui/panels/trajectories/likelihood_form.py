"""The form of Likelihood: whose log p it is, how the way is solved, how the divergence is estimated."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.trajectories.likelihood_settings import PROBE_KNOBS, SOLVE_KNOBS, Settings
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

ANEW = "Look at the model as it is now, and weigh the point again (R)"


class LikelihoodForm(QWidget):
    """Signals say what a person wants; `show_...` says what holds."""

    source_wanted = Signal(str)
    again_wanted = Signal()
    setting_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=10)
        self._stack.addWidget(SectionHeader("Likelihood of", above=0))
        self.source = Combo("Model", "Whose log p it is: what was learned, or a known truth")
        self.source.activated.connect(lambda row: self.source_wanted.emit(str(self.source.itemData(row))))
        self.where = Label("", 12, 400, "dim", wrap=True)
        self.hint = Label("", 12, 400, "faint", wrap=True)
        self.again = Button("Weigh again", ANEW)
        self.again.clicked.connect(self.again_wanted)
        for widget in (self.source, self.where, self.hint, self.again, Hairline()):
            self._stack.addWidget(widget)
        self.solve = KnobForm("The way", "solves again", SOLVE_KNOBS)
        self.probes = KnobForm("Hutchinson's estimate", "draws again", PROBE_KNOBS)
        for form in (self.solve, self.probes):
            form.edited.connect(self.setting_wanted)
            self._stack.addWidget(form)
        self._stack.addStretch(1)
        self.show_words("", "")

    def show_sources(self, entries: Sequence[tuple[str, str]], current: str) -> None:
        """What has a log p, as (key, words); `current` is what is looked at."""
        shown = [(self.source.itemData(row), self.source.itemText(row)) for row in range(self.source.count())]
        if shown != list(entries):
            self.source.clear()
            for key, words in entries:
                self.source.addItem(words, key)
        self.source.setCurrentIndex(self.source.findData(current))

    def show_words(self, where: str, hint: str) -> None:
        """On which data and as of which step; what to do first."""
        self.where.setText(where)
        self.where.setVisible(bool(where))
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def show_settings(self, settings: Settings, no_way: str) -> None:
        """Read back; `no_way` is why nothing is solved ("" where it is)."""
        for form in (self.solve, self.probes):
            form.set_values(vars(settings))
            form.set_idle(dict.fromkeys(form.rows, no_way) if no_way else {})

    def show_stale(self, why: str) -> None:
        """Light the button up when the model has gone on since."""
        self.again.set_primary(bool(why))
        self.again.setToolTip(why or ANEW)
