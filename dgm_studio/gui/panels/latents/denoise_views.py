"""The middle of the denoise view: a column of pictures for each way to guide, and how early each settles."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.latents import CLASSIFIER, COLUMNS, CONDITIONAL, GUIDED, UNCONDITIONAL
from dgm_studio.core.sketch import Mark, Plot, line
from dgm_studio.gui.panels.latents.denoise_film import PictureFilm
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.plot_card import PlotCard

TONES = {UNCONDITIONAL: "data", CONDITIONAL: "exact", GUIDED: "accent", CLASSIFIER: "sample"}
TITLES = {choice.id: choice.label for choice in COLUMNS}
NOISED, CODE = "the noised picture xₜ", "the noised code zₜ"
CLEAN, DECODED = "the predicted clean picture x̂₁", "the decoded prediction x̂₁"


class FilmColumn(QWidget):
    """One way to guide: its name, x_t, and what the network takes for the clean picture."""

    pressed = Signal(int)

    def __init__(self, column: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column
        stack = Stack(self, gap=4)
        self.title = Label(TITLES[column], 13, 600, "text", elide=True)
        self.noised_words = Label(NOISED, 11.5, 400, "faint", elide=True)
        self.clean_words = Label(CLEAN, 11.5, 400, "faint", elide=True)
        self.noised = PictureGrid(f"{TITLES[column]}: the noised pictures", gap=4)
        self.clean = PictureGrid(f"{TITLES[column]}: the predicted clean pictures", gap=4)
        stack.addWidget(self.title)
        stack.addWidget(self.noised_words)
        stack.addWidget(self.noised, 1)
        stack.addWidget(self.clean_words)
        stack.addWidget(self.clean, 1)
        for grid in (self.noised, self.clean):
            grid.pressed.connect(self.pressed)

    def show_frame(self, film: PictureFilm, place: int, index: int) -> None:
        """The film's column at `place`, at the moment `index`."""
        frame, report = film.frames[index], film.report
        told = f" · γ = {report.gamma:.2f}" if self.column in (GUIDED, CLASSIFIER) else ""
        self.title.setText(f"{TITLES[self.column]}{told}")
        self.noised_words.setText(CODE if report.latent else NOISED)
        self.clean_words.setText(DECODED if report.latent else CLEAN)
        self.noised.show_pictures(frame.x_t[place])
        self.clean.show_pictures(frame.x1_hat[place])

    def select(self, picture: int) -> None:
        """The one that is looked at."""
        self.noised.select(picture)
        self.clean.select(picture)


class DenoisePicture(QWidget):
    """`toggled(column, on)` of the chips; `pressed(column, picture)` of a picture."""

    toggled = Signal(str, bool)
    pressed = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.film: PictureFilm | None = None
        self.index = 0
        self._stack = stack = Stack(self, gap=10)
        self.chips = ChipRow()
        for key, choice in enumerate(COLUMNS, start=1):
            self.chips.add(choice.id, choice.label, TONES[choice.id], str(key), choice.help)
        card = Card("stage")
        inner = Row(card, gap=16, pad=(16, 12, 16, 14))
        self.columns = {choice.id: FilmColumn(choice.id) for choice in COLUMNS}
        for column in self.columns.values():
            inner.addWidget(column, 1)
            column.hide()
            column.pressed.connect(lambda picture, key=column.column: self.pressed.emit(key, picture))
        self.curve = PlotCard(wide=True)
        stack.addWidget(self.chips)
        stack.addWidget(card, 1)
        self._below, self._plots = Row(gap=12), [self.curve]
        self._below.addWidget(self.curve, 1)
        stack.addLayout(self._below)
        self._own = (self.chips, card, self.curve)
        self.chips.toggled.connect(self.toggled)
        theme().changed.connect(self._rescale)
        self._rescale()

    def put_first(self, part: QWidget) -> None:
        """Something of the user's own over all of it."""
        self._stack.insertWidget(0, part)

    def show_own(self, on: bool) -> None:
        """The film, or only what was put first."""
        for part in self._own:
            part.setVisible(on)

    def put_beside(self, plot: PlotCard) -> None:
        """A plot beside the curve, as high as it."""
        self._below.addWidget(plot, 1)
        self._plots.append(plot)
        self._rescale()

    def make_room(self, on: bool) -> None:
        """Whether the plot beside the curve is in sight: then both have their legends below their titles."""
        self._plots[-1].setVisible(on)
        self.curve.set_wide(not on)
        self._rescale()

    def _rescale(self) -> None:
        alone = all(plot.isHidden() for plot in self._plots[1:])
        for plot in self._plots:
            plot.setFixedHeight(theme().px(150 if alone else 196))

    def show_film(self, film: PictureFilm | None, index: int) -> None:
        """Another film, or the same with more frames."""
        self.film = film
        shown = film.report.columns if film is not None else ()
        for key, column in self.columns.items():
            column.setVisible(key in shown)
        self.show_moment(index)

    def show_moment(self, index: int) -> None:
        """The frame at `index` in every column."""
        film = self.film
        if film is None or not film.frames:
            return
        self.index = min(index, len(film.frames) - 1)
        for place, key in enumerate(film.report.columns):
            self.columns[key].show_frame(film, place, self.index)
        self.curve.set_plot(self.plot())

    def plot(self) -> Plot:
        """How far the prediction of each moment is from the last one."""
        film = self.film
        assert film is not None
        times, apart = [frame.t for frame in film.frames], film.unsettled()
        lines = tuple(
            line(TITLES[key], TONES[key], times, apart[:, place]) for place, key in enumerate(film.report.columns)
        )
        now = Mark("now", "sample", times[self.index])
        return Plot(
            "How far the prediction is from its end", "t (0 noise, 1 data)", "grey, RMS", lines, (now,),
            low=0.0, left=0.0, right=1.0,
        )  # fmt: skip

    def select(self, picture: int) -> None:
        """The picture that is looked at, in every column."""
        for column in self.columns.values():
            column.select(picture)
