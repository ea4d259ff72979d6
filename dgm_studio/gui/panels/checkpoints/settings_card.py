"""How the open model is run: everything that was concluded of the file, where from, and what may be chosen instead."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import PICTURES, Conclusion
from dgm_studio.core.knobs import Knob
from dgm_studio.gui.panels.checkpoints.elsewhere import PANELS
from dgm_studio.gui.panels.checkpoints.running import ASSUMED, YOURS, Running
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import RIGHT, width_of
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.switch_row import SwitchRow

FOLLOW = Knob(
    "follow", bool, False, "Follow the folder",
    "A newer checkpoint that a training run writes beside this one is opened in its place, with the same seeds.",
)  # fmt: skip
TITLE, COMBO = 84, 138
"""Design pixels: a name so short has its choice beside it, so wide."""

WORDS = {
    "epsilon": "ε, the noise",
    "sample": "x₁, the clean picture",
    "v_prediction": "v = a x₀ − s x₁",
    "eps-x0": "noise − data",
    "x0-eps": "data − noise",
    "ema": "EMA, averaged",
    "raw": "raw, as trained",
}
"""What values are called."""


class ConclusionRow(QWidget):
    """Title, value or the choice of it, Reset; below, where it is from. `chosen(value)` and `reset_wanted`."""

    chosen = Signal(str)
    reset_wanted = Signal()

    def __init__(self, one: Conclusion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = one.name
        self.combo: Combo | None = None
        self.value = Label("", 12.5, 600, "text", elide=True)
        stack = Stack(self, gap=0, pad=(0, 2, 0, 4))
        line = Row(gap=6)
        line.addWidget(Label(one.title, 13, 400, "dim", elide=True), 1)
        self.reset = IconButton("reset", f"Reset {one.title}", "Back to what was found", size=13, off_tint="line")
        self.reset.clicked.connect(self.reset_wanted)
        stack.addLayout(line)
        self._beside = width_of(one.title, font(13)) <= theme().px(TITLE)
        if one.options:
            line.addWidget(self.reset)
            self.combo = Combo(one.title, f"{one.title}: choose otherwise, and the model is built anew")
            for option in one.options:
                self.combo.addItem(WORDS.get(option, option), option)
            self.combo.activated.connect(lambda place: self.chosen.emit(one.options[place]))
            (line if self._beside else stack).addWidget(self.combo)
            theme().changed.connect(self._rescale)
            self._rescale()
        else:
            self.value.setAlignment(RIGHT)
            line.addWidget(self.value)
        self.badge = Label("", 11.5, 400, "faint", elide=True)
        stack.addWidget(self.badge)
        self.show_value(one, found=True)

    def _rescale(self) -> None:
        if self.combo is not None and self._beside:
            self.combo.setFixedWidth(theme().px(COMBO))

    def show_value(self, one: Conclusion, *, found: bool) -> None:
        """The value as it is used, its source, and whether it is what was found."""
        text = "on" if one.value is True else "off" if one.value is False else str(one.value)
        self.value.setText(WORDS.get(text, text))
        if self.combo is not None:
            place = self.combo.findData(text)
            if place < 0:
                self.combo.insertItem(0, text, text)
                place = 0
            self.combo.setCurrentIndex(place)
        self.badge.setText(one.source)
        guessed = one.source.startswith(ASSUMED)
        self.badge.set_tint("accent" if one.source == YOURS else "dim" if guessed else "exact")
        self.reset.setEnabled(not found)


class SettingsCard(QWidget):
    """Follows what is running. `panel_wanted(panel)` for the way to the panel that works on such a model."""

    panel_wanted = Signal(str)

    def __init__(self, running: Running, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.running = running
        self.rows: dict[str, ConclusionRow] = {}
        self._shape: tuple[tuple[str, tuple[str, ...]], ...] = ()
        stack = Stack(self, gap=6)
        self.header = SectionHeader("How it is run", above=0)
        self._lines = Stack(gap=4)
        self.follow = SwitchRow(FOLLOW)
        self.follow.edited.connect(lambda _, on: running.set_following(bool(on)))
        self.latents = Button("Open in Latents", "Scrub its latents, its codes and its film in the Latents panel")
        self.latents.clicked.connect(lambda: self.panel_wanted.emit(PANELS[PICTURES][0]))
        stack.addWidget(self.header)
        stack.addLayout(self._lines)
        stack.addWidget(self.follow)
        stack.addWidget(self.latents)
        running.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """The settings as they are used now."""
        settings = self.running.settings
        shape = tuple((one.name, one.options) for one in settings)
        if shape != self._shape:
            self._shape = shape
            self._build(settings)
        for one in settings:
            self.rows[one.name].show_value(one, found=one.name not in self.running.choice)
        there = self.running.report is not None
        self.header.setVisible(bool(settings) or there)
        self.follow.setVisible(there and bool(self.running.watch.path))
        self.follow.set_value(self.running.following)
        self.latents.setVisible(there)

    def _build(self, settings: tuple[Conclusion, ...]) -> None:
        for row in self.rows.values():
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}
        for one in settings:
            row = ConclusionRow(one, self)
            row.chosen.connect(partial(self.running.choose, one.name))
            row.reset_wanted.connect(partial(self.running.reset, one.name))
            self.rows[one.name] = row
            self._lines.addWidget(row)
        last: QWidget | None = None
        for row in self.rows.values():
            for part in (row.reset, row.combo):
                if part is not None and row.combo is not None:
                    if last is not None:
                        QWidget.setTabOrder(last, part)
                    last = part
        if last is not None:
            QWidget.setTabOrder(last, self.latents)
