"""The Trajectories panel's form: what is filmed, along which field, how sampled, by how many particles."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.panels.trajectories.branch_card import BranchCard
from dgm_studio.gui.panels.trajectories.guest_card import GuestCard
from dgm_studio.gui.panels.trajectories.settings import (
    CLOCK_KNOBS,
    DIRECTION,
    EXACT,
    FIELD,
    FILM_KNOBS,
    FOLLOW,
    PICTURE_KNOBS,
    REVERSE,
    SPACE_TIME,
    Settings,
)
from dgm_studio.gui.panels.trajectories.subject import Guest
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

FINITE = (
    "This law has no closed form: exact is the field of the training points; with many steps each path ends at one."
)
NOT_A_LINE = "Space and time are one picture where data lie on a line; choose such data, e.g. Mixture, 1D."
NOT_TRAINED = "Another program's model is not trained here, so there is nothing to follow."


class TrajectoriesForm(QWidget):
    """Signals say what a person wants; `show_...` says what holds."""

    again_wanted = Signal()
    back_wanted = Signal()
    """From another program's model to the studio's own run."""

    choice_wanted = Signal(str, object)
    """A setting of such a model's file, by name, and another value; None for what was found."""

    sampling_wanted = Signal(str, object)
    setting_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: tuple[str, tuple[Knob, ...]] = ("", ())
        self.sampling: KnobForm | None = None
        self._stack = Stack(self, gap=10)
        self._stack.addWidget(SectionHeader("Film of", above=0))
        self.model = Label("–", 15, 600, wrap=True)
        self.where = Label("", 12, 400, "dim", wrap=True)
        self.hint = Label("", 12, 400, "faint", wrap=True)
        self.again = Button("Film again", "Make the film anew with the same seed (R)")
        self.again.clicked.connect(self.again_wanted)
        self.back = Button("Back to the studio's run", "Film the studio's own run again, and close this file")
        self.back.clicked.connect(self.back_wanted)
        self.branch = BranchCard()
        for widget in (self.model, self.where, self.hint, self.again, self.back, Hairline(), self.branch, Hairline()):
            self._stack.addWidget(widget)
        self.guest = GuestCard()
        self.guest.chosen.connect(self.choice_wanted)
        self.particles = KnobForm("Particles", "films again", FILM_KNOBS)
        self.picture = KnobForm("Picture", "drawn only", PICTURE_KNOBS)
        self.clock = KnobForm("Clock", "takes effect at once", CLOCK_KNOBS)
        self.doubt = Label(FINITE, 12, 400, "faint", wrap=True)
        for form in (self.particles, self.picture, self.clock):
            form.edited.connect(self.setting_wanted)
            self._stack.addWidget(form)
        self._stack.insertWidget(self._stack.indexOf(self.picture), self.doubt)
        self._stack.insertWidget(self._stack.indexOf(self.picture), self.guest)
        self.doubt.hide()
        self._stack.addStretch(1)
        self.show_hint("")
        self.show_guest(None)

    def show_settings(self, settings: Settings, no_exact: str, of_points: bool, no_forward: str) -> None:
        """Read back; `no_exact` is why the exact field cannot be walked ("" if it can), `of_points` whether it is that
        of the training points, `no_forward` why there is no forward process."""
        self.doubt.setVisible(of_points and settings.field == EXACT and settings.direction == REVERSE)
        for form in (self.particles, self.picture, self.clock):
            form.set_values(vars(settings))
        for knob, why in ((FIELD, no_exact), (DIRECTION, no_forward)):
            segments = getattr(self.particles.rows[knob.name], "segments")  # noqa: B009 -- ChoiceRows of two short words
            segments.set_reason(knob.choices[1].id, why, knob.choices[1].help)

    def show_model(self, model: str, where: str) -> None:
        """What is filmed, e.g. ("Flow matching", "on Eight Gaussians, as of step 2,140")."""
        self.model.setText(model)
        self.where.setText(where)

    def show_guest(self, guest: Guest | None, back: bool = False) -> None:
        """How another program's model is run, and, where there is a run, the way `back` to that; None for the run."""
        report = guest.report if guest is not None else None
        if guest is not None and report is not None:
            self.guest.show_settings(report.settings, guest.choice)
        self.guest.setVisible(report is not None and any(one.options for one in report.settings))
        self.back.setVisible(guest is not None and back)
        self.clock.set_idle({FOLLOW.name: NOT_TRAINED} if guest is not None else {})

    def show_line(self, on: bool) -> None:
        """Whether the data lie on a line, of which space and time are one picture."""
        self.picture.set_idle(
            {}
            if on
            else {
                SPACE_TIME.name: NOT_A_LINE,
            }
        )

    def show_hint(self, hint: str) -> None:
        """What to do first, "" for nothing."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def show_stale(self, why: str) -> None:
        """Light the button up when another film would be another one."""
        self.again.set_primary(bool(why))
        self.again.setToolTip(why or "Make the film anew with the same seed (R)")

    def show_sampling(
        self, kind: str, knobs: tuple[Knob, ...], values: Mapping[str, Value], idle: Mapping[str, str],
        unfit: Mapping[str, str],
    ) -> None:  # fmt: skip
        """The Sampling knobs of a `kind` of model (a family, another program's file), with what the next film is made
        with; `idle` are those that do nothing, and why."""
        if (kind, knobs) != self._kind:
            self._kind = (kind, knobs)
            if self.sampling is not None:
                self._stack.removeWidget(self.sampling)
                self.sampling.hide()
                self.sampling.deleteLater()
            self.sampling = KnobForm("Sampling", "resamples only", knobs)
            self.sampling.edited.connect(self.sampling_wanted)
            self._stack.insertWidget(self._stack.indexOf(self.particles), self.sampling)
        assert self.sampling is not None
        self.sampling.set_values(values)
        self.sampling.set_idle(idle)
        self.sampling.set_unfit("solver", unfit)
