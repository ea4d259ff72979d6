"""What a mode of a panel is: its form, its picture, its read-outs, and what the clock does there."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.status_board import Painted
from dgm_studio.gui.widgets.transport_bar import TransportBar


class ModeSign(NamedTuple):
    """What stands over a panel of a mode, before the mode is read."""

    id: str
    word: str
    tooltip: str


class Mode(QObject):
    """A mode fills the three columns and answers the transport bar while it is in front."""

    id: ClassVar[str]
    word: ClassVar[str]
    tooltip: ClassVar[str]

    restart_help: ClassVar[str]
    """What R does."""
    no_back: ClassVar[str] = ""
    """Why its clock cannot go back, "" where it can; such a clock has no pace and no end either."""
    paced: ClassVar[bool] = True
    """Whether it moves by itself: else neither speed nor loop means anything."""

    changed = Signal()
    """What the transport bar or the subtitle says has changed."""

    failed = Signal(object)
    """A core.reports.Failure, or a sentence."""

    cleared = Signal()
    """What a failure said holds no longer."""

    kept = Signal()
    """Something a session keeps has changed."""

    form: QWidget
    picture: QWidget
    stage: Painted
    """What moves in the picture; a second lane moves with the first."""
    readouts: QWidget

    def wake(self, catalogue: Catalogue) -> None:
        """The engine is awake."""

    def enter_bar(self, bar: TransportBar) -> None:
        """Put its tracks on the bar."""

    def enter(self) -> None:
        """A person looks at it."""

    def leave(self) -> None:
        """Nobody looks."""

    def show_on(self, bar: TransportBar) -> None:
        """The clock as it stands."""

    def drop(self, path: str) -> bool:
        """A file was dropped on the window: whether it was taken."""
        return False

    def save(self, *, anew: bool) -> None:
        """Ctrl+S, or `anew` under another name."""
        self.failed.emit(
            "There is no run to save here: Ctrl+E writes what is seen to a file, and Train saves the model that is "
            "trained there."
        )

    def film_source(self) -> FilmSource | None:
        """What can be exported as a film; None where it shows none."""
        return None

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What asks what of it is to be written, and where."""
        raise AssertionError(f"{type(self).__name__} does not say how it is exported")

    def demonstrate(self, steps: int) -> None:
        """Do what it is for, for a picture."""

    def text(self) -> str:
        """Its words, for the clipboard and for a file."""
        return ""

    def subtitle(self) -> str:
        """What the head says beside the panel's title."""
        return ""

    def unplayable(self) -> str:
        """Why Play does nothing now, "" where it plays."""
        return ""

    def toggle_play(self) -> None:
        """Space."""

    def step(self, by: int) -> None:
        """Left and Right."""

    def go(self, fraction: float) -> None:
        """Home and End."""

    def restart(self) -> None:
        """R."""

    def scrub(self, track: str, position: float) -> None:
        """The track was dragged."""

    def press(self, index: int) -> None:
        """1 to 9."""

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""

    def settled(self) -> bool:
        """Whether all is shown as it now is."""
        return True

    def session(self) -> dict[str, Any]:
        """What a restart shows again."""
        return {}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays."""
