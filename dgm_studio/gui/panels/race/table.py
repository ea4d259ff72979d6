"""The table of a race: one line a score, one column a run, the best of each line in the accent colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.label import Label


@dataclass(frozen=True)
class Line:
    """One score: its key, words, whether more is better, its noise floor's key, and what it means."""

    key: str
    label: str
    more: bool
    floor: str
    help: str


LINES = (
    Line("log_likelihood", "log p, nats", True, "", "Mean log-likelihood of 400 fresh points; below it its kind."),
    Line("sliced_w2", "Sliced W₂", False, "w2_floor", "Sliced Wasserstein distance of 1,000 samples to fresh data."),
    Line("mmd", "MMD²", False, "mmd_floor", "Squared maximum mean discrepancy, Gaussian kernel, median bandwidth."),
    Line(
        "precision", "Precision", True, "", "Share of samples within the data's 3-nearest-neighbour balls (lecture 6)."
    ),
    Line("recall", "Recall", True, "", "Share of data within the samples' 3-nearest-neighbour balls (lecture 6)."),
    Line("coverage", "Coverage", True, "", "Share of modes covered; k-NN recall where the data have no modes."),
    Line("samples_per_second", "Samples / s", True, "", "How many samples a second the model draws, 1,000 at a time."),
    Line("evaluations", "Steps", False, "", "Network evaluations to draw one sample."),
)
KIND = "kind"


class ScoreTable(QWidget):
    """`set_scores(place, numbers, kind)` fills a column; a value below its noise floor is grey."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._scores: list[dict[str, float]] = []
        self._kinds: list[str] = []
        self.cells: dict[tuple[str, int], Label] = {}
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self._grid.setVerticalSpacing(theme().px(7))
        self._grid.setHorizontalSpacing(theme().px(6))

    def set_runs(self, titles: Sequence[str]) -> None:
        """A race of these runs: nothing is measured yet."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._scores, self._kinds = [{} for _ in titles], [""] * len(titles)
        self.cells = {}
        self._grid.setColumnStretch(0, 1)
        for place, title in enumerate(titles):
            head = Label(f"{place + 1}", 12.5, 600, tabular=True)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            head.setToolTip(title)
            palette = head.palette()
            palette.setColor(head.foregroundRole(), theme().class_colour(place))
            head.setPalette(palette)
            self._grid.addWidget(head, 0, place + 1)
        keys = [(line.key, line.label, line.help) for line in LINES]
        keys.insert(1, (KIND, "", "How the likelihood is known: exact, by the ODE, by quadrature, or a lower bound."))
        for row, (key, label, why) in enumerate(keys, start=1):
            name = Label(label, 12, 400, "dim")
            name.setToolTip(why)
            self._grid.addWidget(name, row, 0)
            for place in range(len(titles)):
                cell = Label("–" if key != KIND else "", 12 if key != KIND else 10.5, 500, "faint", tabular=True)
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                cell.setToolTip(why)
                self.cells[key, place] = cell
                self._grid.addWidget(cell, row, place + 1)

    def set_scores(self, place: int, numbers: Mapping[str, float], kind: str) -> None:
        """What was measured of one run."""
        if place >= len(self._scores):
            return
        self._scores[place], self._kinds[place] = dict(numbers), kind
        self.cells[KIND, place].setText(kind or "none")
        for line in LINES:
            self._show(line)

    def scores(self, place: int) -> Mapping[str, float]:
        """The numbers of one run, empty until they are measured."""
        return self._scores[place]

    def _show(self, line: Line) -> None:
        known = [one[line.key] for one in self._scores if line.key in one]
        best = (max(known) if line.more else min(known)) if known else None
        for place, one in enumerate(self._scores):
            cell, value = self.cells[line.key, place], one.get(line.key)
            if value is None:
                cell.setText("–")
                cell.set_tint("faint")
                continue
            cell.setText(short(value))
            floor = one.get(line.floor)
            below = floor is not None and value <= floor
            cell.set_tint("dim" if below else "accent" if value == best and len(known) > 1 else "text")
            noise = (
                "" if floor is None else f"\nNoise floor {floor:.3g}" + (": no difference can be told" if below else "")
            )
            cell.setToolTip(f"{line.label} of run {place + 1}: {value:.4g}{noise}\n{line.help}")


def short(value: float) -> str:
    """Three figures in few letters: 1.2 M, 34 k, 0.041, −2.31."""
    if value <= -1e8:
        return "−∞"
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:.1f}M"
    if size >= 1e4:
        return f"{value / 1e3:.0f}k"
    if size >= 100 or (size >= 1 and value == math.floor(value)):
        return f"{value:.0f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 1e-3 or value == 0 else f"{value:.0e}".replace("e-0", "e-")
