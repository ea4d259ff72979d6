"""Latent arithmetic: a − b + c of three places, decoded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.latents.keyframes import Key
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

SIGNS = ("", "−", "+")
NAMES = ("a", "b", "c")


class Arithmetic(QWidget):
    """`go_wanted(z)`: the latent a − b + c of the places chosen."""

    go_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[Key, ...] = ()
        self._titles: list[str] = []
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Arithmetic", note="a − b + c of places", above=0))
        self.boxes: list[Combo] = []
        for sign, name in zip(SIGNS, NAMES, strict=True):
            row = Row(gap=8)
            box = Combo(f"Place {name}", f"The place that is {name} of a − b + c")
            row.addWidget(Label(f"{sign} {name}".strip(), 13, 600, "dim"))
            row.addWidget(box, 1)
            stack.addLayout(row)
            self.boxes.append(box)
        self.go = Button("Go to a − b + c", "Decode the latent a − b + c, and go there; Add… keeps it as a place")
        stack.addWidget(self.go)
        self.go.clicked.connect(self._go)

    def show_keys(self, keys: Sequence[Key], classes: tuple[str, ...]) -> None:
        """The places to choose from; the choice stays where it can."""
        self._keys = tuple(keys)
        titles = [f"{index + 1}  {key.title(classes)}" for index, key in enumerate(keys)]
        if titles != self._titles:
            self._titles = titles
            for place, box in enumerate(self.boxes):
                chosen = box.currentIndex()
                box.clear()
                box.addItems(titles)
                if titles:
                    box.setCurrentIndex(chosen if 0 <= chosen < len(titles) else min(place, len(titles) - 1))
        placed = bool(keys) and all(key.latent is not None for key in keys)
        self.go.set_reason("" if placed else "The places are being encoded.", "Decode a − b + c, and go there")

    def value(self) -> Array | None:
        """a − b + c, None while a place has no latent."""
        a, b, c = (self._keys[box.currentIndex()].latent if self._keys else None for box in self.boxes)
        return a - b + c if a is not None and b is not None and c is not None else None

    def _go(self) -> None:
        z = self.value()
        if z is not None:
            self.go_wanted.emit(z)
