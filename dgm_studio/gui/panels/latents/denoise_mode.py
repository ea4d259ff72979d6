"""Pictures that come out of noise: a film for each way to guide, forwards, backwards, any frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import QObject, QTimer

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.latents import (
    CAPTION,
    CAPTIONS,
    CLASSIFIER,
    COLUMNS,
    CONDITIONAL,
    DENOISES,
    GUIDED,
    UNCONDITIONAL,
    PictureModelReport,
)
from dgm_studio.core.reports import Failure
from dgm_studio.gui.panels.latents import modes
from dgm_studio.gui.panels.latents.alignment_part import AlignmentPart
from dgm_studio.gui.panels.latents.denoise_film import PictureFilm
from dgm_studio.gui.panels.latents.denoise_form import CLASS, COUNT, GAMMA, NO_CLASSES, SEED, DenoiseForm, told_classes
from dgm_studio.gui.panels.latents.denoise_lane import DenoiseLane, DenoiseWish
from dgm_studio.gui.panels.latents.denoise_readouts import DenoiseReadouts
from dgm_studio.gui.panels.latents.denoise_views import TITLES, DenoisePicture
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.panels.playing import film_player, kept_playing
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK, LANE = "denoising", "latents-film"
NO_CLASSIFIER = "This model was trained without a noisy classifier beside it."
SOON_MS = 150
"""A dragged knob is one film, not a hundred."""
OF_CLASSES = (CONDITIONAL, GUIDED, CLASSIFIER)


class DenoiseMode(LookingMode):
    """What is wanted is in `wish`, what is seen in `film`; the player's index is the moment of all columns."""

    id, word, tooltip = modes.DENOISE
    restart_help = "A new film with the next seed (R)"
    needs = DENOISES
    without = "This model makes its pictures in one go: there is nothing to denoise. A flow or a diffusion takes steps."
    suits, suits_word = "fashion-latent-flow", "Open the latent flow"
    film_lane: ClassVar[str] = LANE
    """The lane in which its films are made."""

    def __init__(self, studio: Studio, lane: PictureLane, parent: QObject | None = None) -> None:
        self.form: DenoiseForm = DenoiseForm()
        self.view = DenoisePicture()
        self.readouts: DenoiseReadouts = DenoiseReadouts()
        super().__init__(studio, lane, self.view, parent)
        self.stage = self.view.columns[GUIDED].clean
        self.films = DenoiseLane(studio.link, self.film_lane, self)
        self.player = film_player(studio, self)
        self.wish = DenoiseWish(lane.name, (UNCONDITIONAL,), gamma=float(GAMMA.default))
        self.on = [UNCONDITIONAL, CONDITIONAL, GUIDED]
        """The columns a person wants, of those that the model can show."""
        self.looked = (GUIDED, -1)
        self.caption = ""
        """What a model of captions is told; kept while others are open."""
        self.alignment = AlignmentPart(lane, self)
        self.form.put_last(self.alignment.form)
        self.view.put_beside(self.alignment.card)
        self._play_next = False
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()

    def _connect(self) -> None:
        form, view = self.form, self.view
        form.knob_wanted.connect(self._change)
        form.sampling_wanted.connect(self._change_sampling)
        view.toggled.connect(self._toggle)
        view.pressed.connect(self._look)
        self.films.begun.connect(self._begin)
        self.films.grown.connect(self._grow)
        self.films.whole.connect(self._finish)
        self.films.failed.connect(self._fail)
        self.player.moved.connect(lambda _: self.show_moment())
        self.alignment.changed.connect(self.changed)
        self.player.stopped.connect(self.changed)

    @property
    def film(self) -> PictureFilm | None:
        """What is shown, if there is a frame of it."""
        film = self.films.film
        return film if film is not None and film.frames else None

    @property
    def index(self) -> int:
        """The frame that is shown."""
        return min(self.player.index, len(self.film.frames) - 1) if self.film is not None else 0

    # What is filmed.

    def show_model(self, report: PictureModelReport) -> None:
        """A first film of it plays by itself."""
        self.forget()
        self.form.show_model(report, self.family)
        self.readouts.show_model(report)
        told = told_classes(report)
        label = max(0, self.wish.label) if self.wish.label < len(told) else 0
        hears = CAPTIONS in report.can
        self.wish = replace(self.wish, label=label if told else -1, sampling=self._said(report))
        self.view.make_room(hears)
        self.alignment.show_model(report, hears)
        for column in OF_CLASSES:
            self.view.chips.set_reason(column, "" if told or hears else NO_CLASSES)
        if (told or hears) and CLASSIFIER not in report.can:
            self.view.chips.set_reason(CLASSIFIER, NO_CLASSIFIER)
        self.view.chips.set_on(self.on)
        self._show_wish()
        self.shoot(play=True)

    def _said(self, report: PictureModelReport) -> dict[str, Value]:
        """The caption of a model that is told one: the one before, else an example."""
        if CAPTIONS not in report.can:
            return {}
        wording = self.form.caption.wording
        try:
            self.caption = wording.read(self.caption) or wording.example
        except Refused:  # it has other words
            self.caption = wording.example
        self.form.caption.show_caption(self.caption)
        return {CAPTION: self.caption}

    def forget(self) -> None:
        """Nothing is shown."""
        self.films.forget()
        self.player.pause()
        self.player.set_length(0)
        self.view.show_film(None, 0)
        self.readouts.clear()

    def shoot(self, *, play: bool) -> None:
        """Film what is wanted: from the start if it is to play, else at the moment that is shown."""
        self._soon.stop()
        if self.report is None or not self.active:
            return
        columns = tuple(one.id for one in COLUMNS if one.id in self.view.chips.on())
        if not columns:
            self.failed.emit("No column is chosen: press one of the four above the pictures.")
            return
        self.cleared.emit()
        self._play_next = play
        self.films.wanted = 0 if play else self.index
        self.wish = replace(self.wish, columns=columns)
        self.alignment.show_wish(self.wish, self.caption)
        self.films.shoot(self.wish)
        self.kept.emit()
        self.changed.emit()

    # From the person.

    def _change(self, name: str, value: Value) -> None:
        match name:
            case "class":
                self.wish = replace(self.wish, label=int(value))
            case "gamma":
                self.wish = replace(self.wish, gamma=float(value))
            case "count":
                self.wish = replace(self.wish, count=int(value))
            case "seed":
                self.wish = replace(self.wish, seed=int(value))
        self._soon.start()

    def _change_sampling(self, name: str, value: Value) -> None:
        self.wish = replace(self.wish, sampling={**self.wish.sampling, name: value})
        if name == CAPTION:
            self.caption = str(value)
        self._soon.start()

    def _toggle(self, column: str, on: bool) -> None:
        self.on = [one.id for one in COLUMNS if (on if one.id == column else one.id in self.on)]
        self._soon.start()

    def _look(self, column: str, picture: int) -> None:
        self.looked = (column, -1 if self.looked == (column, picture) else picture)
        self.view.select(self.looked[1])
        self.show_moment()

    # From the worker.

    def _begin(self, film: PictureFilm) -> None:
        plays = (self._play_next or self.player.playing) and self.active
        self.player.pause()
        count = len(film.frames)
        self.player.set_length(count, film.report.total)
        self.player.seek(0 if self._play_next else min(self.films.wanted, count - 1))
        self.view.show_film(film, self.index)
        if plays:
            self._play_next = False
            if count > 1:
                self.player.play()
            else:
                self._play_next = True  # as soon as there is a second frame
        self.show_moment()

    def _grow(self) -> None:
        film = self.film
        if film is None:
            return
        self.player.set_length(len(film.frames), film.report.total)
        if self._play_next and self.active and len(film.frames) > 1:
            self._play_next = False
            self.player.play()
        self.show_moment()

    def _finish(self) -> None:
        self._grow()

    def _fail(self, failure: Failure) -> None:
        self.failed.emit(failure)
        self.changed.emit()

    def show_moment(self) -> None:
        """The moment the player is at, in everything."""
        film = self.film
        if film is not None:
            self.view.show_moment(self.index)
            self.readouts.show_moment(film, self.index, 0.0 if self.films.making else self.films.seconds)
            column, picture = self.looked
            picture = picture if picture < film.report.count else -1
            self.readouts.look_at(film, self.index, column, picture, TITLES[column])
        self.changed.emit()

    def _show_wish(self) -> None:
        wish = self.wish
        self.form.show_values(wish.label, wish.gamma, wish.count, wish.seed)

    # The clock.

    def leave(self) -> None:
        """Nobody looks."""
        super().leave()
        self.player.pause()

    def enter_bar(self, bar: TransportBar) -> None:
        """One track."""
        bar.add_track(TRACK, "Denoising", "sample")
        bar.set_speed(self.player.speed)
        bar.set_loop(self.player.loop)

    def show_on(self, bar: TransportBar) -> None:
        """Which frame, and at which time."""
        film = self.film
        bar.set_playing(self.player.playing)
        if film is None:
            reason = "Denoising…" if self.films.making else "There is no film yet"
            bar.set_track(TRACK, "Denoising", "", 0.0, 0, False, reason)
            return
        busy = f" · denoising {self.films.made} of {film.report.total}" if self.films.making else ""
        text = f"frame {self.index + 1} / {film.report.total} · t = {film.frames[self.index].t:.2f}{busy}"
        bar.set_track(TRACK, "Denoising", text, self.index, len(film.frames), len(film.frames) > 1)

    def unplayable(self) -> str:
        """A model that takes no steps has no film."""
        return "" if self.film is not None else "There is no film yet."

    def toggle_play(self) -> None:
        """Play or pause."""
        self._play_next = False
        self.player.toggle()
        self.changed.emit()

    def seek(self, index: int) -> None:
        """Stay at that frame."""
        self._play_next = False
        self.player.pause()
        self.player.seek(index)
        self.show_moment()

    def step(self, by: int) -> None:
        """Frames of the film, both ways."""
        self.seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last."""
        self.seek(round(fraction * (self.player.length - 1)))

    def scrub(self, track: str, position: float) -> None:
        """To that frame."""
        self.seek(round(position))

    def restart(self) -> None:
        """The same with the next seed."""
        self.wish = replace(self.wish, seed=(self.wish.seed + 1) % int(SEED.high or 1))
        self._show_wish()
        self.shoot(play=True)

    def press(self, index: int) -> None:
        """The chips."""
        self.view.chips.press(index)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    # The window's calls.

    def settled(self) -> bool:
        """The film is whole and stands."""
        if self.report is None:
            return self.lane.report is not None
        return self.film is not None and not (self.films.making or self._soon.isActive() or self.player.playing)

    def frames(self) -> Array | None:
        """The film, once it is whole."""
        film = self.film
        return film.sheets() if film is not None and film.whole else None

    def session(self) -> dict[str, Any]:
        """Class, guidance, columns."""
        wish = self.wish
        own = {CLASS: str(wish.label), GAMMA.name: wish.gamma, COUNT.name: wish.count, SEED.name: wish.seed}
        return {**own, CAPTION: self.caption, "columns": list(self.on), **kept_playing(self.player)}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; anything foreign, and all stays as it is."""
        try:
            knobs = (GAMMA, COUNT, SEED)
            own = checked(knobs, {one.name: held[one.name] for one in knobs if one.name in held})
            label = int(held.get(CLASS, -1))
            columns = [one.id for one in COLUMNS if one.id in held.get("columns", self.on)]
        except (Refused, TypeError, ValueError):
            return
        self.on = columns or self.on
        self.caption = str(held.get(CAPTION, ""))
        self.view.chips.set_on(self.on)
        self.wish = replace(
            self.wish, label=max(-1, label), gamma=float(own[GAMMA.name]), count=int(own[COUNT.name]),
            seed=int(own[SEED.name]),
        )  # fmt: skip
        self._show_wish()
