"""One slider for each way to go from here: the latent's axes, the codes' principal axes, towards each class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import Directions
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.thin_slider import ThinSlider

REACH = 3.0
"""Standard deviations of the codes to both sides."""
KINDS = (
    ("principal", "Principal", "Along the principal axes of the encoded data"),
    ("class", "Classes", "From the mean of all codes towards each class's mean"),
    ("axis", "Axes", "Along the latent's own axes, one number each"),
)
NUDGE = 0.1
WITHOUT = "This model's data give no such directions."
MOST = 16
"""Sliders at once; the first of their kind."""


class DirectionSliders(QWidget):
    """`moved(index, amount)`: go so far along direction `index`, in units of its vector, from where one is."""

    moved = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Directions | None = None
        self.kind = KINDS[0][0]
        self._origin: Array = np.empty(0)
        self._at: dict[int, float] = {}
        stack = Stack(self, gap=6)
        self.header = SectionHeader("Directions", note="σ of the codes", above=0)
        self.kinds = Segments(KINDS)
        self.kinds.set_current(self.kind)
        self.says = Label("", 12, 400, "dim", wrap=True)
        stack.addWidget(self.header)
        stack.addWidget(self.kinds)
        stack.addWidget(self.says)
        self._rows = Stack(gap=0)
        stack.addLayout(self._rows)
        self.sliders: dict[int, ThinSlider] = {}
        self.kinds.chosen.connect(self.choose)
        self.show_directions(None, np.empty(0))

    def show_directions(self, found: Directions | None, origin: Array) -> None:
        """Another model's, counted from `origin` (k,); None while they are being found."""
        self.found, self._origin = found, origin
        kinds = set(found.kinds) if found is not None else set()
        for key, _, tooltip in KINDS:
            self.kinds.set_reason(key, "" if key in kinds or found is None else WITHOUT, tooltip)
        if found is not None and self.kind not in kinds and found.kinds:
            self.kind = found.kinds[0]
            self.kinds.set_current(self.kind)
        self._fill()

    def choose(self, kind: str) -> None:
        """Another kind of direction."""
        self.kind = kind
        self.kinds.set_current(kind)
        self._fill()
        self._show()

    def show_at(self, z: Array) -> None:
        """Where one is: every slider shows how far along its direction."""
        found = self.found
        if found is None:
            return
        away = np.asarray(found.vectors @ (z - self._origin), dtype=np.float64)
        self._at = {index: float(away[index]) for index in range(len(away))}
        self._show()

    def _fill(self) -> None:
        for slider in self.sliders.values():
            self._rows.removeWidget(slider)
            slider.hide()
            slider.deleteLater()
        self.sliders = {}
        found = self.found
        mine = [one for one, kind in enumerate(found.kinds) if kind == self.kind] if found is not None else []
        self.says.setText("Encoding the data…" if found is None else "")
        self.says.setVisible(found is None)
        self.header.set_note(f"first {MOST} of {len(mine)}" if len(mine) > MOST else "σ of the codes")
        for index in mine[:MOST]:
            assert found is not None
            slider = ThinSlider(height=38, track_at=27)
            slider.title = found.names[index]
            slider.setAccessibleName(found.names[index])
            slider.setToolTip(f"Go along “{found.names[index]}” from where you are; arrows go a tenth of σ")
            slider.moved.connect(lambda fraction, index=index: self._go(index, REACH * (2 * fraction - 1)))
            slider.nudged.connect(lambda by, index=index: self._go(index, self._sigmas(index) + NUDGE * by))
            self.sliders[index] = slider
            self._rows.addWidget(slider)

    def _scale(self, index: int) -> float:
        return max(float(self.found.scales[index]), 1e-6) if self.found is not None else 1.0

    def _sigmas(self, index: int) -> float:
        return self._at.get(index, 0.0) / self._scale(index)

    def _go(self, index: int, sigmas: float) -> None:
        """To so many standard deviations along a direction; the rest stays."""
        self.moved.emit(index, (sigmas - self._sigmas(index)) * self._scale(index))

    def _show(self) -> None:
        for index, slider in self.sliders.items():
            sigmas = self._sigmas(index)
            slider.note = f"{sigmas:+.2f} σ" if abs(sigmas) >= 0.005 else "0.00 σ"
            slider.setAccessibleDescription(slider.note)
            if not slider.isSliderDown():
                slider.set_fraction(0.5 + sigmas / (2 * REACH))
            slider.update()
