"""The read-outs of Likelihood: the point's log p of its kind, how it comes about, the estimates, the map's integral."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from dgm_studio.core.likelihood import GAUSSIAN, RADEMACHER, LikelihoodReport
from dgm_studio.core.reports import Picture
from dgm_studio.core.sketch import Reading
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plain_number import plain
from dgm_studio.gui.widgets.readings import Readings
from dgm_studio.gui.widgets.section import SectionHeader

KINDS = {
    "exact": "exact likelihood",
    "ode": "by the continuity equation",
    "quadrature": "by quadrature",
    "bound": "a lower bound",
}
NORMAL_95 = 1.96
NATS = "nats"


class LikelihoodReadouts(QWidget):
    """Numbers of one point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        stack.addWidget(SectionHeader("Point", note="drag the ring", above=0))
        self.value = BigNumber("log p of the point, nats", "Natural logarithm of the density, in model units")
        self.kind = Label("", 12, 400, "dim", wrap=True)
        self.readings = Readings()
        self.random_head = SectionHeader("Hutchinson's estimate")
        self.random = Readings()
        self.here_head = SectionHeader("Moment shown")
        self.here = KeyValueList()
        self.map_head = SectionHeader("Density map")
        self.map = KeyValueList()
        for widget in (
            self.value, self.kind, self.readings, self.random_head, self.random, self.here_head, self.here,
            self.map_head, self.map,
        ):  # fmt: skip
            stack.addWidget(widget)
        stack.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Another model: nothing is known yet."""
        self.value.set_value("–")
        self.kind.setText("")
        self.map.set_items([("Integral over the stage", "–")])
        for part in (self.readings, self.random_head, self.random, self.here_head, self.here):
            part.hide()

    def show_report(self, report: LikelihoodReport) -> None:
        """The point's numbers."""
        self.value.set_value(plain(report.value, 5))
        note = f" {report.note}" if report.note else ""
        self.kind.setText(f"{KINDS.get(report.kind, report.kind).capitalize()}.{note}")
        found = []
        if report.kind == "ode":
            found.append(Reading(
                "Continuity equation", report.value, report.error or None, report.known_value, NATS,
                "Runge-Kutta back to the noise with the exact divergence; ± is what half as many steps would change. "
                "Beside it the closed form of the data's law.", "exact",
            ))  # fmt: skip
        elif report.known_value is not None:
            found.append(Reading(
                "Log p", report.value, None, report.known_value, NATS,
                "The model's own; beside it the closed form of the data's law.", "exact",
            ))  # fmt: skip
        if len(report.t):
            start = float(report.log_p[0])
            found += [
                Reading("Of its noise", start, unit=NATS, help="log-density of the start noise where the way begins."),
                Reading("What the way adds", report.value - start, unit=NATS,
                        help="Minus the integral of the divergence, or the sum of the layers' log-determinants."),
            ]  # fmt: skip
        self.readings.show_readings(found)
        self.readings.setVisible(bool(found))
        if report.hutchinson or report.divergence is None:  # the first answer to a dragged point has none yet
            self._show_random(report)

    def _show_random(self, report: LikelihoodReport) -> None:
        shown = []
        for law, word in ((RADEMACHER, "Rademacher"), (GAUSSIAN, "Gaussian")):
            one = report.hutchinson.get(law)
            if one is not None:
                spread = float(one.log_p_spread[-1])
                shown += [
                    Reading(f"{word}: mean of {one.estimates}", float(one.log_p[-1]),
                            NORMAL_95 * spread / math.sqrt(one.estimates), report.value, NATS,
                            "Mean of log p by random probes; beside it that by the exact divergence.", "exact trace"),
                    Reading(f"{word}: spread of one", spread, unit=NATS,
                            help="Standard deviation of a single estimate: what one solve by it may miss."),
                ]  # fmt: skip
        self.random.show_readings(shown)
        for part in (self.random_head, self.random):
            part.setVisible(bool(shown))

    def show_moment(self, report: LikelihoodReport, index: int) -> None:
        """Where the point is at the frame shown."""
        on = bool(len(report.t))
        self.here_head.setVisible(on)
        self.here.setVisible(on)
        if not on:
            return
        at = max(0, min(index, len(report.t) - 1))
        place = ", ".join(f"{one:.2f}" for one in report.x[at]).replace("-", "\N{MINUS SIGN}")
        items = {"Place": f"({place})", "log p there": f"{plain(float(report.log_p[at]), 5)} {NATS}"}
        if report.divergence is not None:
            items["Divergence"] = plain(float(report.divergence[at]), 4)
        if report.known is not None:
            items["Exact there"] = f"{plain(float(report.known[at]), 5)} {NATS}"
        items["Network evaluations"] = f"{report.evaluations:,}"
        self.here.set_items(items.items())

    def show_map(self, on: bool) -> None:
        """Whether the model has a density to draw."""
        self.map_head.setVisible(on)
        self.map.setVisible(on)

    def accept(self, picture: Picture) -> None:
        """A map of the density has come: how much of the mass is on the stage."""
        if picture.ask.view == "density" and "integral" in picture.numbers:
            self.map.set_items([
                ("Integral over the stage", f"{picture.numbers['integral']:.3f}"),
                ("Kind", picture.note), ("Path time t", f"{picture.ask.t:.2f}"),
            ])  # fmt: skip
