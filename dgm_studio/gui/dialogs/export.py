"""Export: what is seen as a picture, or its film, written while the window stays alive and Cancel works."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QThread, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QProgressBar, QWidget

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob
from dgm_studio.export.npz import write_npz
from dgm_studio.export.progress import Progress
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.export import export_film, export_pdf, export_png, export_svg
from dgm_studio.gui.export.still import seen
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

Writing = Generator[Progress, None, Path]


class Kind(NamedTuple):
    """One thing that can be written; `suffix` "" is a folder."""

    id: str
    word: str
    tooltip: str
    suffix: str
    pattern: str
    is_film: bool = False


KINDS = {
    kind.id: kind
    for kind in (
        Kind("png", "PNG", "What is seen now, as pixels", ".png", "PNG picture (*.png)"),
        Kind(
            "svg",
            "SVG",
            "What is seen now, as vectors: dots, arrows and lines stay sharp",
            ".svg",
            "SVG picture (*.svg)",
        ),
        Kind("pdf", "PDF", "What is seen now, as vectors on a page of its size", ".pdf", "PDF document (*.pdf)"),
        Kind("mp4", "MP4", "All frames of the film as they are shown", ".mp4", "MP4 film (*.mp4)", True),
        Kind("gif", "GIF", "All frames of the film as they are shown, in a loop", ".gif", "GIF film (*.gif)", True),
        Kind("frames", "PNG frames", "A folder with one PNG for each frame", "", "Folder (*)", True),
        Kind(
            "npz",
            "NPZ",
            "The film's arrays in the data's own units: x, t, x1_hat, velocity, evaluations",
            ".npz",
            "NumPy archive (*.npz)",
            True,
        ),
    )
}
HEIGHT = Knob(
    "height", int, 1080, "Height", "Pixels of the picture upwards; its width follows.", 120, 4320, log=True, unit="px"
)
RATE = Knob("rate", int, 20, "Frame rate", "How fast the frames follow each other.", 1, 60, unit="frames/s")
WITH_HEIGHT, WITH_RATE = ("png", "mp4", "gif", "frames"), ("mp4", "gif")
NO_FILM = "There is no film to write yet: sample first."


class ExportDialog(Sheet):
    """Pick what, then where. What is being written appears under its name only when it is whole."""

    def __init__(self, part: QWidget, film: FilmSource | None, parent: QWidget | None = None) -> None:
        """`part` is a stage, or a part of the window that holds the picture."""
        super().__init__(
            "Export",
            "What is seen as it is, or its film from the first frame to the last.",
            width=420,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._part, self._film = part, film
        self._writing: Writing | None = None
        self._busy = self._called_off = False
        self._beat = QTimer(self, singleShot=True, interval=0)
        self._beat.timeout.connect(self._go_on)
        self.pictures = Segments([(kind.id, kind.word, kind.tooltip) for kind in KINDS.values() if not kind.is_film])
        self.films = Segments([(kind.id, kind.word, kind.tooltip) for kind in KINDS.values() if kind.is_film])
        for group in (self.pictures, self.films):
            group.chosen.connect(self.choose)
            for button in group.buttons.values():
                button.setAutoDefault(False)
        self.settings = KnobForm("Settings", "", (HEIGHT, RATE))
        self.settings.edited.connect(lambda *_: self._show_size())
        self.size_of_picture = Label("", 12, 400, "dim")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.words = Label("", 12, 400, "dim", wrap=True)
        for part in (
            SectionHeader("As it is now", above=0), self.pictures, SectionHeader("Film"), self.films,
            self.settings, self.size_of_picture, self.bar, self.words,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.cancel = self.add_right(Button("Close", "Back to the studio (Esc)"))
        self.write = self.add_right(
            Button("Choose a file…", "Choose where to, and write", kind="primary"), default=True
        )
        self.cancel.clicked.connect(self.reject)
        self.write.clicked.connect(self.ask_for_file)
        if film is None:
            for name in self.films.buttons:
                self.films.set_reason(name, NO_FILM, NO_FILM)
        self.kind = KINDS["png"]
        self.choose("png" if film is None else "mp4")

    @property
    def writing(self) -> bool:
        """Whether a film is being written."""
        return self._writing is not None

    def choose(self, name: str) -> None:
        """What is to be written."""
        self.kind = KINDS[name]
        for group in (self.pictures, self.films):
            for key, button in group.buttons.items():
                own = button.group()
                own.setExclusive(False)  # the two groups together hold one choice
                button.setChecked(key == name)
                own.setExclusive(True)
        for row, names in (("height", WITH_HEIGHT), ("rate", WITH_RATE)):
            without = "" if name in names else f"{self.kind.word} has no {self.settings.rows[row].knob.label.lower()}."
            self.settings.rows[row].set_reason(without)
        self._show_size()
        self._say("")

    def _scale(self) -> float:
        """Pixels of the file for each on the screen."""
        return float(self.settings.values()["height"]) / max(1, seen(self._part).size.height())

    def _show_size(self) -> None:
        """Of a picture both sides, of a film how long it is too."""
        size, scale = seen(self._part).size, self._scale()
        words = f"{round(size.width() * scale):,} × {round(size.height() * scale):,} pixels"
        if self.kind.id in WITH_RATE and self._film is not None:
            words += (
                f", {self._film.frames:,} frames, {self._film.frames / float(self.settings.values()['rate']):.1f} s"
            )
        self.size_of_picture.setText(words if self.kind.id in WITH_HEIGHT else "")

    def ask_for_file(self) -> None:
        """Where to; then write."""
        name, _ = QFileDialog.getSaveFileName(
            self, "Export", str(Path.home() / f"film{self.kind.suffix}"), self.kind.pattern
        )
        if name:
            self.begin(name)

    def begin(self, name: str) -> None:
        """Write to that file or folder; its ending is added where it is missing."""
        path = Path(name)
        if self.kind.suffix and path.suffix.lower() != self.kind.suffix:
            path = path.with_name(path.name + self.kind.suffix)
        self._called_off = False
        self._writing = self._write(path)
        self._set_busy(True)
        self._beat.start()

    # Writing.

    def _write(self, path: Path) -> Writing:
        values: dict[str, Any] = self.settings.values()
        scale = self._scale()
        if self.kind.id == "png":
            return _at_once(lambda: export_png(self._part, path, scale))
        if self.kind.id == "svg":
            return _at_once(lambda: export_svg(self._part, path))
        if self.kind.id == "pdf":
            return _at_once(lambda: export_pdf(self._part, path))
        film = self._film
        assert film is not None, "film kinds are greyed without a film"
        if self.kind.id == "npz":
            return _at_once(lambda: write_npz(path, film.film()))
        return export_film(
            self._part, path, film.frames, self._show, frames_per_second=float(values["rate"]), scale=scale
        )

    def _show(self, index: int) -> None:
        """Bring the picture to a frame, and wait until all of it is drawn; the window stays alive meanwhile."""
        assert self._film is not None
        self._film.show(index)
        while not self._film.ready() and not self._called_off:
            QApplication.processEvents()
            QThread.msleep(2)  # the worker needs the processor more than this loop

    def _go_on(self) -> None:
        """One frame; called off meanwhile, nothing is left."""
        if self._writing is None:
            return
        self._busy = True
        try:
            done = next(self._writing)
        except StopIteration as stop:
            self._end(f"Written to {stop.value}.")
        except Refused as refusal:
            self._end(str(refusal), failed=True)
        else:
            self.bar.setRange(0, done.total)
            self.bar.setValue(done.done)
            self._say(f"Frame {done.done:,} of {done.total:,}")
            self._beat.start()
        finally:
            self._busy = False
        if self._called_off:
            self._call_off()

    def _call_off(self) -> None:
        """Stop writing, now or after the frame that is being drawn; no file is left."""
        self._called_off = True
        if self._writing is not None and not self._busy:
            self._beat.stop()
            self._writing.close()
            self._end("Cancelled; nothing was written.")

    def _end(self, sentence: str, *, failed: bool = False) -> None:
        self._writing = None
        if self._film is not None and self.kind.is_film:
            self._film.show(self._film.index)
        self._set_busy(False)
        self._say(sentence, failed=failed)

    def _set_busy(self, busy: bool) -> None:
        for part in (self.pictures, self.films, self.settings, self.write):
            part.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        self.cancel.setText("Cancel" if busy else "Close")
        self.cancel.setAccessibleName(self.cancel.text())
        self.cancel.setToolTip("Stop; nothing is left (Esc)" if busy else "Back to the studio (Esc)")
        if busy:
            self._say("Writing…")

    def _say(self, sentence: str, *, failed: bool = False) -> None:
        self.words.set_tint("error" if failed else "dim")
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        if not self.writing:
            self.bar.hide()
        self.fit()

    # The end.

    def reject(self) -> None:
        """Cancel what is being written; without that, close."""
        if self.writing:
            self._call_off()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Closing in any way leaves nothing half written."""
        if self.writing:
            self._call_off()
        super().done(result)


def _at_once(write: Callable[[], Path]) -> Writing:
    """A file that is written in one go, as a writing of one beat."""
    yield Progress(0, 1)
    return write()
