"""The right column of Scrub: where one is, the place that is looked at, and ways to go from here."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import LatentMap, PictureModelReport
from dgm_studio.gui.panels.latents.direction_sliders import DirectionSliders
from dgm_studio.gui.panels.latents.keyframes import Key
from dgm_studio.gui.panels.latents.model_card import facts
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader

ERROR_HELP = "Root mean square difference between the picture and its reconstruction, in grey levels of [0, 1]"
HELPS = {
    "Length |z|": "Of the latent; a standard normal of k numbers has length about √k",
    "Off the plane": "How far the latent is from the plane that is drawn: 0 is on it",
    "Decoded in": "From asking until the picture was here",
}


class ScrubReadouts(QWidget):
    """Facts of the position, the selected place beside its reconstruction, direction sliders, facts of the model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.header = SectionHeader("Here", above=0)
        self.here = KeyValueList()
        self.place = SectionHeader("Place", above=0)
        self.pair = PictureGrid("The place that is looked at", columns=2, least=110, gap=10)
        self.error = Readout("Reconstruction error", tooltip=ERROR_HELP, tone="error")
        self.directions = DirectionSliders()
        self.about = SectionHeader("Model", above=0)
        self.model = KeyValueList()
        self.remark = Label("", 12, 400, "dim", wrap=True)
        for part in (
            self.header, self.here, self.place, self.pair, self.error, self.directions, self.about, self.model,
            self.remark,
        ):  # fmt: skip
            stack.addWidget(part)
        stack.addStretch(1)
        self.remark.hide()
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.pair.setFixedHeight(theme().px(150))

    def show_model(self, report: PictureModelReport) -> None:
        """Another model."""
        self.model.set_items(facts(report).items())
        self.remark.setText(report.remark)
        self.remark.setVisible(bool(report.remark))

    def show_here(self, z: Array, place: str, found: LatentMap | None, seconds: float) -> None:
        """Where one is: in words, how long the latent is, how far off the plane."""
        length = float(np.linalg.norm(z))
        items = {"Position": place, "Length |z|": f"{length:.2f}  (√k = {math.sqrt(len(z)):.2f})"}
        if found is not None:
            items["Off the plane"] = f"{_off_plane(z, found):.2f}"
        items["Decoded in"] = f"{1000 * seconds:.0f} ms" if seconds > 0 else "–"
        self.here.set_items(items.items())
        self.here.set_helps(HELPS)
        self.directions.show_at(z)

    def show_place(self, key: Key | None, number: int, classes: tuple[str, ...]) -> None:
        """The place that is looked at: its picture, and what the model makes of it."""
        self.place.set_caption(f"Place {number + 1}" if key is not None else "Place")
        self.place.set_note(key.title(classes) if key is not None else "")
        if key is None or key.made is None or key.pixels is None:
            self.pair.show_pictures(np.empty((0, 1, 1, 1), dtype=np.uint8))
            self.error.set_value(None)
            return
        real = not math.isnan(key.error)
        pixels = np.stack([key.pixels, key.made] if real else [key.made])
        self.pair.show_pictures(pixels, ("picture", "decoded") if real else ("decoded",))
        text = None if real else "no picture to compare"
        self.error.set_value(key.error if real else None, high=0.3, text=text)


def _off_plane(z: Array, found: LatentMap) -> float:
    away = np.asarray(z, dtype=np.float64) - found.centre
    inside = found.basis @ away
    return float(np.linalg.norm(away - inside @ found.basis))
