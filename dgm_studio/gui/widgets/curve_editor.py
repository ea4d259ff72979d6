"""The editor of curves that are drawn by hand: it writes the same knobs as their fields do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.drawn_path import DrawnPath
from dgm_studio.core.knobs import DRAWN_PATH, Value, numbers_in
from dgm_studio.core.pchip import resampled
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.curve_plot import CurvePlot, Curves
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.label import Label


@dataclass(frozen=True)
class Judgement:
    """Of curves: why they will not do ("" if they will), at which times (k,) they fail, and what follows from them."""

    refusal: str
    losing: Array
    facts: tuple[tuple[str, str], ...]


def _path(curves: Curves) -> Judgement:
    path = DrawnPath(*curves)
    return Judgement(path.refusal, path.losing(), path.facts())


JUDGES: dict[str, Callable[[Curves], Judgement]] = {DRAWN_PATH: _path}
"""By the kind of curve that a knob declares."""

HINT = "Drag a knot, or focus the plot: arrows choose and move a knot, plus and minus change how many there are."


class CurveEditor(QWidget):
    """The curves of `rows`, whose knobs are lists of numbers of one kind. A curve that will not do is drawn while it is
    dragged, with the sentence; then the last good one stands again."""

    def __init__(self, rows: Sequence[KnobRow], judge: Callable[[Curves], Judgement]) -> None:
        super().__init__()
        self.rows, self._judge = tuple(rows), judge
        stack = Stack(self, gap=6, pad=(0, 4, 0, 8))
        self.plot = CurvePlot([row.knob.label for row in self.rows])
        self.plot.setToolTip(HINT)
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        self.facts = KeyValueList()
        line = Row(gap=4)
        self.fewer = Button("Fewer knots", "Draw the chosen curve through one knot less (−)", kind="link")
        self.more = Button("More knots", "Draw the chosen curve through one knot more (+)", kind="link")
        line.addWidget(self.fewer)
        line.addStretch(1)
        line.addWidget(self.more)
        stack.addWidget(self.plot)
        stack.addWidget(self.refusal)
        stack.addLayout(line)
        stack.addWidget(self.facts)
        self.plot.pulled.connect(self._pull)
        self.plot.let_go.connect(self.refresh)
        self.plot.counted.connect(self._count)
        self.fewer.clicked.connect(lambda: self._count(self.plot.knot[0], -1))
        self.more.clicked.connect(lambda: self._count(self.plot.knot[0], 1))
        for place, row in enumerate(self.rows):
            row.check_also(partial(self._refusal_of, place))
            row.edited.connect(lambda *_: self._edited())
        self.refresh()

    @property
    def curves(self) -> Curves:
        """Those in force: what the rows hold."""
        return tuple(numbers_in(str(row.value())) for row in self.rows)

    def refresh(self) -> None:
        """Draw what the rows hold."""
        self._draw(self.curves)

    def _edited(self) -> None:
        self._say("")
        self.refresh()

    def _pull(self, curve: int, knot: int, height: float) -> None:
        values = list(self.curves[curve])
        values[knot] = height
        self._want(curve, tuple(values))

    def _count(self, curve: int, by: int) -> None:
        values = self.curves[curve]
        low, high = self.rows[curve].knob.numbers or (len(values), len(values))
        count = min(high, max(low, len(values) + by))
        if count != len(values):
            self._want(curve, tuple(round(value, 3) for value in resampled(values, count)))
            self.refresh()

    def _want(self, curve: int, values: tuple[float, ...]) -> None:
        """Another curve: written where it will do, else only drawn, with the reason."""
        wanted = _with(self.curves, curve, values)
        judged = self._judge(wanted)
        self._say(judged.refusal)
        if judged.refusal:
            self._draw(wanted, judged)
        else:
            self.rows[curve].take(", ".join(f"{value:g}" for value in values))

    def _refusal_of(self, place: int, value: Value) -> str:
        return self._judge(_with(self.curves, place, numbers_in(str(value)))).refusal

    def _draw(self, curves: Curves, judged: Judgement | None = None) -> None:
        judged = judged or self._judge(curves)
        self.plot.show_curves(curves, self.curves, judged.losing)
        self.facts.set_items(judged.facts)

    def _say(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))


def _with(curves: Curves, place: int, values: tuple[float, ...]) -> Curves:
    return tuple(values if k == place else held for k, held in enumerate(curves))
