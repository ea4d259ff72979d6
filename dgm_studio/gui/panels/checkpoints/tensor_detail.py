"""The chosen tensor in pictures: its histogram, its heat map, its convolution filters, its singular values."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import TensorEntry
from dgm_studio.core.inspection_json import number
from dgm_studio.core.reports import Plate
from dgm_studio.core.sketch import Bars, Plot, line
from dgm_studio.gui.panels.checkpoints.tensor_words import shape_text
from dgm_studio.gui.reader_link import Head
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.plate_card import PlateCard
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.segments import Segments

HISTOGRAM, HEAT, FILTERS, SINGULAR = "histogram", "heatmap", "filters", "singular"
"""What the reader is asked for, too."""
VIEWS = (
    (HISTOGRAM, "Histogram", "How its numbers are spread"),
    (HEAT, "Heat map", "Its numbers as a table: red below zero, green above"),
    (FILTERS, "Filters", "Each output channel's kernel as a picture"),
    (SINGULAR, "Singular values", "Of the tensor as a matrix: outputs by all the rest"),
)
NOTHING = "Choose a tensor in the table."
WAIT = "Reading the tensor…"


def reason(entry: TensorEntry, view: str) -> str:
    """Why a tensor cannot be seen that way, "" where it can."""
    if entry.numel == 0:
        return "It holds no numbers."
    if view == FILTERS and (len(entry.shape) != 4 or min(entry.shape[2:]) < 2):
        return "Only kernels of two-dimensional convolutions, (out, in, height, width) above 1 × 1, are pictures."
    if view in (HEAT, SINGULAR) and len(entry.shape) < 2:
        return "Only tensors with two sizes or more are matrices."
    return ""


class TensorDetail(QWidget):
    """`wanted(view, name)` when something must be read; it is shown by `show_found`, or `show_reason`."""

    wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry: TensorEntry | None = None
        self.view = HISTOGRAM
        """What a person wants to see; a tensor that has it not shows its histogram meanwhile."""
        stack = Stack(self, gap=6)
        head = Row(gap=10)
        self.name = Label("", 13, 600, elide=True)
        self.views = Segments(VIEWS, gap=3)
        head.addWidget(self.name, 1)
        head.addWidget(self.views)
        stack.addLayout(head)
        self.plot = PlotCard()
        self.heat = PlateCard(Plate("matrix", "", {"matrix": np.zeros((0, 0))}))
        self.filters = PictureGrid("Convolution filters", "One picture an output channel, its first three inputs as "
                                   "colours where it has three", gap=3)  # fmt: skip
        self.words = Label(NOTHING, 13, 400, "dim", wrap=True)
        empty = QWidget()
        Stack(empty, gap=0, pad=(4, 8, 4, 8)).addWidget(self.words)
        self.pages = QStackedWidget()
        self.empty = empty
        for page in (self.empty, self.plot, self.heat, self.filters):
            self.pages.addWidget(page)
        stack.addWidget(self.pages, 1)
        self.views.chosen.connect(self.choose)
        self.views.set_current(self.view)
        self.show_tensor(None)

    def hasHeightForWidth(self) -> bool:
        """It takes what room there is: the words in it need not decide."""
        return False

    def show_tensor(self, entry: TensorEntry | None) -> None:
        """Another tensor, or none."""
        self.entry = entry
        self.name.setText("" if entry is None else f"{entry.name}   {shape_text(entry.shape)}")
        for view, word, tooltip in VIEWS:
            self.views.set_reason(view, NOTHING if entry is None else reason(entry, view), f"{word}. {tooltip}")
        if entry is None:
            self._say(NOTHING)
            return
        self._ask()

    @property
    def seen(self) -> str:
        """What is seen of this tensor."""
        able = self.entry is not None and not reason(self.entry, self.view)
        return self.view if able else HISTOGRAM

    def choose(self, view: str) -> None:
        """Another view of it."""
        self.view = view
        self._ask()

    def _ask(self) -> None:
        self.views.set_current(self.seen)
        if self.entry is None:
            return
        if why := reason(self.entry, self.seen):
            self._say(why)
        else:
            self.wanted.emit(self.seen, self.entry.name)

    def wait(self) -> None:
        """It is being read, and takes a while."""
        self._say(WAIT)

    def show_reason(self, sentence: str) -> None:
        """Why nothing is seen."""
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.pages.setCurrentWidget(self.empty)

    def show_found(self, view: str, name: str, head: Head, raw: bytes) -> None:
        """What the reader found of it; of a tensor that is no longer chosen nothing is shown."""
        if self.entry is None or name != self.entry.name or view != self.seen:
            return
        if view == HEAT:
            rows, columns = head["of"]
            note = "" if list(head["shape"]) == [rows, columns] else f"means of blocks of {rows:,} × {columns:,}"
            self.heat.plate = Plate("matrix", "Values", {"matrix": floats(head, raw)}, note)
            self.heat.setAccessibleDescription(note)
            self.heat.update()
            self.pages.setCurrentWidget(self.heat)
        elif view == FILTERS:
            low, high = number(head["low"]), number(head["high"])
            span = high - low if high > low else 1.0
            pixels = np.clip((floats(head, raw) - low) / span * 255, 0, 255)
            self.filters.show_pictures(np.nan_to_num(pixels).astype(np.uint8))
            count, of = len(self.filters.pixels), int(head["of"][0])
            self.filters.setToolTip(f"The first {count} of {of:,} filters, black {low:.3g} to white {high:.3g}")
            self.pages.setCurrentWidget(self.filters)
        else:
            self.plot.set_plot(_spread(head) if view == HISTOGRAM else _spectrum(head))
            self.pages.setCurrentWidget(self.plot)


def floats(head: Head, raw: bytes) -> Array:
    """The 32-bit numbers that follow an answer, in its shape."""
    return np.frombuffer(raw, "<f4").reshape(head["shape"])


def _spread(head: Head) -> Plot:
    counts = np.asarray(head["counts"], dtype=float)
    edges = np.linspace(number(head["low"]), number(head["high"]), len(counts) + 1)
    bad = int(head["nans"]) + int(head["infs"])
    title = f"Without {bad:,} that are NaN or infinite" if bad else "How its numbers are spread"
    bars = Bars("numbers", "accent", edges, counts)
    return Plot(title, "value", "how many", (), bars=(bars,), low=0.0)


def _spectrum(head: Head) -> Plot:
    values = np.array([number(one) for one in head["values"]])
    shown = line("singular values", "accent", np.arange(1, len(values) + 1), values)
    title = f"Rank {head['rank']:,} of {len(values):,}"
    return Plot(title, "number", "singular value", (shown,), low=0.0)
