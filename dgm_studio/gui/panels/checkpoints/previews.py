"""When the file does not say what its network predicts: the same few seeds by each hypothesis; the wrong are noise."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.gallery import CHOICE, Making, Rows, varied
from dgm_studio.core.inspection import Conclusion
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.checkpoints.gallery_grid import Cell, GalleryGrid
from dgm_studio.gui.panels.checkpoints.gallery_lane import GalleryLane
from dgm_studio.gui.panels.checkpoints.running import ASSUMED, Running
from dgm_studio.gui.panels.checkpoints.settings_card import WORDS
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label

LANE, PREDICTION = "checkpoint-previews", "prediction"
SEEDS = (0, 1, 2, 3)
STEPS = 10
"""Enough to tell a picture from noise."""
SAYS = (
    "The file does not store what its network predicts. Each row samples the same seeds by one hypothesis: click the "
    "one that shows pictures."
)


class Previews(QWidget):
    """Hidden while the prediction is known. It looks only when `set_active`."""

    changed = Signal()

    def __init__(self, running: Running, link: Link, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.running = running
        self.lane = GalleryLane(link, LANE, self)
        self.rows: Rows = ()
        self.options: tuple[str, ...] = ()
        self._active = False
        card = Card("accent_wash", "accent")
        Stack(self, gap=0).addWidget(card)
        inner = Stack(card, gap=6, pad=(14, 10, 14, 10))
        self.words = Label(SAYS, 13, 500, "text", wrap=True)
        self.grid = GalleryGrid("Previews of what the network may predict", least=150)
        inner.addWidget(self.words)
        inner.addWidget(self.grid, 1)
        self.grid.pressed.connect(lambda row, _: running.choose(PREDICTION, self.options[row]))
        self.lane.told.connect(self._show)
        running.changed.connect(self.refresh)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.hide()

    def _rescale(self) -> None:
        self.setMinimumHeight(theme().px(268))

    def unsure(self) -> Conclusion | None:
        """The conclusion that nobody could draw, where a person can."""
        found = (one for one in self.running.settings if one.name == PREDICTION and len(one.options) > 1)
        return next((one for one in found if one.source.startswith(ASSUMED)), None)

    def set_active(self, on: bool) -> None:
        """Whether a person looks."""
        self._active = on
        if on:
            self.refresh()
        else:
            self.lane.stop()

    def refresh(self) -> None:
        """Begin, or go away."""
        one, report = self.unsure(), self.running.report
        self.setVisible(one is not None)
        if one is None or report is None or not self._active:
            return
        self.options = tuple(option for option in one.options)[:4]
        steps = {"steps": STEPS} if "steps" in report.sampling else {}
        base = Making(self.running.path, SEEDS[0], sampling=steps, choice=dict(self.running.choice))
        hypotheses = (base.having(CHOICE + PREDICTION, option) for option in self.options)
        self.rows = tuple(varied(making, "seed", SEEDS) for making in hypotheses)
        self._show()
        self.lane.want(self.rows)

    def _show(self) -> None:
        cells = [[self._cell(making) for making in row] for row in self.rows]
        heads = [(WORDS.get(option, option), "click to choose") for option in self.options]
        self.grid.show_cells(cells, [f"seed {seed}" for seed in SEEDS], heads)
        self.changed.emit()

    def _cell(self, making: Making) -> Cell:
        tile = self.lane.tile(making)
        said = f"Predicts {WORDS.get(making.choice[PREDICTION], making.choice[PREDICTION])}"
        return Cell(tile.pixels if tile else None, "", said, tile.refusal if tile else "")
