"""The middle of the film: one or two lanes of cells with their legend, and below when each position was revealed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from dgm_studio.core.unmasking import ORDERS
from dgm_studio.gui.panels.text.cells import Cells
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.lane import TokenLane
from dgm_studio.gui.panels.text.reveal_map import KINDS, MASKS, REVEALED, RevealMap
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import IconButton
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_legend import AREA, OUTLINE, Entry, PlotLegend
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

LOOK, LOCK, MASK = "look", "lock", "mask"
TOOLS = (
    (LOOK, "Look", "A click on a word shows what else could stand there"),
    (LOCK, "Lock", "A click on a word locks it in every film, or unlocks it"),
    (MASK, "Mask", "A click on a word masks it: a locked one from the start, another from this step on"),
)
GUESSES, COMPARE = "guesses", "compare"
WHERE = "set it under “Second lane”, last in the form"
LEGEND = (
    Entry("locked", "band", AREA),
    Entry("revealed, tint = probability", "accent", AREA),
    Entry("new in this step", "sample", AREA),
    Entry("masked, best guess inside", "faint", OUTLINE),
    Entry("masked again", "error", OUTLINE),
)


class CellCard(Card):
    """Lanes of cells one below the other, scrolling when they are long, and a legend."""

    def __init__(self, lanes: tuple[str, ...], legend: tuple[Entry, ...], parent: QWidget | None = None) -> None:
        super().__init__("stage", parent=parent)
        stack = Stack(self, gap=8, pad=(4, 12, 4, 12))
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = Surface("stage")
        inner = Stack(body, gap=12, pad=(20, 8, 14, 4))
        self.heads: list[Label] = []
        self.cells: list[Cells] = []
        for name in lanes:
            head, cells = Label("", 12.5, 600, "dim", elide=True), Cells(name)
            inner.addWidget(head)
            inner.addWidget(cells)
            head.hide()
            self.heads.append(head)
            self.cells.append(cells)
        inner.addStretch(1)
        self.area.setWidget(body)
        self.legend = PlotLegend()
        stack.addWidget(self.area, 1)
        foot = Stack(gap=0, pad=(20, 0, 14, 0))
        foot.addWidget(self.legend)
        stack.addLayout(foot)
        self.legend.show_entries(legend)  # not before it has a parent: it would open as a window
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.area.viewport().installEventFilter(self)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setMinimumHeight(theme().px(150))
        self.share_room()

    def share_room(self) -> None:
        """Every lane that is shown gets its part of the height, under its head."""
        px = theme().px
        shown = [place for place, cells in enumerate(self.cells) if not cells.isHidden()]
        heads = sum(px(20) + px(10) for place in shown if not self.heads[place].isHidden())
        room = self.area.viewport().height() - 2 * px(8) - heads - px(10) * len(shown)
        for place in shown:
            self.cells[place].set_room(max(0, room // len(shown)), tiny=len(shown) > 1)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        """The scroll area has a new size."""
        if event.type() == QEvent.Type.Resize:
            self.share_room()
        return super().eventFilter(watched, event)


class FilmPicture(QWidget):
    """`toggled(id, on)` of the chips, `tool_chosen` of what a click does; cells and map signal for themselves."""

    toggled = Signal(str, bool)
    tool_chosen = Signal(str)
    train_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparing = False
        self._hint = ""
        stack = self._stack = Stack(self, gap=8)
        tools = Row(gap=6)
        self.chips = ChipRow()
        self.chips.add(GUESSES, "Best guesses", "data", "1", "Show or hide the network's best guess in masked cells",
                       on=True)  # fmt: skip
        self.chips.add(COMPARE, "Compare", "sample", "2", "A second lane from the same seed with its own settings")
        self.tools = Segments(TOOLS, right=True)
        self.tools.set_current(LOOK)
        self.says = Label("A click:", 12, 400, "dim")
        tools.addWidget(self.chips, 1)
        self.copy = IconButton("copy", "Copy the words", "Copy the words of this step to the clipboard", size=15)
        tools.addWidget(self.says)
        tools.addWidget(self.tools)
        tools.addWidget(self.copy)
        self.card = CellCard(("Tokens", "Tokens of the second lane"), LEGEND)
        self.first, self.second = self.card.cells
        self.second.hide()
        self.empty = EmptyState(
            "No model of text ships with this copy. Train one, or open a checkpoint.", "Train a model",
            "Go to Train and learn from the King James Bible",
        )  # fmt: skip
        self.empty.clicked.connect(self.train_wanted)
        below = Row(gap=8)
        self.header = SectionHeader("When each position was revealed", note="position → · step ↓", above=0)
        self.kinds = Segments(KINDS, right=True)
        self.kinds.set_current(REVEALED)
        below.addWidget(self.header, 1)
        below.addWidget(self.kinds)
        self.map = RevealMap()
        stack.addLayout(tools)
        stack.addWidget(self.card, 13)
        stack.addWidget(self.empty, 13)
        self.empty.hide()
        stack.addLayout(below)
        stack.addWidget(self.map, 8)
        self.chips.toggled.connect(self.toggled)
        self.tools.chosen.connect(self.tool_chosen)
        self.kinds.chosen.connect(self.set_kind)

    def set_kind(self, kind: str) -> None:
        """What the map shows."""
        self.kinds.set_current(kind)
        self.map.set_kind(kind)
        captions = {"revealed": "When each position was revealed", "entropy": "How unsure the network was"}
        self.header.set_caption(captions.get(kind, "Masks left"))
        self.header.set_note("share ↑ · step →" if kind == MASKS else "position → · step ↓")

    def set_compare(self, on: bool) -> None:
        """One lane or two."""
        self.comparing = on
        self.second.setVisible(on)
        for head in self.card.heads:
            head.setVisible(on)
        self._stack.setStretchFactor(self.card, 22 if on else 13)
        self._stack.setStretchFactor(self.map, 4 if on else 8)
        self.card.share_room()

    def set_empty(self, on: bool) -> None:
        """Whether there is no model to show a film of."""
        self.card.setVisible(not on)
        self.empty.setVisible(on)

    def set_guesses(self, on: bool) -> None:
        """Whether masked cells show the network's best guess."""
        for cells in self.card.cells:
            cells.set_guesses(on)

    def show_film(self, film: TokenFilm | None, index: int) -> None:
        """The first lane's, also on the map."""
        self.first.show_film(film, index)
        self.map.show_film(film)

    def show_moment(self, index: int, selected: int) -> None:
        """Of both lanes; `selected` is the position that is looked at."""
        self.first.show_moment(index)
        if self.comparing and self.second.film is not None:
            self.second.show_moment(index)
        self.map.show_moment(index, selected)

    def show_hint(self, text: str) -> None:
        """What a person is to do, over the cells; "" for nothing."""
        head = self.card.heads[0]
        self._hint = text
        if not self.comparing:
            head.setText(text)
            if head.isHidden() == bool(text):
                head.setVisible(bool(text))
                self.card.share_room()

    def show_heads(self, first: TokenLane, second: TokenLane, index: int) -> None:
        """What each of two lanes is, and how far; where the second has its settings."""
        texts = (f"{lane_text(first, index)}{' · ' if self._hint else ''}{self._hint}",
                 f"{lane_text(second, index)} · {WHERE}")  # fmt: skip
        for head, text in zip(self.card.heads, texts, strict=True):
            head.setText(text)


def lane_text(lane: TokenLane, index: int) -> str:
    """ "Margin, temperature 0.80 · step 12 of 24 · 0.83 distinct"."""
    film = lane.film
    if film is None or not film.moments:
        return "Unmasking…" if lane.making else "–"
    index = min(index, len(film.moments) - 1)
    settings, at = film.report.settings, film.moments[index].at
    order = next(choice.label for choice in ORDERS if choice.id == settings.order)
    return f"{order}, temperature {settings.temperature:.2f} · step {at.step} of {film.report.steps}"
