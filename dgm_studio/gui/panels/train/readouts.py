"""The Train panel's read-outs: the loss, the distance to data beside its noise floor, learned against exact."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, Ask
from dgm_studio.core.reports import Picture, Refusal, RunReport
from dgm_studio.gui.panels.distances import Distances
from dgm_studio.gui.panels.train.own import OwnReadouts
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.section import SectionHeader

COMPARED = 500
"""Steps back that the error is compared with."""

CLOSED_FORM, REFERENCE = "Learned against exact", "Learned against a reference"

SAMPLES = 2_000

LAST_TIME = 0.98
"""Finite data have no density at t = 1, so their field is compared just before."""


class TrainReadouts(QWidget):
    """Asks for its own numbers and shows them with their doubt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._errors: deque[tuple[int, float]] = deque(maxlen=400)
        self._shows: tuple[str, ...] = ()
        self._branched = False
        self._pictures: dict[str, tuple[str, str]] = {}
        stack = Stack(self, gap=10)
        self.loss = LossPlot()
        stack.addWidget(self.loss)
        self.distances = Distances()
        stack.addWidget(self.distances)
        self.branches_head = SectionHeader("Other branches", note="W₂ · coverage")
        self.branches = KeyValueList()
        for widget in (self.branches_head, self.branches):
            widget.hide()
            stack.addWidget(widget)
        self.exact_head = SectionHeader(CLOSED_FORM)
        self.error = BigNumber(
            "Velocity, relative error over pₜ", "Root of E|learned − exact|² / E|exact|² over points of pₜ."
        )
        stack.addWidget(self.exact_head)
        stack.addWidget(self.error)
        self.doubt = Label("", 11.5, 400, "faint", wrap=True)
        self.doubt.hide()
        stack.addWidget(self.doubt)
        self.own = OwnReadouts()
        stack.addWidget(self.own)
        stack.addWidget(SectionHeader("Model"))
        self.facts = KeyValueList()
        stack.addWidget(self.facts)
        stack.addStretch(1)

    def asks(self, t: float) -> tuple[Ask, ...]:
        """What the numbers need, cheapest first."""
        asks = self.distances.asks(SAMPLES)
        if "velocity" in self._shows:
            asks = (*asks, Ask("field_error", t=min(t, LAST_TIME)), Ask("loss_floor"))
        if self._branched:
            asks = (*asks, Ask("branches", count=SAMPLES))
        return (*asks, *self.own.asks())

    def show_branched(self, branched: bool) -> None:
        """Whether the run has other branches, which are measured where they were left."""
        self._branched = branched
        if not branched:
            self.branches.set_items(())
        for widget in (self.branches_head, self.branches):
            widget.setVisible(branched)

    def show_run(self, report: RunReport, facts: dict[str, str]) -> None:
        """Another run, or the same with a changed recipe."""
        self._shows = report.shows
        has_field = "velocity" in report.shows
        self.exact_head.setVisible(has_field)
        self.error.setVisible(has_field)
        self.doubt.setVisible(has_field and self.exact_head.caption.full_text() == REFERENCE.upper())
        self.facts.set_items(facts.items())
        if report.restored_losses is not None:
            self._show_losses(report.restored_losses)

    def restart(self, report: RunReport, title: str) -> None:
        """Another run: its own curve, nothing measured yet."""
        self.loss.clear()
        self.distances.clear()
        self.own.show_run(report.shows, title)
        self.error.set_value("–")
        self._show_doubt("")

    def _show_losses(self, curves: Mapping[str, tuple[Array, Array]]) -> None:
        """The curve from step 0, as the run itself has it."""
        self._errors.clear()
        self.loss.clear()
        for name, (steps, values) in curves.items():
            self.loss.append(name, steps, values)

    def accept(self, picture: Picture) -> None:
        """A number has come."""
        numbers = picture.numbers
        self.distances.accept(picture)
        self.own.accept(picture)
        match picture.ask.view:
            case "field_error":
                self._show_error(picture)
            case "loss_floor":
                self.loss.set_best(numbers["best_possible"])
            case "branches":
                self.branches.set_items([(title, text) for title, text, _ in picture.lines])
                self.branches.set_helps({title: why for title, _, why in picture.lines})

    def refuse(self, refusal: Refusal) -> None:
        """A number that cannot be had, with its reason."""
        self.distances.refuse(refusal)
        match refusal.ask.view:
            case "field_error" if refusal.ask.variant != ERROR:
                self.error.set_value("–", refusal.reason, "faint")
                self._show_doubt("")
            case "loss_floor":
                self.loss.set_best(None)

    def _show_error(self, picture: Picture) -> None:
        """The error, what it was before; and where the exact answer is a reference, that it is one, with its floor."""
        step, value, t = picture.step, picture.numbers["relative_l2"], picture.ask.t
        self._show_doubt(picture.note if "floor" in picture.numbers else "")
        self._errors.append((step, value))
        before = next((old for at, old in reversed(self._errors) if at <= step - COMPARED), None)
        note = f"at t = {t:.2f}"
        tone = "dim"
        if before is not None:
            note = f"was {100 * before:.1f} % {COMPARED} steps ago"
            tone = "exact" if value <= before else "error"
        self.error.set_value(f"{100 * value:.1f} %", note, tone)

    def _show_doubt(self, note: str) -> None:
        """What stands in for the exact answer, "" where that is closed form."""
        self.exact_head.set_caption(REFERENCE if note else CLOSED_FORM)
        self.doubt.setText(f"{note[:1].upper()}{note[1:]}.")
        self.doubt.setVisible(bool(note))
