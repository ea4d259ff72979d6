"""How well pictures go with their captions against the scale of guidance: asked for, drawn point by point, stopped."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.core.latents import ALIGNS, Alignment, PictureModelReport
from dgm_studio.core.picture_requests import Align
from dgm_studio.core.reports import Failure, Report
from dgm_studio.core.sketch import DASHED, Line, Mark, Plot, line
from dgm_studio.gui.panels.latents.denoise_lane import DenoiseWish
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_card import PlotCard

TITLE = "Alignment with the caption"
HELD_OUT, THIS = "held-out", "this"
OF = Knob(
    "of", str, HELD_OUT, "Captions", "Whose alignment is measured.",
    choices=(
        Choice(HELD_OUT, "Held-out", "One picture for each of the captions of so many held-out pictures."),
        Choice(THIS, "This one", "So many pictures of the caption above."),
    ),
)  # fmt: skip
COUNT = Knob("count", int, 48, "Pictures", "Pictures drawn at each γ, every one from a seed of its own.", 8, 128)
MEASURE, STOP = "Measure against γ", "Stop"
HELP = "Draws pictures at seven γ and measures how well they go with their captions; it takes half a minute"
WHAT = (
    "The cosine between picture and caption in a joint embedding that was trained by contrast on the same glyphs "
    "(glyph-clip). The band is a 95 % interval over seeds; the dashed line is real pictures with their own captions, "
    "the grey one with the captions of others."
)
OTHERS = "No joint embedding ships for these pictures: only glyphs have one."


class AlignmentPart(QObject):
    """`form` stands among the knobs, `card` beside the film's curve."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, lane: PictureLane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self.points: list[Alignment] = []
        self.running = False
        self._asked = 0
        self._gamma = 0.0
        self.form = QWidget()
        stack = Stack(self.form, gap=8)
        self.knobs = KnobForm("Alignment", "draws pictures", (OF, COUNT), spread=(OF.name,))
        self.button = Button(MEASURE, HELP)
        line = Row(gap=6)
        line.addWidget(self.button)
        line.addStretch(1)
        stack.addWidget(self.knobs)
        stack.addLayout(line)
        stack.addWidget(Label(WHAT, 12, 400, "dim", wrap=True))
        self.card = PlotCard()
        self.wish: DenoiseWish | None = None
        self.caption = ""
        self.button.clicked.connect(lambda: self.stop() if self.running else self.measure())
        lane.reported.connect(self._report)
        lane.failed.connect(self._fail)
        self.form.hide()
        self.card.hide()

    def show_model(self, report: PictureModelReport, hears: bool) -> None:
        """Another model: nothing is measured yet."""
        self.running = False
        self.points = []
        self.form.setVisible(hears)
        self.button.set_reason("" if ALIGNS in report.can else OTHERS, HELP)
        self._show()

    def show_wish(self, wish: DenoiseWish, caption: str) -> None:
        """What is drawn now: its γ is marked, its sampling and seed are measured."""
        self.wish, self.caption = wish, caption
        if wish.gamma != self._gamma:
            self._gamma = wish.gamma
            self._draw()

    def measure(self) -> None:
        """All scales, one after the other."""
        if self.wish is None:
            return
        values = self.knobs.values()
        caption = self.caption if values[OF.name] == THIS else ""
        self.points, self.running = [], True
        self._asked = self._lane.tell(
            Align(
                self._lane.name, caption=caption, count=int(values[COUNT.name]), seed=self.wish.seed,
                sampling=dict(self.wish.sampling),
            )
        )  # fmt: skip
        self._show()

    def stop(self) -> None:
        """What is known stays."""
        if self.running:
            self.running = False
            self._lane.tell(Align(self._lane.name, on=False))
            self._show()

    def _report(self, report: Report) -> None:
        if isinstance(report, Alignment) and self.running:
            self.points.append(report)
            self.running = report.done < report.total
            self._show()

    def _fail(self, failure: Failure) -> None:
        if self.running and failure.request == self._asked:
            self.running = False
            self._show()

    def _show(self) -> None:
        self.button.setText(STOP if self.running else MEASURE)
        self.button.setAccessibleName("Stop measuring the alignment" if self.running else MEASURE)
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        if not self.form.isHidden():
            self.card.set_plot(self.plot())

    def plot(self) -> Plot:
        """The curve so far, its band, and what real pictures have."""
        points = self.points
        gammas = [one.gamma for one in points]
        lines: tuple[Line, ...] = ()
        if points:
            band = tuple(line("", "", gammas, [getattr(one, end) for one in points]).y for end in ("low", "high"))
            curve = line("drawn", "accent", gammas, [one.value for one in points], band=(band[0], band[1]))
            ends = [0.0, max(8.0, *gammas)]
            known = (("real", "data", points[-1].real), ("real, another's caption", "dim", points[-1].other))
            level = (line(name, tone, ends, [value] * 2, DASHED) for name, tone, value in known if math.isfinite(value))
            lines = (curve, *level)
        done = f" · {points[-1].done} of {points[-1].total}" if points and self.running else ""
        whose = f" “{points[-1].caption}”" if points and points[-1].caption else ""
        return Plot(
            f"{TITLE}{whose}{done}", "γ (guidance scale)", "cosine", lines, (Mark("now", "sample", self._gamma),),
            low=0.0, high=1.0, left=0.0, right=8.0,
        )  # fmt: skip
