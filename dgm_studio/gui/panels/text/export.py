"""Export of the Text panel: the picture as it is, or the words."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from dgm_studio.core.atomic import write_text
from dgm_studio.gui.dialogs.export_plots import KINDS, ExportPlots, Kind


class ExportText(ExportPlots):
    """PNG and SVG of the cells and the map, TXT of the words."""

    kinds_offered: ClassVar[dict[str, Kind]] = {
        **{name: KINDS[name]._replace(tooltip=f"The cells and the map as they are now, as {word}")
           for name, word in (("png", "pixels"), ("svg", "vectors"))},
        "txt": Kind("TXT", "The words as one would write them", "Text (*.txt)"),
    }  # fmt: skip
    says = "The tokens as they are, or their words."

    def __init__(self, picture: QWidget, text: str, name: str, parent: QWidget | None = None) -> None:
        self._text = text
        super().__init__(picture, (), f"text-{name}", parent)

    def write_to(self, path: Path) -> None:
        """The words, or what every picture is."""
        if self.kind == "txt":
            write_text(path, self._text + "\n")
        else:
            super().write_to(path)
