"""The Train panel's form: data, family, the three knob sets; built from declarations, read back from the model."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import Catalogue, DataEntry, FamilyEntry, data_key
from dgm_studio.core.dataspec import DataSpec, PointSet
from dgm_studio.core.knobs import Knob, Value, checked
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.group_forms import group_forms
from dgm_studio.gui.panels.train.teacher import TeacherForm
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.data_picker import OWN, DataPicker
from dgm_studio.gui.widgets.family_picker import FamilyPicker
from dgm_studio.gui.widgets.knob_form import KnobForm

GROUPS = {
    "design": ("Design", "rebuilds the model"),
    "training": ("Training", "takes effect at the next step"),
    "sampling": ("Sampling", "resamples only"),
}
SEED = Knob("seed", int, 0, "Seed", "Starts weights, batches and data; the same seed gives the same run.", 0, 99_999)
STOP_AT = Knob(
    "stop_at", int, 20_000, "Pause at", "Training pauses at this step; Play goes on to the next multiple of it.",
    100, 1_000_000, log=True, unit="steps",
)  # fmt: skip
POINTS = Knob("count", int, 10_000, "Points", "How many points the model learns from.", 100, 100_000, log=True)


class TrainForm(QWidget):
    """What a run is made of. Signals say what a person wants; `show_recipe` says what the model has."""

    data_wanted = Signal(object)
    """A DataSpec: takes effect at the next step."""

    family_wanted = Signal(str, str)
    """(family id, preset id): rebuilds."""

    knob_wanted = Signal(str, str, object)
    """(group, knob, value); group is design, training or sampling."""

    seed_wanted = Signal(int)
    """Rebuilds."""

    stop_wanted = Signal(int)
    """Training pauses at this step."""

    paint_wanted = Signal()
    import_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Catalogue | None = None
        self._data = DataSpec()
        self._own: PointSet | None = None
        self._family = ""
        self._data_name = ""
        self.forms: dict[str, KnobForm] = {}
        self._stack = Stack(self, gap=14)
        self.data = DataPicker()
        self.data.picked.connect(self._pick_data)
        self.data.paint_clicked.connect(self.paint_wanted)
        self.data.import_clicked.connect(self.import_wanted)
        self.family = FamilyPicker()
        self.family.picked.connect(self.family_wanted)
        self.family.button.show_choice("Waking the engine…", "families arrive in a moment")
        self._data_knobs: KnobForm | None = None
        self.teacher = TeacherForm()
        self._stack.addWidget(self.data)
        self._stack.addWidget(Hairline())
        self._stack.addWidget(self.family)
        self._stack.addWidget(self.teacher)
        self.teacher.hide()
        self.run_form = KnobForm("Run", "rebuilds the model", (SEED,))
        self.run_form.edited.connect(lambda _, value: self.seed_wanted.emit(value))
        self.clock_form = KnobForm("Clock", "takes effect at once", (STOP_AT,))
        self.clock_form.edited.connect(lambda _, value: self.stop_wanted.emit(value))
        self._stack.addWidget(self.run_form)
        self._stack.addWidget(self.clock_form)
        self._stack.addStretch(1)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Menus and thumbnails."""
        self._catalogue = catalogue
        self.data.set_entries(catalogue.data)
        self.family.set_families(catalogue.families)

    def offer(self, points: PointSet) -> None:
        """Painted or imported points become an entry of the data picker."""
        self._own = points
        kind = "imported" if points.source else "painted"
        self.data.show_own(points.title, f"{kind}, {len(points.points):,} points", points.points[:2_000])

    def show_recipe(self, recipe: Recipe) -> None:
        """Read back what the model has."""
        assert self._catalogue is not None
        if recipe.family != self._family:
            self._family = recipe.family
            self._rebuild(self._catalogue.families[recipe.family])
        self.family.set_current(recipe.family, recipe.preset)
        self.teacher.setVisible(self._catalogue.families[recipe.family].teacher)
        self.teacher.show_recipe(recipe)
        self.forms["design"].set_values(recipe.design)
        self.forms["training"].set_values(recipe.training_now())
        self.forms["sampling"].set_values(recipe.sampling)
        self.run_form.set_values({"seed": recipe.seed})
        self._show_data(recipe.data_now())

    def show_idle(self, reasons: Mapping[str, str], unfit: Mapping[str, str]) -> None:
        """Grey the knobs that do nothing for the model that was built, and the solvers that cannot walk it."""
        for form in self.forms.values():
            form.set_idle(reasons)
        self.forms["sampling"].set_unfit("solver", unfit)

    def _show_data(self, data: DataSpec) -> None:
        self._data = data
        if self._catalogue is not None:
            key = data_key(data)
            entries = self._catalogue.families.items()
            self.family.set_reasons({name: one.refuses[key] for name, one in entries if key in one.refuses})
        if data.points is not None:
            if self._own != data.points:
                self.offer(data.points)
            self.data.set_current(OWN)
            self._show_data_knobs("", None)
            return
        self.data.set_current(data.name)
        assert self._catalogue is not None
        entry = self._catalogue.data[data.name]
        self._show_data_knobs(data.name, entry)
        if self._data_knobs is not None:
            self._data_knobs.set_values({**checked(entry.knobs, data.knobs), "count": data.count})

    def _rebuild(self, entry: FamilyEntry) -> None:
        self.forms = group_forms(
            self._stack, self.teacher, self.forms, GROUPS, entry, self.knob_wanted.emit, self.family.button
        )

    def _show_data_knobs(self, name: str, entry: DataEntry | None) -> None:
        if name == self._data_name:
            return
        self._data_name = name
        if self._data_knobs is not None:
            self._stack.removeWidget(self._data_knobs)
            self._data_knobs.hide()
            self._data_knobs.deleteLater()
            self._data_knobs = None
        if entry is not None:
            self._data_knobs = KnobForm("Data shape", "takes effect at the next step", (*entry.knobs, POINTS))
            self._data_knobs.edited.connect(self._edit_data)
            self._stack.insertWidget(self._stack.indexOf(self.run_form), self._data_knobs)

    def _edit_data(self, name: str, value: Value) -> None:
        assert self._data_knobs is not None
        values: Mapping[str, Value] = {**self._data_knobs.values(), name: value}
        knobs = {key: one for key, one in values.items() if key != "count"}
        self.data_wanted.emit(DataSpec(self._data.name, knobs, int(values["count"])))

    def _pick_data(self, key: str) -> None:
        if key == OWN and self._own is not None:
            self.data_wanted.emit(DataSpec(self._own.title, points=self._own))
        else:
            self.data_wanted.emit(DataSpec(key))
