"""The form of the denoise view: which class, how strongly it guides, how many pictures, and the family's sampling."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.knobs import Choice, Knob, Value
from dgm_studio.core.latents import CAPTION, CAPTIONS, CLASSES, PictureModelReport
from dgm_studio.gui.panels.latents.caption_field import CaptionField
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.tab_order import tab_before, tab_through

CLASS, GAMMA_NAME = "class", "gamma"
GAMMA = Knob(
    GAMMA_NAME, float, 2.0, "Guidance scale γ",
    "(1 − γ) f(x) + γ f(x, y): 0 is unconditional, 1 conditional, above 1 sharpened (lecture 14).", 0.0, 8.0,
)  # fmt: skip
COUNT = Knob("count", int, 4, "Pictures", "Pictures in each column; all columns begin with the same noise.", 1, 16)
SEED = Knob("seed", int, 0, "Seed", "Draws the noise; the same seed gives the same film.", 0, 99_999)
SPREAD_MOST = 12
"""So many classes are all in sight; more are a list."""
SET_ABOVE = ("label", "guidance", "kind", CAPTION)
"""Knobs of a family's Sampling that the guidance above stands for."""
NO_CLASSES = "This model was not trained with classes."


def told_classes(report: PictureModelReport) -> tuple[str, ...]:
    """The classes that the model can be told: by name, or by number where its data are not here."""
    if CLASSES not in report.can:
        return ()
    return report.classes or tuple(str(place) for place in range(report.shape.classes))


def class_knob(names: Sequence[str], *, free: bool = False) -> Knob:
    """A choice among the model's classes; where it is `free`, none ("-1") is the first."""
    choices = tuple(Choice(str(place), name, f"Class {place}: {name}.") for place, name in enumerate(names))
    none = (Choice("-1", "Any", "The model is not told a class."),) if free else ()
    first = (none + choices)[0].id
    return Knob(CLASS, str, first, "Class", "The class y that the pictures are to be of.", choices=none + choices)


class DenoiseForm(QWidget):
    """`knob_wanted(name, value)` of class, gamma, count and seed; `sampling_wanted(name, value)` of the family's."""

    knob_wanted = Signal(str, object)
    sampling_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=12)
        self.classes = KnobForm("Class", "resamples only", ())
        self.guidance = KnobForm("Guidance", "resamples only", (GAMMA,))
        self.omega = Label("", 11.5, 400, "faint", wrap=True)
        self.own = KnobForm("Film", "resamples only", (COUNT, SEED))
        self.sampling = KnobForm("Sampling", "resamples only", ())
        self.caption = CaptionField()
        for part in (self.caption, self.classes, self.guidance, self.omega, self.own, self.sampling):
            self._stack.addWidget(part)
        self._stack.addStretch(1)
        self.classes.hide()
        self.caption.hide()
        self.caption.wanted.connect(lambda caption: self.sampling_wanted.emit(CAPTION, caption))
        self.sampling.hide()
        self.guidance.edited.connect(self._change)
        self.own.edited.connect(self.knob_wanted)
        self.classes.edited.connect(self.knob_wanted)
        self._say(float(GAMMA.default))

    def put_first(self, part: QWidget) -> None:
        """Something of the user's own over all of it."""
        self._stack.insertWidget(0, part)

    def put_last(self, part: QWidget) -> None:
        """Something below all of it."""
        self._stack.insertWidget(self._stack.indexOf(self.sampling) + 1, part)

    def show_own(self, on: bool) -> None:
        """Its knobs, or only what was put first."""
        for part in (self.classes, self.guidance, self.own, self.sampling):
            part.setVisible(on and bool(part.rows))
        self.omega.setVisible(on and bool(self.classes.rows))

    def _change(self, name: str, value: Value) -> None:
        self._say(float(value))
        self.knob_wanted.emit(name, value)

    def _say(self, gamma: float) -> None:
        self.omega.setText(f"The second course's w = γ − 1 = {gamma - 1:.2f}".replace("-", "−"))

    def show_model(self, report: PictureModelReport, entry: FamilyEntry | None) -> None:
        """The classes and the sampling knobs of the model that is open."""
        told = told_classes(report)
        spread = (CLASS,) if len(told) <= SPREAD_MOST else ()
        knobs = (class_knob(told),) if told else ()
        self.classes = self._replaced(self.classes, KnobForm("Class", "resamples only", knobs, spread=spread))
        self.classes.edited.connect(self.knob_wanted)
        declared = report.knobs or (entry.sampling if entry is not None else ())
        own = [one for one in declared if one.name not in SET_ABOVE]
        self.sampling = self._replaced(self.sampling, KnobForm("Sampling", "resamples only", own))
        self.sampling.edited.connect(self.sampling_wanted)
        self.sampling.set_values(report.sampling)
        self.sampling.setVisible(bool(own))
        self.classes.setVisible(bool(told))
        hears = CAPTIONS in report.can
        self.caption.setVisible(hears)
        if hears:
            self.caption.show_words(report.words)
        self.guidance.set_enabled_reason("" if told or hears else NO_CLASSES)
        self.omega.setVisible(bool(told) or hears)
        first = self.guidance.rows[GAMMA.name]
        tab_through(tab_before(first), self.caption, self.classes, self.guidance, self.own, self.sampling)

    def _replaced(self, old: KnobForm, new: KnobForm) -> KnobForm:
        place = self._stack.indexOf(old)
        self._stack.removeWidget(old)
        old.hide()
        old.deleteLater()
        self._stack.insertWidget(place, new)
        return new

    def show_values(self, label: int, gamma: float, count: int, seed: int) -> None:
        """What is wanted; no signal."""
        self.classes.set_values({CLASS: str(label)})
        self.guidance.set_values({GAMMA.name: gamma})
        self.own.set_values({COUNT.name: count, SEED.name: seed})
        self._say(gamma)
