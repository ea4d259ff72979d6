"""The Checkpoints panel: one file that others wrote, and modes that look at it; it works before torch is there."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, ClassVar, cast

from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.gui.file_kinds import DATA, kind_of_file
from dgm_studio.gui.panels.checkpoints import SIGN, modes
from dgm_studio.gui.panels.checkpoints.file_card import FileCard, shipped
from dgm_studio.gui.panels.checkpoints.inspect_mode import InspectMode
from dgm_studio.gui.panels.checkpoints.subject import OPEN, REFUSED, Subject
from dgm_studio.gui.panels.mode import Mode, ModeSign
from dgm_studio.gui.panels.mode_panel import ModePanel
from dgm_studio.gui.reader_link import ReaderLink

READS = (modes.INSPECT.id, modes.DIFFERENCE.id)
"""Modes that need no engine: only the reader."""


RUNS = (modes.FILM.id, modes.GALLERY.id)
"""Modes that run the model, and know where else to go with it."""


class CheckpointsPanel(ModePanel):
    """The file card stands over the forms of all modes; `subject` is the file."""

    sign = SIGN
    kinds: ClassVar[tuple[type[Mode] | ModeSign, ...]] = (
        modes.INSPECT, modes.FILM, modes.GALLERY, modes.DIFFERENCE,
    )  # fmt: skip

    def prepare(self) -> None:
        """The reader, the file and the card, which all modes share."""
        self.link = ReaderLink(self)
        self.subject = Subject(self.link, self)
        self._wanted = ""
        """What the last session had open, until a person comes."""
        tooltip = "Choose a checkpoint: one that was opened before, one that ships, a file or a folder"
        self.card = FileCard("File", tooltip, self.studio.recent.show)
        self.form.add(self.card)
        self.card.picked.connect(self.open)
        self.subject.changed.connect(self._opened)
        self.studio.closing.connect(self.link.close)

    def read(self, name: str) -> None:
        """One file, one mode."""
        importlib.import_module(f"{__package__}.{name}_mode")

    def make(self, name: str) -> Mode:
        """See `modes`."""
        kind = getattr(importlib.import_module(f"{__package__}.{name}_mode"), f"{name.capitalize()}Mode")
        mode: Mode = kind(self.studio, self.subject, parent=self)
        if isinstance(mode, InspectMode):
            mode.mode_wanted.connect(self.show_mode)
        if name in RUNS:
            runs: Any = mode
            runs.mode_wanted.connect(self.show_mode)
            runs.panel_wanted.connect(self._look_elsewhere)
        return mode

    def _look_elsewhere(self, panel: str) -> None:
        """Another panel works on what the file holds."""
        self.look_wanted.emit(panel, self.subject.path, dict(self.subject.choice))

    @property
    def inspect_mode(self) -> InspectMode:
        """What the file is."""
        return cast(InspectMode, self.mode_of(modes.INSPECT.id))

    # The file.

    def open(self, path: str) -> None:
        """Open a file or a folder, whatever it is."""
        self._wanted = ""
        self.banner.hide()
        self.subject.open(path)
        self.session_changed.emit()

    def _opened(self) -> None:
        subject = self.subject
        words = ""
        if subject.state == OPEN and subject.inspection is not None:
            best = subject.inspection.best
            words = best.title if best is not None else subject.inspection.title
            if not subject.judged:
                self.studio.recent.add(subject.path)
        elif subject.state == REFUSED and subject.refusal is not None:
            words = f"cannot be opened ({subject.refusal.code})" if subject.refusal.code else "cannot be opened"
        self.card.show_file(subject.path, words or "reading…")
        self._show()

    def _dress_bar(self) -> None:
        """Reading needs no engine."""
        super()._dress_bar()
        if self.mode.id in READS:
            self.transport.set_usable(back=self.mode.no_back)
            self.transport.restart.setToolTip(self.mode.restart_help)
        elif self.studio.catalogue is None:
            self.transport.set_usable("The engine is waking; one moment.")

    def _show(self) -> None:
        super()._show()
        if self.mode.id in READS:
            self.transport.set_playable(self.mode.unplayable())

    # The window's calls.

    def activate(self) -> None:
        """What was open last is opened again when a person comes."""
        super().activate()
        if self._wanted and Path(self._wanted).exists():
            self.open(self._wanted)
        self._wanted = ""

    def drop(self, path: str) -> bool:
        """The mode in front may take it beside the open file; else it is opened, whatever it is; but tables and
        pictures are data."""
        if kind_of_file(path) == DATA and not path.lower().endswith((".npy", ".txt")):
            return False
        if not self.mode.drop(path):
            self.open(path)
        return True

    def demonstrate(self, steps: int) -> None:
        """For a picture: a checkpoint that ships."""
        found = shipped()
        if found:
            self.open(str(next((one for one in found if one.stem == "fashion-dit"), found[0])))

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What is seen."""
        if self.mode.id in RUNS:
            runs: Any = self.mode
            dialog: QDialog = runs.export_dialog(parent)
            return dialog
        from dgm_studio.gui.dialogs.export_plots import ExportPlots

        return ExportPlots(self.mode.picture, (), f"checkpoint-{self.mode.id}", parent)

    def session(self) -> dict[str, Any]:
        """With the file that is open."""
        return {**super().session(), "path": self.subject.path or self._wanted}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; the file is opened when a person comes."""
        path = held.get("path")
        if isinstance(path, str):
            self._wanted = path
        super().restore(held)


PANEL = CheckpointsPanel
