"""What a model of text is trained on, which family, and its knobs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.knobs import Knob
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.group_forms import group_forms
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.family_picker import FamilyPicker
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

OWN = "own"
SEED = Knob("seed", int, 7, "Seed", "Starts weights, batches and masks; the same seed gives the same run.", 0, 99_999)
GROUPS = {"design": ("Design", "rebuilds the model"), "training": ("Training", "takes effect at the next step")}


class TrainingForm(QWidget):
    """Signals say what a person wants; `show_recipe` says what the model has."""

    data_wanted = Signal(object)
    """A DataSpec: another corpus, which rebuilds (its words are others)."""

    family_wanted = Signal(str, str)
    knob_wanted = Signal(str, str, object)
    seed_wanted = Signal(int)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._families: Mapping[str, FamilyEntry] = {}
        self._corpora: Mapping[str, Card] = {}
        self._own: TextSet | None = None
        self._family = ""
        self.forms: dict[str, KnobForm] = {}
        self.corpora: Segments | None = None
        self._stack = Stack(self, gap=12)
        self._stack.addWidget(SectionHeader("Text", above=0))
        self._room = Stack(gap=6)
        self._stack.addLayout(self._room)
        self.about = Label("", 12, 400, "dim", wrap=True)
        ways = Row(gap=6)
        self.open = Button("Open a text…", "Learn from a .txt file of your own; it can be dropped on the window too")
        ways.addWidget(self.open)
        ways.addStretch(1)
        self._stack.addWidget(self.about)
        self._stack.addLayout(ways)
        self.family = FamilyPicker()
        self.family.button.show_choice("Waking the engine…", "families arrive in a moment")
        self._stack.addWidget(self.family)
        self.run_form = KnobForm("Run", "rebuilds the model", (SEED,))
        self._stack.addWidget(self.run_form)
        self._stack.addStretch(1)
        self.open.clicked.connect(self.file_wanted)
        self.family.picked.connect(self.family_wanted)
        self.run_form.edited.connect(lambda _, value: self.seed_wanted.emit(value))

    def offer(self, families: Mapping[str, FamilyEntry], corpora: Mapping[str, Card]) -> None:
        """The families of text and the texts that ship."""
        self._families, self._corpora = families, corpora
        self.family.set_families(families)
        self._show_corpora()

    def offer_own(self, own: TextSet) -> None:
        """A person's own text becomes one of the texts."""
        self._own = own
        self._show_corpora()

    def _show_corpora(self) -> None:
        if self.corpora is not None:
            self._room.removeWidget(self.corpora)
            self.corpora.hide()
            self.corpora.deleteLater()
        options = [(key, card.title, card.summary) for key, card in self._corpora.items()]
        if self._own is not None:
            options.append((OWN, self._own.title, f"Your own text, {len(self._own.text):,} characters"))
        self.corpora = Segments(options)
        self._room.addWidget(self.corpora)
        self.corpora.chosen.connect(self._pick)
        buttons = list(self.corpora.buttons.values())
        for first, second in zip(buttons, [*buttons[1:], self.open], strict=True):
            QWidget.setTabOrder(first, second)

    def _pick(self, key: str) -> None:
        if key == OWN and self._own is not None:
            self.data_wanted.emit(DataSpec(self._own.title, text=self._own))
        else:
            self.data_wanted.emit(DataSpec(key))

    def show_recipe(self, recipe: Recipe) -> None:
        """Read back what the model has."""
        if recipe.family != self._family and recipe.family in self._families:
            self._family = recipe.family
            self._rebuild(self._families[recipe.family])
        self.family.set_current(recipe.family, recipe.preset)
        for name, values in (("design", recipe.design), ("training", recipe.training_now())):
            if name in self.forms:
                self.forms[name].set_values(values)
        self.run_form.set_values({"seed": recipe.seed})
        data = recipe.data_now()
        if data.text is not None and data.text != self._own:
            self.offer_own(data.text)
        if self.corpora is not None:
            self.corpora.set_current(OWN if data.text is not None else data.name)
        card = self._corpora.get(data.name)
        own = f"{len(data.text.text):,} characters from {data.text.source}" if data.text is not None else ""
        self.about.setText(own or (card.summary if card is not None else ""))

    def _rebuild(self, entry: FamilyEntry) -> None:
        self.forms = group_forms(
            self._stack, self.family, self.forms, GROUPS, entry, self.knob_wanted.emit, self.family.button
        )
        before: QWidget = self.family.button
        for row in (row for form in self.forms.values() for row in form.rows.values()):
            for part in row.findChildren(QWidget):
                if part.focusPolicy():
                    QWidget.setTabOrder(before, part)
                    before = part
