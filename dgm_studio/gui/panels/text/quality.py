"""Read-outs of a film of tokens: how sure, how repetitive, how much of the corpus; and all that against the steps."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.sketch import Line, Plot, line
from dgm_studio.core.unmasking import ORDERS, SweepPoint, TextQuality
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

DISTINCT, PAIRS, ENTROPY = "distinct", "pairs", "entropy"
MEASURES = (
    (DISTINCT, "Distinct", "The share of distinct words"),
    (PAIRS, "Pairs seen", "The share of adjacent pairs that the corpus has"),
    (ENTROPY, "Entropy", "The mean entropy of the network where it restored a token, in nats"),
)
TONES = ("accent", "exact", "error", "sample", "data", "text", "dim", "accent_hover", "faint")
SWEPT_STEPS = (1, 2, 4, 8, 16, 32, 64)
SWEPT_ORDERS = ("random", "confidence", "margin", "entropy", "left-to-right")
MOST_NATS = 5.0
"""The right end of the entropy's bar."""


class QualityReadouts(QWidget):
    """Of the film as it stands after the present step; a tick marks held-out text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Quality", note="tick: held-out text"))
        self.distinct = Readout("Distinct words", tooltip="Distinct words divided by all words that stand.")
        self.pairs = Readout(
            "Pairs seen in the corpus",
            tooltip="The share of adjacent tokens that stand side by side in the corpus too.",
        )
        self.entropy = Readout(
            "Mean entropy", "nats", "How unsure the network was, over all positions that are not locked."
        )
        self.nearest = Readout(
            "Longest run in the corpus",
            tooltip="The longest stretch of words and punctuation that stands just so in the corpus, and the line that "
            "holds it: memorised?",
        )
        self.line = Label("", 11.5, 400, "faint", wrap=True)
        for part in (self.distinct, self.pairs, self.entropy, self.nearest, self.line):
            stack.addWidget(part)
        self.clear()

    def clear(self) -> None:
        """Nothing is known."""
        for readout in (self.distinct, self.pairs, self.entropy, self.nearest):
            readout.set_value(None)
        self.line.setText("")
        self.line.hide()

    def show_entropy(self, film: TokenFilm, index: int) -> None:
        """From the step itself."""
        at = film.moments[index].at
        open_ = ~film.locked
        asked = at.step > 0 and bool(open_.any())
        value = float(np.asarray(at.entropy)[open_].mean()) if asked else None
        self.entropy.set_value(value, high=MOST_NATS, text=None if value is None else f"{value:.2f} nats")

    def show_quality(self, quality: TextQuality | None) -> None:
        """Against the corpus; None while it is not here."""
        if quality is None:
            return
        self.distinct.set_value(*_share(quality.distinct), mark=_mark(quality.held_out_distinct),
                                text=_text(quality.distinct))  # fmt: skip
        self.pairs.set_value(*_share(quality.pairs), mark=_mark(quality.held_out_pairs), text=_text(quality.pairs))
        known = quality.compared > 0 and bool(quality.line)
        self.nearest.set_value(
            quality.nearest / quality.compared if known else None,
            text=f"{quality.nearest} of {quality.compared} tokens" if known else None,
        )
        self.line.setText(f"“{quality.line}”" if known else "")
        self.line.setVisible(known)


def _share(value: float) -> tuple[float | None]:
    return (None if math.isnan(value) else value,)


def _mark(value: float) -> float | None:
    return None if math.isnan(value) else value


def _text(value: float) -> str | None:
    return None if math.isnan(value) else f"{value:.2f}"


class SweepCard(QWidget):
    """Quality against the number of steps, a curve for each order: one button."""

    wanted = Signal(bool)
    """True asks for a sweep, False stops it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: list[SweepPoint] = []
        self.running = False
        self.measure = DISTINCT
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Quality against steps"))
        row = Row(gap=6)
        self.button = Button("Sweep", "Sample with 1, 2, 4, … 64 steps in each order and draw the quality")
        self.words = Label("", 11.5, 400, "dim", elide=True)
        row.addWidget(self.button)
        row.addWidget(self.words, 1)
        row.addStretch(0)
        self.measures = Segments(MEASURES)
        self.measures.set_current(DISTINCT)
        self.card = PlotCard()
        self.hint = Label("Few steps lift many masks at once, as if they did not depend on each other.",
                          12, 400, "dim", wrap=True)  # fmt: skip
        stack.addLayout(row)
        stack.addWidget(self.hint)
        stack.addWidget(self.measures)
        stack.addWidget(self.card)
        self.button.clicked.connect(lambda: self.wanted.emit(not self.running))
        self.measures.chosen.connect(self.choose)
        theme().changed.connect(self._rescale)
        self._rescale()
        self._show()

    def _rescale(self) -> None:
        self.card.setFixedHeight(theme().px(230))

    def clear(self) -> None:
        """Another model or sentence: nothing of it is known."""
        self.points = []
        self.set_running(False)

    def set_running(self, on: bool) -> None:
        """Whether points are being drawn."""
        self.running = on
        self.button.setText("Stop" if on else "Sweep")
        self.button.setAccessibleName("Stop the sweep" if on else "Sweep")
        self._show()

    def add(self, point: SweepPoint) -> None:
        """One more point."""
        if point.done == 1:
            self.points = []
        self.points.append(point)
        self.words.setText(f"{point.done} of {point.total} points, {point.samples} films each")
        self.set_running(point.done < point.total)

    def choose(self, measure: str) -> None:
        """Another measure."""
        self.measure = measure
        self.measures.set_current(measure)
        self._show()

    def plot(self) -> Plot:
        """What is drawn."""
        label = next(word for key, word, _ in MEASURES if key == self.measure)
        unit = "nats" if self.measure == ENTROPY else "share"
        return Plot(f"{label}, by order", "steps", unit, tuple(self._lines()), log_x=True)

    def _lines(self) -> list[Line]:
        found = []
        for order, tone in zip((choice.id for choice in ORDERS), TONES, strict=True):
            points = [point for point in self.points if point.order == order]
            own = sorted((point.steps, float(getattr(point, self.measure))) for point in points)
            own = [(steps, value) for steps, value in own if not math.isnan(value)]
            if own:
                label = next(choice.label for choice in ORDERS if choice.id == order)
                found.append(line(label, tone, [one[0] for one in own], [one[1] for one in own]))
        return found

    def _show(self) -> None:
        some = bool(self.points)
        for part in (self.measures, self.card):
            part.setVisible(some)
        self.hint.setVisible(not some)
        if some:
            self.card.set_plot(self.plot())
