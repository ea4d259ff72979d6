"""The middle of the figures: each as it arrives, and samples over their nearest training pictures."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import Nearest, Score
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.readout import Readout, doubt_text
from dgm_studio.gui.widgets.section import SectionHeader

NEAREST = 3
"""Training pictures that are shown of each sample."""
NOTHING = "Press Measure: each figure stands here as soon as it is known."
FLOOR_OF = "real pictures judged in the same way"


def score_text(score: Score) -> str:
    """ "0.041 ± 0.003 nats": the value with half its interval where it has one, and its unit."""
    if not math.isfinite(score.value):
        return "–"
    return doubt_text(score.value, (score.high - score.low) / 2, score.unit)


def bar_end(score: Score) -> float:
    """The right end of a figure's bar: 1 where all of it lies in [0, 1], else half again its largest number."""
    numbers = [abs(one) for one in (score.value, score.high, score.floor) if math.isfinite(one)]
    most = max(numbers, default=1.0)
    return 1.0 if most <= 1 else 1.5 * most


class MeasurePicture(QWidget):
    """`add(score)` as they come; `show_nearest` of samples."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores: dict[str, Score] = {}
        self.readouts: dict[str, Readout] = {}
        stack = Stack(self, gap=10)
        self.header = SectionHeader("Figures", above=0)
        card = Card("stage")
        inner = Stack(card, gap=8, pad=(18, 14, 18, 14))
        self.nothing = Label(NOTHING, 13, 400, "dim", wrap=True)
        self.grid = QGridLayout()
        self.grid.setColumnStretch(0, 1)
        self.grid.setColumnStretch(1, 1)
        inner.addWidget(self.nothing)
        inner.addLayout(self.grid)
        inner.addStretch(1)
        self.near_header = SectionHeader("Nearest training pictures", note="each sample, then its nearest three",
                                         above=0)  # fmt: skip
        below = Card("stage")
        self.pictures = PictureGrid(
            "Samples and their nearest training pictures", "A sample, then the training pictures nearest to it with "
            "their root mean square distance in grey levels", gap=6, empty="The pictures come in a moment",
        )  # fmt: skip
        Stack(below, gap=0, pad=(12, 12, 12, 12)).addWidget(self.pictures)
        self.why = Label("", 13, 400, "dim", wrap=True)
        stack.addWidget(self.header)
        stack.addWidget(card, 4)
        stack.addWidget(self.near_header)
        stack.addWidget(below, 6)
        stack.addWidget(self.why)
        self.why.hide()
        self.below = below
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.grid.setHorizontalSpacing(theme().px(32))
        self.grid.setVerticalSpacing(theme().px(8))

    def clear(self) -> None:
        """Another measurement."""
        for readout in self.readouts.values():
            self.grid.removeWidget(readout)
            readout.hide()
            readout.deleteLater()
        self.scores, self.readouts = {}, {}
        self.nothing.show()
        self.header.set_note("")

    def add(self, score: Score) -> None:
        """One more figure, or the same measured better."""
        if score.id not in self.readouts:
            beside = f" The grey part, or the tick: {FLOOR_OF}." if math.isfinite(score.floor) else ""
            readout = Readout(score.title, score.unit, f"{score.help} From {score.n:,} pictures.{beside}")
            place = len(self.readouts)
            self.readouts[score.id] = readout
            self.grid.addWidget(readout, place // 2, place % 2)
        self.scores[score.id] = score
        self.nothing.hide()
        known, floor = math.isfinite(score.value), score.floor if math.isfinite(score.floor) else None
        reached = floor is not None and floor >= score.value  # of what should be large real pictures are the tick
        self.readouts[score.id].set_value(
            score.value if known else None, floor=None if reached else floor, mark=floor if reached else None,
            high=bar_end(score), text=score_text(score), floor_of=FLOOR_OF,
        )  # fmt: skip
        self.header.set_note(f"{score.done} of {score.total}")

    def show_nearest(self, samples: Array, nearest: Nearest) -> None:
        """Each of the samples (n, c, h, w), then its nearest training pictures with their distances."""
        groups = np.concatenate([samples[:, None], nearest.pixels], axis=1)
        size = groups.shape[1]
        captions = [text for row in nearest.distances for text in ("", *(f"{one:.3f}" for one in row))]
        self.pictures.show_pictures(groups.reshape(-1, *samples.shape[1:]), captions)
        self.pictures.set_marks(dict.fromkeys(range(0, size * len(samples), size), "sample"))
        self._fit()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """So many samples in a row that the pictures are largest, and none is parted from its neighbours."""
        best = (0.0, NEAREST + 1)
        for together in (1, 2, 4, 8):
            self.pictures.set_columns(together * (NEAREST + 1))
            best = max(best, (self.pictures.layout_now()[1], together * (NEAREST + 1)))
        self.pictures.set_columns(best[1])

    def clear_nearest(self, why: str = "") -> None:
        """None are shown, and why not."""
        self.pictures.show_pictures(np.zeros((0, 1, 1, 1), dtype=np.uint8))
        self.below.setVisible(not why)
        self.why.setVisible(bool(why))
        self.why.setText(why)
