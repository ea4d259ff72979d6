"""The form of the gallery: its rows, its seeds, class and guidance, the sampler, and what is swept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.gallery import GAMMA
from dgm_studio.core.knobs import Choice, Knob, Value
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.checkpoints.gallery_sources import GallerySources
from dgm_studio.gui.panels.checkpoints.gallery_wish import (
    CLASS,
    COUNT,
    COUNT_KNOB,
    FIRST,
    FIRST_KNOB,
    GAMMA_KNOB,
    IN_TURN,
    NO_CLASS,
    GalleryWish,
    Setting,
)
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.panels.checkpoints.settings_card import SettingsCard
from dgm_studio.gui.panels.latents.denoise_form import SET_ABOVE, told_classes
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.knob_form import KnobForm

SWEEP, VALUES = "sweep", "values"
SEEDS_OFF = "seeds"
VALUES_KNOB = Knob(VALUES, str, "", "Values", "What the setting is along the row, with commas between.")


class GalleryForm(QWidget):
    """`knob_wanted(name, value)` of FIRST, COUNT, CLASS, GAMMA, SWEEP and VALUES; `sampling_wanted(name, value)` of the
    model's own knobs."""

    knob_wanted = Signal(str, object)
    sampling_wanted = Signal(str, object)

    def __init__(self, running: Running, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stack = Stack(self, gap=12)
        self.settings_card = SettingsCard(running)
        self.sources = GallerySources()
        self.seeds = KnobForm("Seeds", "", (FIRST_KNOB, COUNT_KNOB))
        self.told = KnobForm("Class", "", ())
        self.sweep = KnobForm("Along a row", "", ())
        self.sampling = KnobForm("Sampling", "all rows", ())
        for part in (self.sources, self.seeds, self.told, self.sweep, self.sampling, self.settings_card):
            self.stack.addWidget(part)
        self.stack.addStretch(1)
        self.seeds.edited.connect(self.knob_wanted)
        for part in (self.told, self.sweep, self.sampling):
            part.hide()

    def show_model(
        self, report: PictureModelReport | None, knobs: Sequence[Knob], settings: Sequence[Setting], wish: GalleryWish
    ) -> None:
        """The knobs of the first row's model, at what is wished."""
        names = told_classes(report) if report is not None else ()
        told = (_class_knob(names), GAMMA_KNOB) if names else ()
        own = tuple(one for one in knobs if one.name not in SET_ABOVE)
        self.told = self._replaced(self.told, KnobForm("Class", "all rows", told))
        self.sweep = self._replaced(self.sweep, KnobForm("Along a row", "", _sweep_knobs(settings), brief=True))
        self.sampling = self._replaced(self.sampling, KnobForm("Sampling", "all rows", own))
        self.told.edited.connect(self.knob_wanted)
        self.sweep.edited.connect(self.knob_wanted)
        self.sampling.edited.connect(self.sampling_wanted)
        self.told.setVisible(bool(told))
        self.sweep.setVisible(bool(settings))
        self.sampling.setVisible(bool(own))
        if report is not None:
            self.sampling.set_values(report.sampling)
        self.show_wish(wish, settings)

    def show_own(self, on: bool) -> None:
        """Rows and seeds only where there is a model of pictures; how it is run stays."""
        for part in (self.sources, self.seeds):
            part.setVisible(on)

    def show_wish(self, wish: GalleryWish, settings: Sequence[Setting]) -> None:
        """What is wanted; no signal."""
        self.seeds.set_values({FIRST: wish.first, COUNT: wish.count})
        self.told.set_values({CLASS: str(wish.label), GAMMA: wish.gamma})
        self.sampling.set_values(wish.sampling)
        self.sweep.set_values({SWEEP: wish.sweep or SEEDS_OFF, VALUES: ", ".join(map(_text, wish.values))})
        swept = next((one for one in settings if one.id == wish.sweep), None)
        if VALUES in self.sweep.rows:
            self.sweep.rows[VALUES].setVisible(swept is not None and not swept.words)
        self.seeds.rows[COUNT].set_reason("A sweep has one seed: the first." if wish.sweep else "")
        for form in (self.told, self.sampling):
            form.set_idle({wish.sweep: "It is swept along the rows.", **_class_swept(wish)})

    def _replaced(self, old: KnobForm, new: KnobForm) -> KnobForm:
        place = self.stack.indexOf(old)
        self.stack.removeWidget(old)
        old.hide()
        old.deleteLater()
        self.stack.insertWidget(place, new)
        return new


def _class_swept(wish: GalleryWish) -> dict[str, str]:
    return {CLASS: "It is swept along the rows."} if wish.sweep == "label" else {}


def _class_knob(names: Sequence[str]) -> Knob:
    choices = (
        Choice(str(IN_TURN), "In turn", "Column 1 has the first class, column 2 the second, and so on."),
        Choice(str(NO_CLASS), "None", "The model is not told a class."),
        *(Choice(str(place), name, f"Class {place}: {name}.") for place, name in enumerate(names)),
    )
    return Knob(CLASS, str, str(IN_TURN), "Class", "The class y that pictures are asked for.", choices=choices)


def _sweep_knobs(settings: Sequence[Setting]) -> tuple[Knob, ...]:
    if not settings:
        return ()
    seeds = Choice(SEEDS_OFF, "Seeds", "Each picture of a row has its own noise.")
    choices = (
        seeds,
        *(Choice(one.id, one.title, f"{one.title} changes along a row, all else stays.") for one in settings),
    )
    what = "What changes along a row: the seed, or one setting at the first seed."
    return (Knob(SWEEP, str, SEEDS_OFF, "Columns are", what, choices=choices), VALUES_KNOB)


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
