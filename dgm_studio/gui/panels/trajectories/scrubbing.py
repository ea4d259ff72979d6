"""A mode whose clock is that of one film: the bar and the keys move its player, both ways."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from dgm_studio.gui.panels.playing import film_player, kept_playing, restore_player
from dgm_studio.gui.panels.staged_mode import StagedMode
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar


class ScrubbedMode(StagedMode):
    """A subclass shows the frame that the player stands at."""

    def __init__(self, studio: Studio, layers: tuple[str, ...], parent: QObject | None = None) -> None:
        super().__init__(studio, layers, parent)
        self.player = film_player(studio, self)
        self.again: bool | None = None
        """Of the film that is being made: whether it is to play, else to stay where it was; None once that is done, or
        a person has taken over."""
        self._share, self._first = 1.0, 0
        self.player.moved.connect(lambda _: self.show_frame())
        self.player.stopped.connect(self.show_frame)

    def show_frame(self) -> None:
        """The player stands at another frame."""

    def seek(self, index: int) -> None:
        """A person has taken over from what was to be shown next."""
        self.player.pause()
        self.again = None
        self.player.seek(index)
        self.show_frame()

    @property
    def share(self) -> float:
        """Of the film that is behind the frame shown."""
        return self.player.index / (self.player.length - 1) if self.player.length > 1 else 1.0

    def await_film(self, play: bool, *, first: int = 0, share: float = 1.0) -> None:
        """Another film will come: play it from its frame `first` on, or stay at a share of it."""
        self.again, self._first, self._share = play, first, share

    def begin_film(self, total: int) -> None:
        """It comes."""
        again = self.again
        self.player.pause()
        self.player.set_length(0, total)
        self.player.index = 0
        self.again = bool(again)

    def advance_film(self, frames: int, total: int) -> None:
        """So many of its frames are there."""
        self.player.set_length(frames, total)
        if self.again is False:
            self.player.seek(round(self._share * (total - 1)))
        elif self.again and frames > self._first + 1:
            self.again = None
            self.player.seek(self._first)
            self.player.play()

    # The panel's calls.

    def enter_bar(self, bar: TransportBar) -> None:
        """Its pace."""
        bar.set_speed(self.player.speed)
        bar.set_loop(self.player.loop)

    def toggle_play(self) -> None:
        """Play or pause the film."""
        self.player.toggle()
        self.show_frame()

    def step(self, by: int) -> None:
        """Frames, both ways."""
        self.seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last frame."""
        self.seek(round(fraction * (self.player.length - 1)))

    def scrub(self, track: str, position: float) -> None:
        """To that frame."""
        self.seek(round(position))

    def set_speed(self, speed: float) -> None:
        """A factor of the usual pace."""
        self.player.set_speed(speed)

    def set_loop(self, on: bool) -> None:
        """Start again at the end."""
        self.player.set_loop(on)

    def session(self) -> dict[str, Any]:
        """Layers and pace."""
        return {**super().session(), **kept_playing(self.player)}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        super().restore(held)
        restore_player(held, self.player)
