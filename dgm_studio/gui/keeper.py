"""The keeper: restores the last session at the start, and keeps it while the studio runs, for a restart or a crash."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Failure, RunReport
from dgm_studio.core.snapshot import FAILED
from dgm_studio.gui import session as sessions
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.session import Session
from dgm_studio.gui.studio import FIRST_FAMILY, Studio

SAFETY_MS = 20_000
"""How often unsaved training is copied beside the session."""

SOON_MS = 1_500


class Keeper(QObject):
    """One session file, and one safety copy of what is not saved."""

    told = Signal(str)

    elsewhere_named = Signal(str, str)
    """("text" or "pictures", file): the command line names no run of points."""

    def __init__(self, studio: Studio, panels: Mapping[str, Panel], to_open: str) -> None:
        super().__init__(studio)
        self._studio = studio
        self._run = studio.run
        self._panels = panels
        self._to_open = to_open
        self.last = sessions.read() if studio.preferences.restore_session else Session()
        self.front = self.last.panel
        self._begun = False
        self._sorry = ""
        self._copied: tuple[int, int] | None = None
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.keep)
        self._copying = QTimer(self, interval=SAFETY_MS)
        self._copying.timeout.connect(self.copy)
        self._copying.start()

    def watch(self) -> None:
        """Bring the run back when the engine is awake. Called after Train was built, whose banner would else be cleared
        again, and before the window's title listens, which asks whether the run is saved."""
        self._studio.awake.connect(self._begin)
        self._run.opened.connect(self._opened)
        # A run that could not be opened has no lane: its failure comes from the desk.
        self._studio.link.failed.connect(lambda _, failure: self._failed(failure))

    def welcome(self, name: str, panel: Panel) -> None:
        """A panel that has just been made gets what it showed when the last session ended."""
        panel.restore(self.last.panels.get(name, {}))
        panel.session_changed.connect(self._soon.start)

    def _begin(self, catalogue: Catalogue) -> None:
        """The named file, else the last session, else the first run: data and model are already chosen. A named model
        of text or pictures is shown beside them: it is no run of points."""
        held, named = self.last, self._to_open
        if kind := self._studio.kind_of(named):
            self.elsewhere_named.emit(kind, named)
            named = ""
        if named:
            self._run.open(named)
        elif held.safety and self._is_run(sessions.safety_file()):
            self._run.open(str(sessions.safety_file()))
        elif held.path and self._is_run(Path(held.path)):
            self._run.open(held.path)
        else:
            self._fresh(held.recipe, catalogue)

    def _is_run(self, path: Path) -> bool:
        return path.is_file() and not self._studio.kind_of(path)

    def _fresh(self, held: Recipe | None, catalogue: Catalogue) -> None:
        if held is not None and held.family in catalogue.families:
            self._run.train(replace(held, training=held.training_now(), data=held.data_now(), edits=(), step=0))
        else:
            self._run.train(self._studio.fresh_recipe(FIRST_FAMILY))

    def _opened(self, report: RunReport) -> None:
        self._begun = True
        if report.path == str(sessions.safety_file()):
            self._run.disown(self.last.path)
            self.told.emit(
                f"The last session ended without saving. Its run is here again as of step {report.recipe.step:,}."
            )
        if self._sorry:
            self.told.emit(self._sorry)
            self._sorry = ""
        self._soon.start()

    def _failed(self, failure: Failure) -> None:
        """What was to be opened at the start cannot be: there must be a run all the same."""
        opening = failure.request == self._run.opening
        if opening and not self._begun and self._studio.catalogue is not None:
            self._begun = True
            self._sorry = f"{failure.sentence} A fresh run was begun."
            self._fresh(None, self._studio.catalogue)

    def keep(self, *, clean: bool = False) -> None:
        """Write the session; `clean` is the end of the studio, when nothing unsaved is left to bring back."""
        if not self._begun:
            return  # the last session still waits to be restored
        safety = sessions.safety_file()
        if clean or self._run.unsaved == 0:
            with contextlib.suppress(OSError):
                safety.unlink(missing_ok=True)
        sessions.write(
            Session(
                panel=self.front,
                recipe=self._run.recipe,
                path=self._run.path,
                safety=safety.is_file(),
                # A panel that nobody has built yet keeps what the last session held.
                panels={**self.last.panels, **{name: panel.session() for name, panel in self._panels.items()}},
            )
        )

    def copy(self) -> None:
        """Copy unsaved training beside the session, if it went on since the last copy."""
        now = (self._run.opened_by, self._run.step)
        fine = self._run.state != FAILED  # what diverged would be copied from its last good step, and go back to it
        if self._begun and fine and self._run.unsaved and now != self._copied:
            self._copied = now
            self._run.save(str(sessions.safety_file()), keep=False)
            self._soon.start()
