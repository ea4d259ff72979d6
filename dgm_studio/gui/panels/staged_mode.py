"""A mode whose picture is a stage of layers, with a row of chips above it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.gui.panels.layered import Layered
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.chip import ChipRow


class StagedMode(Mode, Layered):
    """A subclass fills the form and the read-outs; `column` holds the picture: the chips, and the stage below them."""

    stage: Stage

    def __init__(
        self, studio: Studio, layers: tuple[str, ...], parent: QObject | None = None, resolution: int = 64
    ) -> None:
        super().__init__(parent)
        self.studio, self.layer_ids, self.resolution = studio, layers, resolution
        self.chips = ChipRow()
        self.stage = Stage(theme(), layers)
        self.picture = QWidget()
        self.column = Stack(self.picture, gap=10)
        self.column.addWidget(self.chips)
        self.column.addWidget(self.stage, 1)
        self.add_chips()

    @property
    def front(self) -> Stage:
        """The stage that is seen."""
        return self.stage

    def layers_kept(self) -> None:
        """For the session."""
        self.kept.emit()

    def press(self, index: int) -> None:
        """1 to 9 are the chips."""
        self.chips.press(index)

    def export_dialog(self, parent: QWidget) -> QDialog:
        """The stage, or its film."""
        from dgm_studio.gui.dialogs.export import ExportDialog

        return ExportDialog(self.front, self.film_source(), parent)

    def session(self) -> dict[str, Any]:
        """The layers that are shown."""
        return self.kept_layers()

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays as it is."""
        self.restore_layers(held)
