"""The forward process: a typed sentence is noised, masked beside replaced, under a time that is dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import checked
from dgm_studio.core.reports import Failure
from dgm_studio.core.unmasking import Corruption
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.panels.text.courses import FRAMES, courses
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.film_mode import FilmMode
from dgm_studio.gui.panels.text.forward_views import SEED, SENTENCE, ForwardForm, ForwardPicture, ForwardReadouts
from dgm_studio.gui.panels.text.prompt import BLANK
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "noising"
FIRST_AT = 0.45
"""How far towards noise the sentence is first shown."""


class ForwardMode(Mode):
    """Uses the vocabulary of the model that the film has; asks the worker once a sentence."""

    id, word, tooltip = "forward", "Forward", "Noise a sentence: masks beside random tokens, under a dragged time"
    restart_help = "Other noise: the next seed (R)"

    def __init__(self, studio: Studio, films: FilmMode, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._films = films
        self.noise: Corruption | None = None
        self.schedule = ""
        self.films: tuple[TokenFilm, TokenFilm] | None = None
        self.player = film_player(studio, self)
        self._asked = ""
        self._no_sentence: Failure | None = None
        """Why the first sentence cannot be noised, while the film whose words shall stand for it is being made."""
        self._looked_at = False
        self.form: ForwardForm = ForwardForm()
        self.picture: ForwardPicture = ForwardPicture()
        self.readouts: ForwardReadouts = ForwardReadouts()
        self.stage = self.picture.card.cells[0]
        self.form.wanted.connect(self.ask)
        self.form.own.edited.connect(lambda *_: self.ask(again=True))
        self.form.schedules.chosen.connect(self._choose)
        self.player.moved.connect(lambda _: self._show_moment())
        self.player.stopped.connect(self.changed)
        films.lane.corrupted.connect(self._take)
        films.lane.not_corrupted.connect(self._refused)
        films.lane.begun.connect(self._other_model)
        films.lane.whole.connect(self._film_whole)

    # Asking.

    def enter(self) -> None:
        """The first sentence is noised at once, or when there is a model whose words it is written in."""
        self._looked_at = True
        self._films.provide()
        if self.noise is None:
            self.ask()

    def leave(self) -> None:
        """Nobody looks."""
        self._looked_at = False
        self.player.pause()

    def ask(self, *, again: bool = False) -> None:
        """Noise what is typed, unless it is already."""
        text = self.form.sentence
        if self._films.lane.film is None:
            self.changed.emit()
            return
        if text and (text != self._asked or again):
            self._asked = text
            self.cleared.emit()
            self._films.lane.corrupt(text, int(self.form.own.values()["seed"]))

    def _other_model(self, film: TokenFilm) -> None:
        if self.films is not None and film.report.words != self.films[0].report.words:
            self.noise, self.films, self._asked = None, None, ""
            for cells in self.picture.card.cells:
                cells.show_film(None, 0)
        if self._looked_at and self.noise is None:
            self.ask()

    def _take(self, noise: Corruption) -> None:
        self.noise = noise
        names = list(noise.keep)
        self.form.show_schedules(names)
        if self.schedule not in names:
            self.schedule = names[0]
        self.form.schedules.set_current(self.schedule)
        self._lay_out()

    def _refused(self, failure: Failure) -> None:
        """A word that the model does not know: said where a person typed it, else another sentence is taken, the
        film's own, once the film is whole."""
        if self.form.sentence != SENTENCE:
            self.failed.emit(failure)
        elif self._films.lane.making:
            self._no_sentence = failure
        else:
            self._take_the_films(failure)

    def _film_whole(self) -> None:
        if self._no_sentence is not None:
            self._take_the_films(self._no_sentence)

    def _take_the_films(self, failure: Failure) -> None:
        self._no_sentence = None
        film = self._films.lane.film
        own = film.text(len(film.moments) - 1) if film is not None and film.moments else ""
        if self.form.sentence == SENTENCE and own and BLANK not in own:
            self.form.show_sentence(own)
            self.ask()
        else:
            self.failed.emit(failure)

    def _choose(self, schedule: str) -> None:
        self.schedule = schedule
        self._lay_out()

    def _lay_out(self) -> None:
        """The whole course of both chains as films: a drag only shows another moment."""
        model = self._films.lane.film
        if self.noise is None or model is None:
            return
        first = self.films is None
        self.films = courses(self.noise, self.schedule, model.report)
        self.player.set_length(FRAMES)
        if first:
            self.player.seek(round(FIRST_AT * (FRAMES - 1)))
        for cells, film in zip(self.picture.card.cells, self.films, strict=True):
            cells.show_film(film, self.player.index)
        self._show_moment()

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """The time, from clean to noise."""
        bar.add_track(TRACK, "Time t", "accent")
        bar.set_speed(self.player.speed)
        bar.set_loop(self.player.loop)

    @property
    def time(self) -> float:
        """t of the moment that is shown; 1 is clean."""
        return 1.0 - self.player.index / (FRAMES - 1)

    def show_on(self, bar: TransportBar) -> None:
        """t, and how much is noised."""
        bar.set_playing(self.player.playing)
        known = self.films is not None
        text = f"t = {self.time:.2f} · noised {self._noised():.2f}" if known else ""
        reason = "" if known else "Type a sentence first; a model must be open in Film"
        bar.set_track(TRACK, "Time t", text, self.player.index, FRAMES, known, reason)

    def _noised(self) -> float:
        if self.films is None:
            return 0.0
        at = self.films[0].moments[self.player.index].at
        return float(at.mask_rate)

    def _show_moment(self) -> None:
        if self.films is not None and self.noise is not None:
            for cells in self.picture.card.cells:
                cells.show_moment(self.player.index)
            clean, both = self.noise.clean, [film.moments[self.player.index].at.ids for film in self.films]
            kept = [int((np.asarray(ids) == clean).sum()) for ids in both]
            table = self.noise.keep[self.schedule]
            alpha = float(np.interp(self.time, np.linspace(0.0, 1.0, len(table)), table))
            self.readouts.facts.set_items(
                {
                    "Time t": f"{self.time:.2f}",
                    "Keep rate α": f"{alpha:.3f}",
                    "Not masked": f"{kept[0]} of {len(clean)}",
                    "Unchanged, uniform": f"{kept[1]} of {len(clean)}",
                }.items()
            )
        self.changed.emit()

    def subtitle(self) -> str:
        """What is seen."""
        if self._films.lane.film is None:
            return "open a model in Film first: its vocabulary is used"
        return "t = 1 is clean, t = 0 is noise"

    def text(self) -> str:
        """Both sentences."""
        if self.films is None:
            return ""
        return "\n".join(film.text(self.player.index) for film in self.films)

    def toggle_play(self) -> None:
        """From clean to noise, or stop."""
        self.player.toggle()
        self.changed.emit()

    def step(self, by: int) -> None:
        """A hundredth of the time."""
        self._seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """Clean, or all noise."""
        self._seek(round(fraction * (FRAMES - 1)))

    def scrub(self, track: str, position: float) -> None:
        """Drag the time."""
        self._seek(round(position))

    def restart(self) -> None:
        """The next seed."""
        self.form.own.set_values({"seed": (int(self.form.own.values()["seed"]) + 1) % int(SEED.high or 1)})
        self.ask(again=True)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    def _seek(self, index: int) -> None:
        self.player.pause()
        self.player.seek(index)
        self._show_moment()

    def settled(self) -> bool:
        """The sentence is there."""
        return self.films is not None and not self.player.playing

    def session(self) -> dict[str, Any]:
        """Sentence and seed."""
        return {"sentence": self.form.sentence, **self.form.own.values()}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        try:
            self.form.own.set_values(checked((SEED,), {"seed": held.get("seed", 0)}))
        except Refused:
            return
        if isinstance(held.get("sentence"), str) and held["sentence"].strip():
            self.form.show_sentence(held["sentence"])
