"""Export of the Latents panel: the view as it is, and the path's frames as a strip or a film."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.export.progress import Progress
from dgm_studio.export.strip import write_strip
from dgm_studio.gui.dialogs.export import RATE
from dgm_studio.gui.dialogs.export_plots import KINDS, ExportPlots, Kind
from dgm_studio.gui.widgets.knob_form import KnobForm

STRIP = "strip"
FRAMES_OF = {STRIP: ".png", "gif": ".gif", "mp4": ".mp4"}
"""What is written of the path's frames, and its ending."""
WITH_RATE = ("gif", "mp4")
NO_PATH = "There are no frames to write: Scrub makes a path, Denoise a film."


class ExportStrip(ExportPlots):
    """PNG and SVG of the view; of the path's `frames` (n, c, h, w) PNG side by side, GIF and MP4, written one frame at
    a time while the window stays alive."""

    kinds_offered: ClassVar[dict[str, Kind]] = {
        **{name: KINDS[name]._replace(word=f"View {KINDS[name].word}", tooltip=f"What is seen now, as {word}")
           for name, word in (("png", "pixels"), ("svg", "vectors"))},
        STRIP: Kind("Strip", "All frames side by side", "PNG picture (*.png)"),
        "gif": Kind("GIF", "The path as a film that loops", "GIF film (*.gif)"),
        "mp4": Kind("MP4", "The path as a film", "MP4 film (*.mp4)"),
    }  # fmt: skip
    says = "The view as it is, or its pictures frame by frame."

    def __init__(self, picture: QWidget, frames: Array | None, name: str, parent: QWidget | None = None) -> None:
        self._frames = frames
        self._writing: Generator[Progress, None, Path] | None = None
        self.rate = KnobForm("Film", "", (RATE,))
        super().__init__(picture, (), f"latents-{name}", parent)
        self.body.insertWidget(self.body.indexOf(self.words), self.rate)
        self._beat = QTimer(self, singleShot=True, interval=0)
        self._beat.timeout.connect(self._go_on)
        for kind in FRAMES_OF:
            self.kinds.set_reason(kind, NO_PATH if frames is None else "", self.kinds_offered[kind].tooltip)

    @property
    def writing(self) -> bool:
        """Whether frames are being written."""
        return self._writing is not None

    def choose(self, kind: str) -> None:
        """What is to be written."""
        super().choose(kind)
        no_rate = "" if kind in WITH_RATE else f"{self.kinds_offered[kind].word} has no frame rate."
        self.rate.rows[RATE.name].set_reason(no_rate)

    def ask_for_file(self) -> None:
        """Where to; then write."""
        kind = self.kinds_offered[self.kind]
        ending = FRAMES_OF.get(self.kind, f".{self.kind}")
        start = str(Path.home() / f"{self._name}{ending}")
        name, _ = QFileDialog.getSaveFileName(self, "Export", start, kind.pattern)
        if name:
            self.begin(name)

    def begin(self, name: str) -> None:
        """Write to that file; its ending is added where it is missing."""
        if self.kind not in FRAMES_OF or self._frames is None:
            super().begin(name)
            return
        path, ending = Path(name), FRAMES_OF[self.kind]
        if path.suffix.lower() != ending:
            path = path.with_name(f"{path.name}{ending}")
        rate = float(self.rate.values()[RATE.name])
        self._writing = write_strip(path, self._frames, frames_per_second=rate)
        self.write.setEnabled(False)
        self._say("Writing…")
        self._beat.start()

    def _go_on(self) -> None:
        """One frame."""
        if self._writing is None:
            return
        try:
            done = next(self._writing)
        except StopIteration as stop:
            self._end(f"Written to {stop.value}.")
        except (Refused, OSError) as refusal:
            self._end(str(refusal), failed=True)
        else:
            self._say(f"Frame {done.done:,} of {done.total:,}")
            self._beat.start()

    def _end(self, sentence: str, *, failed: bool = False) -> None:
        self._writing = None
        self.write.setEnabled(True)
        self._say(sentence, failed=failed)

    def done(self, result: int) -> None:
        """Closing leaves nothing half written."""
        if self._writing is not None:
            self._beat.stop()
            self._writing.close()
            self._end("Cancelled; nothing was written.")
        super().done(result)
