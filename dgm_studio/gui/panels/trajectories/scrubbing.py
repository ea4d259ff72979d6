"""A panel whose clock is that of one film: the bar and the keys move its player, both ways."""

from __future__ import annotations

from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio


class ScrubPanel(Panel):
    """A subclass shows the frame that the player stands at."""

    def __init__(self, studio: Studio, board: StatusBoard, layers: tuple[str, ...]) -> None:
        super().__init__(studio, board, layers)
        self.player = film_player(studio, self)
        self.again: bool | None = None
        """Of the film that is being made: whether it is to play, else to stay where it was; None once that is done, or
        a person has taken over."""
        self.player.moved.connect(lambda _: self.show_frame())
        self.player.stopped.connect(self.show_frame)
        self.transport.scrubbed.connect(lambda _, position: self.seek(round(position)))
        self.transport.speed_changed.connect(self.player.set_speed)
        self.transport.loop_toggled.connect(self.player.set_loop)

    def show_frame(self) -> None:
        """The player stands at another frame."""

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

    def seek(self, index: int) -> None:
        """A person has taken over from what was to be shown next."""
        self.player.pause()
        self.again = None
        self.player.seek(index)
        self.show_frame()
