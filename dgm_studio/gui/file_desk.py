"""The file desk: opening, saving and exporting, and asking before unsaved training goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.gui.dialogs.unsaved import Decision, UnsavedDialog, run_text
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.settings import data_folder
from dgm_studio.gui.studio import Studio

SUFFIX = ".safetensors"
FILTER = f"DGM Studio checkpoint (*{SUFFIX})"
ANY_FILE = f"Checkpoints, points, pictures (*);;{FILTER}"


class FileDesk(QObject):
    """Knows where a run's file is, and what waits for a save to end: of the run under study, or another that is given.
    Dialogs stand over the window of `widget`."""

    told = Signal(str)
    """A sentence for the person."""

    opening = Signal()
    """A run is being opened."""

    chosen = Signal(str)
    """A file of any kind was chosen to be opened."""

    elsewhere_wanted = Signal(str, str)
    """("text" or "pictures", file): what was to be opened is no run of points: it is shown elsewhere."""

    def __init__(self, studio: Studio, widget: QWidget, run: RunLane | None = None) -> None:
        super().__init__(widget)
        self._studio = studio
        self._run = run or studio.run
        self._widget = widget
        self._then: Callable[[], None] | None = None
        self._early = ""
        studio.awake.connect(lambda _: QTimer.singleShot(0, self, self._open_early))
        self._run.saved.connect(self._saved)
        self._run.not_saved.connect(self._call_off)
        self._run.opened.connect(self._opened)

    def save(self) -> None:
        """Write the run to its own file, or ask for one."""
        if self._run.path:
            self._run.save(self._run.path)
        else:
            self.save_as()

    def save_as(self) -> None:
        """Ask for a file and write the run to it."""
        recipe = self._run.recipe
        if recipe is None:
            return
        usual = self._folder() / f"{recipe.preset or recipe.family}-{self._run.step}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._widget.window(), "Save the run", str(usual), FILTER)
        if name:
            self._run.save(name)
        else:
            self._call_off()

    def choose(self) -> None:
        """Ask for a file, of any kind."""
        name, _ = QFileDialog.getOpenFileName(self._widget.window(), "Open a file", str(self._folder()), ANY_FILE)
        if name:
            self.chosen.emit(name)

    def open(self, name: str) -> None:
        """Open a checkpoint; asks first where training would be lost. Which panel shows it is known once the engine is
        awake."""
        if self._studio.catalogue is None:
            self._early = name
        elif kind := self._studio.kind_of(name):
            self.elsewhere_wanted.emit(kind, name)
        else:
            self.unless_lost("opening another run", lambda: self._open_run(name))

    def _open_run(self, name: str) -> None:
        self._run.open(name)
        self.opening.emit()

    def _open_early(self) -> None:
        """What was asked for before the engine was awake comes after what it begins with by itself."""
        if self._early:
            name, self._early = self._early, ""
            self.open(name)

    def unless_lost(self, doing: str, then: Callable[[], None]) -> bool:
        """Do `then` now, or after a save, or not at all, as the person decides; True if it was done now."""
        run = self._run
        if run.recipe is None or not (run.unsaved or run.edited):
            then()
            return True
        lost = "What was changed since the last save"
        if run.unsaved:
            data = self._studio.title_of(run.recipe.data_now())
            lost = run_text(run.unsaved, self._studio.title_of_model(run.recipe), data)
        decision = UnsavedDialog.ask(lost, doing, self._widget.window())
        if decision is Decision.DISCARD:
            then()
            return True
        if decision is Decision.SAVE:
            run.pause()  # what is saved is what is then left
            self._then = then
            self.save()
        return False

    def _folder(self) -> Path:
        if self._run.path:
            return Path(self._run.path).parent
        recent = self._studio.recent.show()
        return recent[0].parent if recent else Path.home()

    def _opened(self) -> None:
        own = self._run.path
        if own and Path(own).parent != data_folder():  # the studio's own safety copies are nobody's files
            self._studio.recent.add(own)

    def _saved(self, path: str) -> None:
        self._studio.recent.add(path)
        self.told.emit(f"Saved to {path}.")
        if self._then is not None:
            then, self._then = self._then, None
            then()

    def _call_off(self) -> None:
        """A save that failed or was called off ends what was waiting for it."""
        self._then = None
