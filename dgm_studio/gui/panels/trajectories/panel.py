"""The Trajectories panel: a solver laboratory. Film, Compare, Likelihood and Scenes each fill the columns in turn."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

from dgm_studio.gui.panels.mode import Mode, ModeSign
from dgm_studio.gui.panels.mode_panel import ModePanel
from dgm_studio.gui.panels.trajectories import SIGN, modes
from dgm_studio.gui.panels.trajectories.film_mode import FilmMode
from dgm_studio.gui.panels.trajectories.subject import Guest


class TrajectoriesPanel(ModePanel):
    """Film is here at once; the others are read when they are wanted. The mode `x` is the class XMode of x_mode.py,
    made with (studio, parent=panel)."""

    sign = SIGN
    kinds: ClassVar[tuple[type[Mode] | ModeSign, ...]] = (
        FilmMode, modes.COMPARE, modes.LIKELIHOOD, modes.SCENES,
    )  # fmt: skip

    def read(self, name: str) -> None:
        """One file, one mode."""
        importlib.import_module(f"{__package__}.{name}_mode")

    def make(self, name: str) -> Mode:
        """They share nothing but the studio's run."""
        if name != FilmMode.id:
            kind = getattr(importlib.import_module(f"{__package__}.{name}_mode"), f"{name.capitalize()}Mode")
            made: Mode = kind(self.studio, parent=self)
            return made
        film = FilmMode(self.studio, self)
        self.board.stages.append(film.space_time.stage)  # its paints count as the other's do
        film.elsewhere.connect(lambda path: self.look_wanted.emit("checkpoints", path, {}))
        return film

    @property
    def film_mode(self) -> FilmMode:
        """The film."""
        mode = self.mode_of(FilmMode.id)
        assert isinstance(mode, FilmMode)
        return mode

    # The window's calls.

    def look(self, path: str, choice: Mapping[str, str]) -> None:
        """Film this file's model of points, as it was chosen elsewhere."""
        self.film_mode.guests.receive(Guest(path, dict(choice)))
        self.show_mode(FilmMode.id)

    def save(self, *, anew: bool) -> bool:
        """What is filmed here is the studio's run, which the studio saves."""
        return False

    def restore(self, held: dict[str, Any]) -> None:
        """Sessions from before there were modes held the film's settings alone."""
        super().restore(held if "mode" in held else {"mode": FilmMode.id, FilmMode.id: held})


PANEL = TrajectoriesPanel
