"""The left column of the Paint window: tool, radius, density, class, where to start from, and the feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QScrollArea, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.catalogue import DataEntry
from dgm_studio.core.knobs import Knob, knob, knobs_of
from dgm_studio.gui.paint.canvas import HALF
from dgm_studio.gui.paint.swatches import Swatches
from dgm_studio.gui.paint.tools import TOOLS, Nib
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import IconButton
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.gui.widgets.switch_row import SwitchRow
from dgm_studio.gui.widgets.thumbnail import Thumbnail

_TURN = 1.15
"""By how much one key or one notch of the wheel changes the radius."""


@dataclass(frozen=True)
class _Knobs:
    radius: float = knob(
        0.3,
        "Radius",
        "Half the width of the stroke, in model units. Keys [ and ].",
        low=0.05,
        high=1.5,
        log=True,
    )
    density: int = knob(
        120, "Density", "Points per square unit of the canvas.", low=5, high=1000, log=True, unit="per unit²"
    )
    feed: bool = knob(
        False, "Feed the running model", "Training goes on with what you draw, five times a second at most."
    )


def _knob(name: str) -> Knob:
    return next(one for one in knobs_of(_Knobs) if one.name == name)


class ToolButton(IconButton):
    """A tool that is down while it is in the hand."""

    def __init__(self, icon_name: str, name: str, tooltip: str) -> None:
        super().__init__(icon_name, name, tooltip, size=20, hit=44)
        self.setProperty("kind", "tool")
        self.setCheckable(True)
        self.toggled.connect(self._tinted)

    def _tinted(self, on: bool) -> None:
        self._tint = "on_accent" if on else "dim"
        self.restyle()


class PaintForm(QScrollArea):
    """Tells what was chosen; the window acts."""

    tool_picked = Signal(int)
    """Index into TOOLS."""
    nib_changed = Signal(object)
    """A Nib: radius, density or class is another."""
    start_picked = Signal(object, object)
    """Points (n, 2) in model units and labels (n,) to start from."""

    def __init__(self, entries: Sequence[DataEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground = Surface("panel")
        stack = Stack(ground, gap=4, pad=(20, 14, 20, 14))
        stack.addWidget(SectionHeader("Tool"))
        stack.addLayout(self._tools())
        self._help = Label("", 12, tint="dim", wrap=True)
        stack.addWidget(self._help)
        stack.addSpacing(4)
        self.radius, self.density = SliderRow(_knob("radius")), SliderRow(_knob("density"))
        stack.addWidget(self.radius)
        stack.addWidget(self.density)
        stack.addWidget(SectionHeader("Class"))
        self.swatches = Swatches()
        stack.addWidget(self.swatches)
        self.starts: list[Thumbnail] = []
        if entries:
            stack.addWidget(SectionHeader("Start from", "replaces the canvas"))
            stack.addWidget(self._starts(entries))
        stack.addStretch(1)
        self.feed = SwitchRow(_knob("feed"))
        stack.addWidget(self.feed)
        self.setWidget(ground)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for row in (self.radius, self.density):
            row.edited.connect(self._nib)
        self.swatches.picked.connect(self._nib)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.pick_tool(0)

    @property
    def nib(self) -> Nib:
        """Radius, density and class as they are set."""
        return Nib(float(self.radius.value()), float(self.density.value()), self.swatches.label)

    def pick_tool(self, index: int) -> None:
        """Take another tool in hand."""
        self._group.button(index).setChecked(True)

    def turn_radius(self, by: int) -> None:
        """A step larger (+1) or smaller (-1), within the range."""
        own = self.radius.knob
        wanted = float(self.radius.value()) * _TURN**by
        self.radius.set_value(min(max(wanted, own.low or wanted), own.high or wanted))
        self._nib()

    def _tools(self) -> Row:
        row = Row(gap=8)
        self._group = QButtonGroup(self)
        for index, tool in enumerate(TOOLS):
            button = ToolButton(tool.id, tool.title, f"{tool.title}: {tool.help.lower()} ({tool.key})")
            self._group.addButton(button, index)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idToggled.connect(self._toggled)
        return row

    def _starts(self, entries: Sequence[DataEntry]) -> QWidget:
        holder = QWidget()
        flow = Flow(holder, gap=5, line_gap=6)
        for entry in (entry for entry in entries if entry.thumbnail.shape[1] == 2):  # one paints in the plane
            thumb = Thumbnail(entry.card.title, f"Start from {entry.card.title}", entry.thumbnail)
            thumb.setCheckable(False)
            thumb.clicked.connect(lambda _=False, entry=entry: self._start(entry))
            flow.addWidget(thumb)
            self.starts.append(thumb)
        return holder

    def _start(self, entry: DataEntry) -> None:
        self.start_picked.emit(on_canvas(entry.thumbnail), entry.labels)

    def _toggled(self, index: int, on: bool) -> None:
        if on:
            self._help.setText(f"{TOOLS[index].title}. {TOOLS[index].help}.")
            self.tool_picked.emit(index)

    def _nib(self) -> None:
        self.nib_changed.emit(self.nib)

    def _rescale(self) -> None:
        self.setFixedWidth(theme().px(296))


def on_canvas(points: Array) -> Array:
    """Points (n, 2) as they are if they fit the canvas, else shrunk alike in both axes until they do."""
    reach = float(np.abs(points).max(initial=0.0))
    return points if reach <= HALF else points * (0.95 * HALF / reach)
