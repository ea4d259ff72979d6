"""The Trajectories panel's form: what is filmed, along which field, how sampled, by how many particles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Knob, Value, checked
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

LEARNED, EXACT = "learned", "exact"
FIELD = Knob(
    "field", str, LEARNED, "Field", "What carries the particles: what was learned, or the known truth.",
    choices=(
        Choice(LEARNED, "Learned", "Along what the model has learned"),
        Choice(EXACT, "Exact", "Along the exact field of the data, by the same solver from the same noise"),
    ),
)  # fmt: skip
COUNT = Knob("count", int, 2_000, "Particles", "How many points are carried from noise to data.", 1, 20_000, log=True)
SEED = Knob("seed", int, 0, "Seed", "Draws the noise; the same seed gives the same film.", 0, 99_999)
TAILS = Knob(
    "tails",
    int,
    6,
    "Tails",
    "How many frames back the first 300 particles leave a trace.",
    0,
    100,
    unit="frames",
)
FOLLOW = Knob("follow", bool, False, "Follow training", "Film again by itself whenever training pauses further on.")
FILM_KNOBS, PICTURE_KNOBS, CLOCK_KNOBS = (FIELD, COUNT, SEED), (TAILS,), (FOLLOW,)
FINITE = (
    "This law has no closed form: exact is the field of the training points; with many steps each path ends at one."
)
OWN_KNOBS = (*FILM_KNOBS, *PICTURE_KNOBS, *CLOCK_KNOBS)


@dataclass(frozen=True)
class Settings:
    """What a person sets here and a session keeps, beside the Sampling knobs."""

    field: str = LEARNED
    count: int = 2_000
    seed: int = 0
    tails: int = 6
    follow: bool = False

    @staticmethod
    def of(values: Mapping[str, Any]) -> Settings:
        """From a session; what is missing or foreign is the default."""
        known = {one.name: values[one.name] for one in OWN_KNOBS if one.name in values}
        try:
            return Settings(**checked(OWN_KNOBS, known))  # type: ignore[arg-type]
        except Refused:
            return Settings()

    def with_value(self, name: str, value: Value) -> Settings:
        """One of them changed."""
        return replace(self, **{name: value})  # type: ignore[arg-type]


class TrajectoriesForm(QWidget):
    """Signals say what a person wants; `show_...` says what holds."""

    again_wanted = Signal()
    sampling_wanted = Signal(str, object)
    setting_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = ""
        self.sampling: KnobForm | None = None
        self._stack = Stack(self, gap=10)
        self._stack.addWidget(SectionHeader("Film of", above=0))
        self.model = Label("–", 15, 600, wrap=True)
        self.where = Label("", 12, 400, "dim", wrap=True)
        self.hint = Label("", 12, 400, "faint", wrap=True)
        self.again = Button("Film again", "Make the film anew with the same seed (R)")
        self.again.clicked.connect(self.again_wanted)
        for widget in (self.model, self.where, self.hint, self.again, Hairline()):
            self._stack.addWidget(widget)
        self.particles = KnobForm("Particles", "films again", FILM_KNOBS)
        self.picture = KnobForm("Picture", "drawn only", PICTURE_KNOBS)
        self.clock = KnobForm("Clock", "takes effect at once", CLOCK_KNOBS)
        self.doubt = Label(FINITE, 12, 400, "faint", wrap=True)
        for form in (self.particles, self.picture, self.clock):
            form.edited.connect(self.setting_wanted)
            self._stack.addWidget(form)
        self._stack.insertWidget(self._stack.indexOf(self.picture), self.doubt)
        self.doubt.hide()
        self._stack.addStretch(1)
        self.show_hint("")

    def show_settings(self, settings: Settings, no_exact: str, of_points: bool) -> None:
        """Read back; `no_exact` is why the exact field cannot be walked ("" if it can), `of_points` whether it is that
        of the training points."""
        self.doubt.setVisible(of_points and settings.field == EXACT)
        for form in (self.particles, self.picture, self.clock):
            form.set_values(vars(settings))
        row = self.particles.rows[FIELD.name]
        segments = getattr(row, "segments")  # noqa: B009 -- a ChoiceRow of two short words has them
        segments.set_reason(EXACT, no_exact, FIELD.choices[1].help)

    def show_model(self, model: str, where: str) -> None:
        """What is filmed, e.g. ("Flow matching", "on Eight Gaussians, as of step 2,140")."""
        self.model.setText(model)
        self.where.setText(where)

    def show_hint(self, hint: str) -> None:
        """What to do first, "" for nothing."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def show_stale(self, why: str) -> None:
        """Light the button up when another film would be another one."""
        self.again.set_primary(bool(why))
        self.again.setToolTip(why or "Make the film anew with the same seed (R)")

    def show_family(
        self, family: str, entry: FamilyEntry, values: Mapping[str, Value], idle: Mapping[str, str]
    ) -> None:
        """The family's Sampling knobs, with what the next film is made with; `idle` are those that do nothing, and
        why."""
        if family != self._family:
            self._family = family
            if self.sampling is not None:
                self._stack.removeWidget(self.sampling)
                self.sampling.hide()
                self.sampling.deleteLater()
            self.sampling = KnobForm("Sampling", "resamples only", entry.sampling)
            self.sampling.edited.connect(self.sampling_wanted)
            self._stack.insertWidget(self._stack.indexOf(self.particles), self.sampling)
        assert self.sampling is not None
        self.sampling.set_values(values)
        self.sampling.set_idle(idle)
