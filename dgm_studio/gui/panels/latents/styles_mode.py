"""The styles of a generator: a plane of seeds, truncation, each layer's style from a seed of its own, activations."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import STYLES, PictureModelReport, Styled
from dgm_studio.core.picture_requests import Style
from dgm_studio.core.seed_plane import Blend, blend_at, pure
from dgm_studio.gui.panels.latents import modes
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.panels.latents.styles_form import PSI, StylesForm
from dgm_studio.gui.panels.latents.styles_readouts import StylesReadouts
from dgm_studio.gui.panels.latents.styles_views import ACROSS, DOWN, SHEET, StylesPicture
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "seeds"
PAGES = 400
STILL = "Styles stand still: Left and Right turn the sheet of seeds."


class StylesMode(LookingMode):
    """`seeds` says whose style each layer has: a seed's, or a blend's of seeds that are neighbours in the plane; the
    sheet shows seeds `first` to `first + SHEET - 1`."""

    id, word, tooltip = modes.STYLES
    restart_help = "The style of seed 0 in every layer (R)"
    paced = False
    needs = STYLES
    without = "This model has no styles: nothing modulates its layers. A GAN with style modulation has them."
    suits, suits_word = "fashion-style-gan", "Open the GAN"

    def __init__(self, studio: Studio, lane: PictureLane, parent: QObject | None = None) -> None:
        self.form: StylesForm = StylesForm()
        self.view = StylesPicture()
        self.readouts: StylesReadouts = StylesReadouts()
        super().__init__(studio, lane, self.view, parent)
        self.stage = self.view.mixed
        self.seeds: tuple[Blend, ...] = ()
        self.psi = float(PSI.default)
        self.page = 0
        self._sheet: Array = np.zeros((0, 1, 1, 1), dtype=np.uint8)
        self._sheet_at = -1
        """How far the sheet is drawn; SHEET when it is whole."""
        self._round = 0
        self.form.psi_wanted.connect(self.set_psi)
        self.view.seed_pressed.connect(self._press)
        self.view.dragged.connect(self._drag)

    @property
    def first(self) -> int:
        """The first seed of the sheet."""
        return self.page * SHEET

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers of the model that is open."""
        return self.report.layers if self.report is not None else ()

    # What is shown.

    def show_model(self, report: PictureModelReport) -> None:
        """One seed in all its layers, and the sheet."""
        self.forget()
        self.form.show_layers(report.layers)
        self.view.show_layers(report.layers)
        self.readouts.show_model(report)
        self._sheet = np.zeros((SHEET, *report.shape[:3]), dtype=np.uint8)
        self.seeds = (pure(0),) * len(report.layers)
        self.view.sheet.set_grip(None)
        self._mix()
        self._draw_sheet()

    def forget(self) -> None:
        """Nothing is shown."""
        self._round += 1
        self.seeds = ()
        self.view.show_styled(None)
        self.view.sheet.show_pictures(self._sheet[:0])

    def _press(self, place: int) -> None:
        self.view.sheet.set_grip((place % ACROSS, place // ACROSS))
        self.give(pure(self.first + place))

    def _drag(self, across: float, down: float) -> None:
        """Between the seeds; the mixed picture follows at once."""
        self.view.sheet.set_grip((across, down))
        self.give(blend_at(across, down, ACROSS, DOWN, self.first))

    def give(self, blend: Blend) -> None:
        """The chosen layers take the style of this blend of seeds."""
        taking = self.form.taking()
        if not taking:
            self.failed.emit("No layer is chosen: press one in the form, then a seed.")
            return
        self.cleared.emit()
        self.seeds = tuple(blend if name in taking else own for name, own in zip(self.layers, self.seeds, strict=True))
        self._mix()

    def set_psi(self, psi: float) -> None:
        """Another truncation, of the mixed picture and of the sheet."""
        self.psi = psi
        self.form.psi.set_values({PSI.name: psi})
        self._mix()
        self._draw_sheet()

    def _mix(self) -> None:
        if self.report is None or not self.seeds:
            return
        self.form.show_seeds(self.layers, self.seeds)
        marked = dict.fromkeys((seed - self.first for blend in self.seeds for seed, _ in blend), "accent")
        self.view.sheet.set_marks({place: token for place, token in marked.items() if 0 <= place < SHEET})
        self.lane.newest("style", Style(self.lane.name, self.seeds, self.psi), self._show_mixed)
        self.changed.emit()

    def _show_mixed(self, styled: Styled) -> None:
        self.view.show_styled(styled)
        self.readouts.show_styled(self.layers, styled)
        self.changed.emit()

    # The sheet: a seed at a time, so that a hand on the slider is never in its way.

    def _draw_sheet(self) -> None:
        self._round += 1
        self._sheet_at = 0
        self._draw_next()

    def _draw_next(self) -> None:
        if self.report is None or not 0 <= self._sheet_at < SHEET:
            return
        seed, turn = self.first + self._sheet_at, self._round
        request = Style(self.lane.name, (pure(seed),) * len(self.layers), self.psi)
        self.lane.ask(request, lambda styled: self._show_seed(styled, turn))

    def _show_seed(self, styled: Styled, turn: int) -> None:
        if turn != self._round:
            return
        self._sheet[self._sheet_at] = styled.pixels[0]
        self._sheet_at += 1
        captions = [str(self.first + place) for place in range(SHEET)]
        self.view.sheet.show_pictures(self._sheet, captions)
        if self._sheet_at == SHEET:
            self.changed.emit()
        self._draw_next()

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """One track: which page of the sheet."""
        bar.add_track(TRACK, "Seeds", "data")

    def show_on(self, bar: TransportBar) -> None:
        """Which seeds."""
        bar.set_playing(False)
        there = self.report is not None
        text = f"seeds {self.first} to {self.first + SHEET - 1}" if there else ""
        bar.set_track(TRACK, "Seeds", text, self.page, PAGES, there, "" if there else "No model with styles is open")

    def unplayable(self) -> str:
        """Nothing moves by itself."""
        return STILL

    def turn(self, page: int) -> None:
        """Another page of the sheet."""
        page = min(PAGES - 1, max(0, page))
        if page != self.page:
            self.page = page
            self.view.sheet.set_grip(None)
            self._mix()
            self._draw_sheet()

    def step(self, by: int) -> None:
        """The page before or after."""
        self.turn(self.page + by)

    def go(self, fraction: float) -> None:
        """The first or the last page."""
        self.turn(round(fraction * (PAGES - 1)))

    def scrub(self, track: str, position: float) -> None:
        """That page."""
        self.turn(round(position))

    def restart(self) -> None:
        """One style again."""
        self.seeds = (pure(0),) * len(self.layers)
        self.view.sheet.set_grip(None)
        self._mix()

    def press(self, index: int) -> None:
        """The layers."""
        self.form.chips.press(index)

    # The window's calls.

    def settled(self) -> bool:
        """The mixed picture and the sheet are drawn."""
        if self.report is None:
            return self.lane.report is not None
        return self.view.styled is not None and self._sheet_at == SHEET and not self.lane.busy("style")

    def session(self) -> dict[str, Any]:
        """Truncation and page."""
        return {"truncation": self.psi, "page": self.page}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; anything foreign, and all stays as it is."""
        psi, page = held.get("truncation"), held.get("page")
        if isinstance(psi, (int, float)) and 0 <= psi <= float(PSI.high or 0):
            self.psi = float(psi)
            self.form.psi.set_values({PSI.name: self.psi})
        if isinstance(page, int) and 0 <= page < PAGES:
            self.page = page
