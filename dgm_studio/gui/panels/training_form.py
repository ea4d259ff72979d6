"""What a model is trained on, which family, and its knobs: the form of a training of texts or of pictures."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.dataspec import DataSpec
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
from dgm_studio.gui.widgets.tab_order import tab_before, tab_through

OWN = "own"
SEED = Knob("seed", int, 7, "Seed", "Starts weights, batches and noise; the same seed gives the same run.", 0, 99_999)
GROUPS = {"design": ("Design", "rebuilds the model"), "training": ("Training", "takes effect at the next step")}


class TrainingForm(QWidget):
    """Signals say what a person wants; `show_recipe` says what the model has. A subclass says what a person's own data
    are."""

    data_wanted = Signal(object)
    """A DataSpec: other data, which rebuilds (their words or their size are others)."""

    family_wanted = Signal(str, str)
    knob_wanted = Signal(str, str, object)
    seed_wanted = Signal(int)

    def __init__(self, caption: str, ways: tuple[Button, ...], parent: QWidget | None = None) -> None:
        """`caption` is the head of the data, `ways` are buttons that bring own data."""
        super().__init__(parent)
        self._families: Mapping[str, FamilyEntry] = {}
        self._sets: Mapping[str, Card] = {}
        self._own: DataSpec | None = None
        self._family = ""
        self._ways = ways
        self.forms: dict[str, KnobForm] = {}
        self.sets: Segments | None = None
        self._stack = Stack(self, gap=12)
        self._stack.addWidget(SectionHeader(caption, above=0))
        self._room = Stack(gap=6)
        self._stack.addLayout(self._room)
        self.about = Label("", 12, 400, "dim", wrap=True)
        row = Row(gap=6)
        for way in ways:
            row.addWidget(way)
        row.addStretch(1)
        self._stack.addWidget(self.about)
        self._stack.addLayout(row)
        self.family = FamilyPicker()
        self.family.button.show_choice("Waking the engine…", "families arrive in a moment")
        self._stack.addWidget(self.family)
        self.run_form = KnobForm("Run", "rebuilds the model", (SEED,))
        self._stack.addWidget(self.run_form)
        self._stack.addStretch(1)
        self.family.picked.connect(self.family_wanted)
        self.run_form.edited.connect(lambda _, value: self.seed_wanted.emit(value))

    def own_words(self, own: DataSpec) -> tuple[str, str]:
        """What to say of a person's own data: under the pointer, and below the names of the sets."""
        raise AssertionError(f"{type(self).__name__} does not say what own data are")

    def offer(self, families: Mapping[str, FamilyEntry], sets: Mapping[str, Card]) -> None:
        """The families, and the data that ship."""
        self._families, self._sets = families, sets
        self.family.set_families(families)
        self._show_sets()

    def offer_own(self, own: DataSpec) -> None:
        """A person's own data become one of the sets."""
        self._own = own
        self._show_sets()

    def _show_sets(self) -> None:
        if self.sets is not None:
            self._room.removeWidget(self.sets)
            self.sets.hide()
            self.sets.deleteLater()
        options = [(key, card.title, card.summary) for key, card in self._sets.items()]
        if self._own is not None:
            options.append((OWN, self._own.title, self.own_words(self._own)[0]))
        self.sets = Segments(options)
        self._room.addWidget(self.sets)
        self.sets.chosen.connect(self._pick)
        tab_through(tab_before(self._ways[0]), self.sets)

    def _pick(self, key: str) -> None:
        self.data_wanted.emit(self._own if key == OWN and self._own is not None else DataSpec(key))

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
        self._show_data(recipe.data_now())

    def _show_data(self, data: DataSpec) -> None:
        own = data.text is not None or data.pictures is not None
        if own and data != self._own:
            self.offer_own(data)
        if self.sets is not None:
            self.sets.set_current(OWN if own else data.name)
        card = self._sets.get(data.name)
        self.about.setText(self.own_words(data)[1] if own else card.summary if card is not None else "")

    def _rebuild(self, entry: FamilyEntry) -> None:
        self.forms = group_forms(
            self._stack, self.family, self.forms, GROUPS, entry, self.knob_wanted.emit, self.family.button
        )
        tab_through(self.family.button, *self.forms.values())
