"""What is seen of a film of tokens: which moment, which position, the second lane beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core.unmasking import TokenStep
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.panels.text.film import NEW, TokenFilm
from dgm_studio.gui.panels.text.judge import Judge
from dgm_studio.gui.panels.text.lane import TokenLane
from dgm_studio.gui.panels.text.picture import FilmPicture
from dgm_studio.gui.panels.text.readouts import FilmReadouts
from dgm_studio.gui.studio import Studio

PACE = 0.3
"""Of the usual pace of films: words must be read."""
MIDDLE = 0.55
BY_HAND = "Click a box to restore it"


class FilmShow(QObject):
    """Films come from the lanes; a frame only moves marks in what is kept here."""

    changed = Signal()
    """The clock, or the film."""

    other_film = Signal(object)
    """Another TokenFilm is shown."""

    def __init__(self, studio: Studio, lane: TokenLane, second: TokenLane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lane, self.second = lane, second
        self.player = film_player(studio, self)
        self.player.set_speed(PACE)
        self.picture = FilmPicture()
        self.readouts = FilmReadouts()
        self.judge = Judge(lane, self.readouts.quality, self)
        self.selected = -1
        self.awake = False
        """Whether a person looks."""
        self.play_next = False
        """Whether the film that comes next plays from its start."""
        self._middle = False
        self._recalled: dict[int, TokenStep] = {}
        lane.begun.connect(self._begin)
        lane.grown.connect(self._grow)
        lane.whole.connect(self._finish)
        lane.recalled.connect(self._recall)
        second.begun.connect(lambda _: self._show_second())
        second.grown.connect(self._show_second)
        self.player.moved.connect(lambda _: self.show_moment())
        self.player.stopped.connect(self.changed)
        self.picture.map.scrubbed.connect(self._scrub)
        self.picture.first.hovered.connect(lambda _: self._show_position())

    @property
    def film(self) -> TokenFilm | None:
        """What is shown, if there is a moment of it."""
        film = self.lane.film
        return film if film is not None and film.moments else None

    @property
    def index(self) -> int:
        """The moment that is shown."""
        return min(self.player.index, len(self.film.moments) - 1) if self.film is not None else 0

    @property
    def at(self) -> TokenStep | None:
        """The step that is shown."""
        return self.film.moments[self.index].at if self.film is not None else None

    def forget(self) -> None:
        """Another model: nothing is shown."""
        self.lane.forget()
        self.second.forget()
        self.readouts.forget()
        self.picture.show_film(None, 0)
        self.picture.second.show_film(None, 0)

    def seek(self, index: int) -> None:
        """Stay at that moment."""
        self.play_next = False
        self.player.pause()
        before = self.player.index
        self.player.seek(index)
        if self.player.index == before:  # else it has been shown by the player's signal
            self.show_moment()

    def select(self, position: int) -> None:
        """Look at a position, -1 for the newest one."""
        self.selected = position
        self.picture.first.select(position)
        self.show_moment()

    def show_middle(self) -> None:
        """For a picture: past the middle, one word looked at; as soon as there is a whole film."""
        film = self.film
        self._middle = film is None or self.lane.making
        if film is None or self._middle:
            return
        self.seek(round(MIDDLE * (len(film.moments) - 1)))
        placed = np.flatnonzero(film.moments[self.index].since > 0)
        self.select(int(placed[len(placed) // 2]) if len(placed) else -1)

    def set_compare(self, on: bool) -> None:
        """One lane or two."""
        self.picture.set_compare(on)
        self._show_heads()

    # From the lanes.

    def _begin(self, film: TokenFilm) -> None:
        player = self.player
        share = player.index / (player.length - 1) if player.length > 1 else 1.0
        plays = (self.play_next or player.playing) and self.awake
        player.pause()
        moments = max(1, len(film.moments))
        player.set_length(moments, moments if len(film.moments) > film.report.steps else film.report.steps + 1)
        place = film.report.branch if film.report.branch >= 0 else 0 if self.play_next else round(share * (moments - 1))
        player.seek(min(place, moments - 1))
        self._recalled = {}
        self.judge.forget()
        self.selected = self.selected if self.selected < film.length else -1
        self.picture.show_film(film, self.index)
        if plays and len(film.moments) > 1:
            self.play_next = False
            player.play()
        self.other_film.emit(film)
        self.show_moment()

    def _grow(self) -> None:
        """A film that is seen as it is made: the newest step, unless a person looks at another."""
        film = self.film
        if film is None:
            return
        follows = self.player.index >= self.player.length - 1
        count = len(film.moments)
        self.player.set_length(count, count if self.lane.by_hand else max(film.report.steps + 1, count))
        if follows and not self.player.playing:
            self.player.seek(count - 1)
        self.picture.show_film(film, self.index)
        self.show_moment()

    def _finish(self) -> None:
        film = self.film
        if film is None:
            return
        self.player.set_length(len(film.moments))
        if self.play_next and self.awake and len(film.moments) > 1:
            self.play_next = False
            self.player.seek(0)
            self.player.play()
        self.picture.show_film(film, self.index)
        self.show_moment()
        if self._middle:
            self.show_middle()

    def _recall(self, steps: tuple[TokenStep, ...]) -> None:
        self._recalled.update({one.step: one for one in steps})
        self._show_position()

    def _show_second(self) -> None:
        self.picture.second.show_film(self.second.film, self.player.index)
        self.show_moment()

    # What is seen.

    def show_moment(self) -> None:
        """The moment the player is at, in everything."""
        if self.film is not None:
            self.picture.show_moment(self.player.index, self.selected)
            self.readouts.quality.show_entropy(self.film, self.index)
            self.judge.show(self.index)
            self._show_heads()
            self._show_position()
        self.changed.emit()

    @property
    def untouched(self) -> bool:
        """Whether the film grows by hand, and nothing of it was restored yet."""
        return self.lane.by_hand and self.film is not None and len(self.film.moments) == 1

    def _show_heads(self) -> None:
        self.picture.show_hint(BY_HAND if self.untouched else "")
        if self.picture.comparing:
            self.picture.show_heads(self.lane, self.second, self.player.index)

    def _show_position(self) -> None:
        film, at = self.film, self.at
        if film is None or at is None:
            self.readouts.candidates.show_position(None, 0, -1, None)
            return
        under = self.picture.first.under
        new = [int(one) for one in np.asarray(at.revealed) if film.state(self.index, int(one)) == NEW]
        position = under if under >= 0 else self.selected if self.selected >= 0 else new[0] if new else -1
        self.readouts.candidates.show_position(film, self.index, position, self._recalled.get(at.step, at))

    def _scrub(self, moment: int, position: int) -> None:
        if position >= 0:
            self.selected = position
            self.picture.first.select(position)
        self.seek(moment)
