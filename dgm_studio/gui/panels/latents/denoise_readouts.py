"""The right column of the denoise view: the moment, one picture large, and what a guided field is."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.latents.denoise_film import PictureFilm
from dgm_studio.gui.panels.latents.model_card import facts
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_tile import PictureTile
from dgm_studio.gui.widgets.section import SectionHeader

HINT = "Click a picture to see it large."
LESSON = (
    "All columns begin with the same noise, so what differs between them is the guidance alone. A larger γ makes the "
    "class clearer and the pictures of a class more alike."
)
HELPS = {
    "Time t": "The studio's clock: 0 is noise, 1 is data.",
    "Lecture's time": "1 − t: the lectures count from data to noise.",
    "Network calls": "Evaluations of the network so far, all columns together.",
    "Film made in": "From the wish to the last frame, with all that the worker did beside it.",
}


class DenoiseReadouts(QWidget):
    """`show_moment` as the clock moves, `look_at` a picture of a column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.facts = KeyValueList()
        self.model = KeyValueList()
        self.noised = PictureTile("xₜ of the picture that is looked at", "xₜ, large")
        self.clean = PictureTile("x̂₁ of the picture that is looked at", "x̂₁, large")
        pair = Row(gap=8)
        pair.addWidget(self.noised, 1)
        pair.addWidget(self.clean, 1)
        self.words = Label(HINT, 12, 400, "dim", wrap=True)
        stack.addWidget(SectionHeader("This moment", above=0))
        stack.addWidget(self.facts)
        stack.addWidget(SectionHeader("One picture", note="xₜ and x̂₁"))
        stack.addLayout(pair)
        stack.addWidget(self.words)
        stack.addWidget(SectionHeader("Guidance"))
        stack.addWidget(Label(LESSON, 12, 400, "dim", wrap=True))
        stack.addWidget(SectionHeader("Model"))
        stack.addWidget(self.model)
        stack.addStretch(1)
        self.noised.hide()
        self.clean.hide()
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        for tile in (self.noised, self.clean):
            tile.setFixedHeight(theme().px(136))

    def show_model(self, report: PictureModelReport) -> None:
        """What is filmed."""
        self.model.set_items(facts(report).items())

    def clear(self) -> None:
        """Nothing is filmed."""
        self.facts.set_items(())
        self.model.set_items(())
        self.look_at(None, 0, "", -1, "")

    def show_moment(self, film: PictureFilm, index: int, seconds: float) -> None:
        """The frame at `index`; `seconds` is 0 while the film is being made."""
        at = film.frames[index]
        lines = [
            ("Frame", f"{index + 1} of {film.report.total}"),
            ("Time t", f"{at.t:.3f}"),
            ("Lecture's time", f"{1 - at.t:.3f}"),
            ("Network calls", f"{at.evaluations:,}"),
            ("Film made in", f"{seconds:.1f} s" if seconds else "…"),
        ]
        self.facts.set_items(lines)
        self.facts.set_helps(HELPS)

    def look_at(self, film: PictureFilm | None, index: int, column: str, picture: int, title: str) -> None:
        """x_t beside the prediction of one picture; a `picture` of -1 is none."""
        there = film is not None and picture >= 0 and column in film.report.columns
        self.noised.setVisible(there)
        self.clean.setVisible(there)
        self.words.setText(f"{title}, picture {picture + 1}" if there else HINT)
        if film is not None and there:
            at, place = film.frames[index], film.report.columns.index(column)
            self.noised.show_picture(at.x_t[place][picture])
            self.clean.show_picture(at.x1_hat[place][picture])
