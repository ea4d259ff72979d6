"""The form of a comparison: one-click comparisons, what all films share, and the film that is being set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.comparing import LANES
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.panels.trajectories.compare_presets import PRESETS
from dgm_studio.gui.panels.trajectories.settings import COLOUR, COUNT, MODE, SEED, TAILS
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

FILE = "file"
"""The entry of the list of sources that asks for a file."""
COLOURS = replace(COLOUR, choices=tuple(one for one in COLOUR.choices if one.id != MODE))
SHARED = (replace(COUNT, default=500, high=5_000), SEED, TAILS, COLOURS)
"""Four films of fewer particles than one has, for all are judged too."""


class CompareForm(QWidget):
    """Signals say what a person wants; `show_...` says what holds."""

    preset_wanted = Signal(str)
    again_wanted = Signal()
    setting_wanted = Signal(str, object)
    chosen = Signal(int)
    """The film of this place is set from now on."""
    added = Signal()
    removed = Signal()
    source_wanted = Signal(str)
    """Another source for the film that is set: a key of `show_sources`, or FILE."""
    sampling_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sampling: KnobForm | None = None
        self._kind: tuple[str, tuple[Knob, ...]] = ("", ())
        self._stack = Stack(self, gap=10)
        self._stack.addWidget(SectionHeader("Compare", above=0))
        self.presets = Segments([(name, word, help_text) for name, (_, word, help_text) in PRESETS.items()])
        self.presets.chosen.connect(self.preset_wanted)
        self.again = Button("Film again", "Make all films anew with the same seed (R)")
        self.again.clicked.connect(self.again_wanted)
        self.shared = KnobForm("All films", "films again", SHARED)
        self.shared.edited.connect(self.setting_wanted)
        links = (("add", "Add", "One more film, set like this one"), ("remove", "Remove", "Take this film away"))
        self.films = SectionHeader("Film", links=links)
        self.films.link_clicked.connect(lambda key: self.added.emit() if key == "add" else self.removed.emit())
        self.numbers = Segments([(str(place), f"{place + 1}", f"Set film {place + 1}") for place in range(LANES)])
        self.numbers.chosen.connect(lambda key: self.chosen.emit(int(key)))
        self.source = Combo("Model", "What carries the particles of this film")
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a file's name may be long
        self.source.activated.connect(lambda row: self.source_wanted.emit(str(self.source.itemData(row))))
        self.remark = Label("", 12, 400, "faint", wrap=True)
        self.remark.hide()
        for widget in (
            self.presets, self.again, Hairline(), self.films, self.numbers, self.source, self.remark,
        ):  # fmt: skip
            self._stack.addWidget(widget)
        self._stack.addWidget(self.shared)
        self._stack.addStretch(1)

    def show_presets(self, current: str, reasons: Mapping[str, str]) -> None:
        """Which comparison this began as, and why some cannot be had."""
        for name, (_, _, help_text) in PRESETS.items():
            self.presets.set_reason(name, reasons.get(name, ""), help_text)
        self.presets.set_current(current)

    def show_shared(self, values: Mapping[str, Value]) -> None:
        """What all films share."""
        self.shared.set_values(values)

    def show_films(self, heads: Sequence[str], current: int) -> None:
        """So many films, of which `current` is set."""
        for place in range(LANES):
            button = self.numbers.buttons[str(place)]
            button.setVisible(place < len(heads))
            if place < len(heads):
                button.setToolTip(f"Film {place + 1}: {heads[place]}")
        self.numbers.set_current(str(current))
        self.films.set_caption(f"Film {current + 1}")
        self.films.links["add"].set_reason(
            f"At most {LANES} films stand side by side." if len(heads) >= LANES else "",
            "One more film, set like this one",
        )
        self.films.links["remove"].set_reason(
            "One film must stay." if len(heads) < 2 else "", f"Take film {current + 1} away"
        )

    def show_sources(self, entries: Sequence[tuple[str, str]], current: str) -> None:
        """What can carry the particles, as (key, words); `current` is what does."""
        shown = [(self.source.itemData(row), self.source.itemText(row)) for row in range(self.source.count())]
        wanted = [*entries, (FILE, "A checkpoint file…")]
        if shown != wanted:
            self.source.clear()
            for key, words in wanted:
                self.source.addItem(words, key)
        self.source.setCurrentIndex(self.source.findData(current))

    def show_remark(self, text: str) -> None:
        """What to know of the film that is set, "" for nothing."""
        self.remark.setText(text)
        self.remark.setVisible(bool(text))

    def show_sampling(
        self, kind: str, knobs: tuple[Knob, ...], values: Mapping[str, Value], idle: Mapping[str, str],
        unfit: Mapping[str, str],
    ) -> None:  # fmt: skip
        """The Sampling knobs of the film that is set."""
        if (kind, knobs) != self._kind:
            self._kind = (kind, knobs)
            if self.sampling is not None:
                self._stack.removeWidget(self.sampling)
                self.sampling.hide()
                self.sampling.deleteLater()
            self.sampling = KnobForm("Sampling", "films it again", knobs)
            self.sampling.edited.connect(self.sampling_wanted)
            self._stack.insertWidget(self._stack.indexOf(self.shared), self.sampling)
        assert self.sampling is not None
        self.sampling.set_values(values)
        self.sampling.set_idle(idle)
        self.sampling.set_unfit("solver", unfit)

    def show_stale(self, why: str) -> None:
        """Light the button up when other films would come."""
        self.again.set_primary(bool(why))
        self.again.setToolTip(why or "Make all films anew with the same seed (R)")
