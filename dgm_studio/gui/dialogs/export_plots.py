"""Export of plots: as a picture, or their curves as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.core.sketch import Plot
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.export.plots import curves_csv
from dgm_studio.gui.export.still import export_pdf, export_png, export_svg
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.segments import Segments

SCALE = Knob(
    "scale", str, "2", "Scale", "Pixels of the file for each pixel on the screen.",
    choices=(Choice("1", "1×"), Choice("2", "2×"), Choice("4", "4×")),
)  # fmt: skip


class Kind(NamedTuple):
    """One thing that can be written."""

    word: str
    tooltip: str
    pattern: str


KINDS = {
    "png": Kind("PNG", "The plots as they are now, as pixels", "PNG picture (*.png)"),
    "svg": Kind("SVG", "The plots as they are now, as vectors", "SVG picture (*.svg)"),
    "pdf": Kind("PDF", "The plots as they are now, as vectors on a page of their size", "PDF document (*.pdf)"),
    "csv": Kind("CSV", "The numbers of all curves and histograms, one point a line", "CSV table (*.csv)"),
}


class ExportPlots(Sheet):
    """Pick what, then where. `picture` is the widget that holds the plots. A subclass offers other kinds."""

    kinds_offered: ClassVar[dict[str, Kind]] = KINDS
    says: ClassVar[str] = "The plots as they are, or their curves as numbers."

    def __init__(self, picture: QWidget, plots: Sequence[Plot], name: str, parent: QWidget | None = None) -> None:
        super().__init__("Export", self.says, width=420, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._picture, self._plots, self._name = picture, tuple(plots), name
        self.kinds = Segments([(key, kind.word, kind.tooltip) for key, kind in self.kinds_offered.items()])
        for button in self.kinds.buttons.values():
            button.setAutoDefault(False)
        self.settings = KnobForm("Settings", "", (SCALE,))
        self.words = Label("", 12, 400, "dim", wrap=True)
        for part in (self.kinds, self.settings, self.words):
            self.body.addWidget(part)
        self.words.hide()
        self.body.addStretch(1)
        self.close_button = self.add_right(Button("Close", "Back to the studio (Esc)"))
        self.write = self.add_right(
            Button("Choose a file…", "Choose where to, and write", kind="primary"), default=True
        )
        self.close_button.clicked.connect(self.reject)
        self.write.clicked.connect(self.ask_for_file)
        self.kinds.chosen.connect(self.choose)
        self.choose("png")

    def choose(self, kind: str) -> None:
        """What is to be written."""
        self.kind = kind
        self.kinds.set_current(kind)
        no_scale = "" if kind == "png" else f"{self.kinds_offered[kind].word} has no scale."
        self.settings.rows["scale"].set_reason(no_scale)

    def ask_for_file(self) -> None:
        """Where to; then write."""
        start = str(Path.home() / f"{self._name}.{self.kind}")
        name, _ = QFileDialog.getSaveFileName(self, "Export", start, self.kinds_offered[self.kind].pattern)
        if name:
            self.begin(name)

    def begin(self, name: str) -> None:
        """Write to that file; its ending is added where it is missing."""
        path = Path(name)
        if path.suffix.lower() != f".{self.kind}":
            path = path.with_name(f"{path.name}.{self.kind}")
        try:
            self.write_to(path)
        except (Refused, OSError) as error:
            self._say(str(error), failed=True)
        else:
            self._say(f"Written to {path}.")

    def write_to(self, path: Path) -> None:
        """Write what was chosen."""
        if self.kind == "png":
            export_png(self._picture, path, float(self.settings.values()["scale"]))
        elif self.kind == "svg":
            export_svg(self._picture, path)
        elif self.kind == "pdf":
            export_pdf(self._picture, path)
        else:
            curves_csv(self._plots, path)

    def _say(self, sentence: str, *, failed: bool = False) -> None:
        self.words.set_tint("error" if failed else "dim")
        self.words.setText(sentence)
        self.words.show()
        self.fit()
