"""Inspect: what the open file is, and every tensor in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from dgm_studio.core.inspection import RefusedFile, TensorEntry
from dgm_studio.core.inspection_json import difference_from
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.consenting import Consenting
from dgm_studio.gui.panels.checkpoints.copies import raw_and_ema
from dgm_studio.gui.panels.checkpoints.inspect_form import InspectForm
from dgm_studio.gui.panels.checkpoints.inspect_readouts import InspectReadouts
from dgm_studio.gui.panels.checkpoints.inspect_view import PAGES, SCHEDULES, InspectView
from dgm_studio.gui.panels.checkpoints.refusal_view import RefusalView
from dgm_studio.gui.panels.checkpoints.start_view import StartView
from dgm_studio.gui.panels.checkpoints.subject import NOTHING, OPEN, READING, REFUSED, Subject
from dgm_studio.gui.panels.checkpoints.tensor_detail import VIEWS
from dgm_studio.gui.panels.checkpoints.tensor_words import bytes_text
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.reader_link import Head
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.busy_overlay import BusyOverlay
from dgm_studio.gui.widgets.transport_bar import TransportBar

TENSOR, STATISTICS = "tensor", "statistics"
BY_ITSELF = 500_000_000
"""Bytes of tensors that are measured without being asked for."""
WAIT_MS = 250
"""How long a tensor may take before it is said that it is being read."""
BUSY_MS = 300
"""How long a file may take before the middle says so."""
NO_FILE = "No file is open."
SUFFIX = ".safetensors"


class InspectMode(Mode):
    """The table follows the subject; the chosen tensor's pictures are asked for one at a time."""

    id, word, tooltip = modes.INSPECT
    restart_help = "Measure the tensors (R)"
    paced = False

    mode_wanted = Signal(str)
    """Another mode of the panel."""

    def __init__(self, studio: Studio, subject: Subject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio, self.subject = studio, subject
        self.form: InspectForm = InspectForm()
        self.view = InspectView()
        self.start = StartView()
        self.refusal = RefusalView()
        self.readouts: InspectReadouts = InspectReadouts()
        self.pages = QStackedWidget()
        for page in (self.start, self.refusal, self.view):
            self.pages.addWidget(page)
        self.picture = self.pages
        self.stage = self.view.table
        self.busy = BusyOverlay(self.pages)
        self.busy.cancelled.connect(subject.cancel)
        self._shown = ""
        """The file whose tensors stand in the table."""
        self._begun = False
        """Whether its tensors were measured, or begun to be, without being asked for."""
        self._chosen = ""
        """The tensor that the last session had chosen, until it has streamed in."""
        self._ema: tuple[float, float] | None = None
        """The norm of EMA - raw, and its share of raw's."""
        self._compared = False
        self._asked = 0
        self._waiting = False
        self._late = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late.timeout.connect(self.view.detail.wait)
        self._slow = QTimer(self, singleShot=True, interval=BUSY_MS)
        self._slow.timeout.connect(self._say_busy)
        for asking in (self.start, self.refusal):
            asking.picked.connect(subject.open)
        subject.changed.connect(self._show)
        subject.rows_came.connect(self._take)
        subject.measured.connect(self._measured)
        subject.progressed.connect(self._progress)
        subject.failed.connect(self.failed.emit)
        self.view.table.chosen.connect(self._choose)
        self.view.detail.wanted.connect(self._look)
        self.view.turned.connect(lambda _: self.kept.emit())
        self.form.acted.connect(self._act)
        self.consenting = Consenting(subject, self.pages)
        self.consenting.agreed.connect(lambda: self.mode_wanted.emit(modes.FILM.id))
        self.consenting.failed.connect(self.failed.emit)
        self.readouts.check_wanted.connect(subject.check)
        self.readouts.export_wanted.connect(self._export)
        self.readouts.compare_wanted.connect(lambda: self.mode_wanted.emit(modes.DIFFERENCE.id))
        self._show()

    # The file.

    def _show(self) -> None:
        """Another state, or more is known."""
        subject, found = self.subject, self.subject.inspection
        if subject.path != self._shown:
            if self._shown:
                self._chosen = ""  # another file has other tensors
            self._shown, self._begun, self._compared, self._ema = subject.path, False, False, None
            self.view.clear()
            self.cleared.emit()
        meanwhile = f"Reading {Path(subject.path).name}…" if subject.state == READING else ""
        if subject.state == REFUSED and subject.refusal is not None:
            meanwhile = "This file cannot be opened."
            self.refusal.show_refusal(subject.path, subject.refusal)
        page = {REFUSED: self.refusal, NOTHING: self.start}.get(subject.state, self.view)
        self.pages.setCurrentWidget(page)
        if subject.state == NOTHING:
            self.start.offer(self.studio.recent.show())
        if subject.state == READING:
            self._slow.start()
        else:
            self._slow.stop()
            self._idle()
        self.form.show_inspection(found, meanwhile)
        self.view.show_inspection(found)
        self.readouts.show_inspection(found)
        self.readouts.show_ema(self._ema)
        self._compare_copies()
        self._show_tensor()
        self._progress()

    def _say_busy(self) -> None:
        self.busy.begin(f"Reading {Path(self.subject.path).name}…")

    def _take(self, rows: list[TensorEntry]) -> None:
        self.view.model.take(rows)
        if not self.view.table.name:
            # What was chosen last time, else a tensor of which there is something to see.
            usual = next((one.name for one in rows if len(one.shape) > 1), rows[0].name)
            kept = any(one.name == self._chosen for one in rows)
            self.view.table.choose(self._chosen if kept else "" if self._chosen else usual)

    def _by_itself(self) -> bool:
        found = self.subject.inspection
        return found is not None and found.totals.nbytes <= BY_ITSELF

    def _compare_copies(self) -> None:
        """EMA against raw, where the file has both and is read in a moment."""
        subject = self.subject
        pair = raw_and_ema(subject.inspection.weights) if subject.inspection is not None else None
        if pair is None or self._compared or not subject.file or not self._by_itself():
            return
        self._compared, path = True, subject.path

        def done(head: Head, raw: bytes) -> None:
            if subject.path == path:
                found = difference_from(head["difference"])
                self._ema = (found.norm, found.relative)
                self.readouts.show_ema(self._ema)

        subject.look("difference", {"weights": [one.id for one in pair]}, done, lambda _: None)

    def _act(self, code: str) -> None:
        """What a finding offers."""
        match code:
            case "E06":
                self.subject.check()
            case "E11":
                self.consenting.begin()
            case "E15":
                self.view.show_page(SCHEDULES)
            case "E16":
                self.subject.open(self.subject.path)
            case "E21":
                bad = frozenset(one.name for one in self.subject.stats.values() if one.nans or one.infs)
                self.view.show_only(bad)

    # The chosen tensor.

    def _choose(self, name: str) -> None:
        entry = self._entry()
        if entry is not None:
            self._chosen = name
            self.subject.measure_one(name)
        self.view.detail.show_tensor(entry)
        self._show_tensor()
        self.changed.emit()
        self.kept.emit()

    def _entry(self) -> TensorEntry | None:
        table = self.view.model.table
        place = table.index.get(self.view.table.name, -1)
        return table.entries[place] if place >= 0 else None

    def _show_tensor(self) -> None:
        name = self.view.table.name
        self.readouts.show_tensor(self._entry(), self.subject.stats.get(name))

    def _look(self, view: str, name: str) -> None:
        """One picture of a tensor is on its way; the newest that was wanted meanwhile comes next."""
        self._late.start()
        self._asked += 1
        turn = self._asked
        if self._waiting:
            return
        self._waiting = True

        def found(head: Head, raw: bytes) -> None:
            self._looked(turn)
            self.view.detail.show_found(view, name, head, raw)

        def refuse(refusal: RefusedFile) -> None:
            self._looked(turn)
            if turn == self._asked:
                self.view.detail.show_reason(refusal.sentence)

        self.subject.look(view, {"name": name}, found, refuse)

    def _looked(self, turn: int) -> None:
        self._waiting = False
        if turn == self._asked:
            self._late.stop()
            self.changed.emit()
        elif self.view.detail.entry is not None:
            self._asked -= 1  # the same turn, sent only now
            self._look(self.view.detail.seen, self.view.detail.entry.name)

    # All tensors.

    def _measured(self, found: list[Any]) -> None:
        self.view.model.measure(found)
        if any(one.name == self.view.table.name for one in found):
            self._show_tensor()

    def _progress(self) -> None:
        subject = self.subject
        total = len(subject.tensors)
        self.readouts.show_sound(subject.sound, total, checking=subject.checking)
        if not self._begun and subject.state == OPEN and not subject.reading and self._by_itself():
            self._begun = True
            subject.measure()
        self.changed.emit()

    def _export(self) -> None:
        """Ask where to, and write in the reader's process."""
        own = Path(self.subject.path)
        usual = own.with_name(f"{own.stem}-tensors{SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(self.pages, "Export the tensors", str(usual), f"safetensors (*{SUFFIX})")
        if name:
            self.export(name if name.lower().endswith(SUFFIX) else f"{name}{SUFFIX}")

    def export(self, path: str) -> None:
        """Write all tensors to that file."""
        self.busy.begin("Writing the tensors…", cancellable=False)

        def part(head: Head, raw: bytes) -> None:
            self.busy.set_progress(head["done"] / max(1, head["of"]))

        def done(head: Head, raw: bytes) -> None:
            self._idle()
            left = head["left_out"]
            rest = f" {len(left)} tensors that safetensors cannot hold were left out." if left else ""
            size = bytes_text(head["size"])
            self.failed.emit(f"{head['tensors']:,} tensors ({size}) were written to {head['path']}.{rest}")

        def refuse(refusal: RefusedFile) -> None:
            self._idle()
            self.failed.emit(refusal.sentence)

        self.subject.look("export", {"path": path}, done, refuse, part)

    def _idle(self) -> None:
        """Nothing is waited for: the keys are the picture's again, not those of what Qt finds next in the row."""
        if self.busy.isVisible():
            self.busy.end()
            self.pages.setFocus()

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """The chosen tensor, and how many are measured."""
        bar.add_track(TENSOR, "Tensor", "sample")
        bar.add_track(STATISTICS, "Measured", "accent", read_only=True)

    def show_on(self, bar: TransportBar) -> None:
        """Which tensor, and how far."""
        subject = self.subject
        place, count = self.view.table.place()
        there = count > 0
        why = "" if there else NO_FILE
        text = f"{place + 1:,} of {count:,}" if place >= 0 else f"{count:,}" if there else ""
        bar.set_track(TENSOR, "Tensor", text, max(0, place), count, there, why)
        total = len(subject.tensors)
        bar.set_playing(subject.measuring)
        words = f"{len(subject.stats):,} of {total:,}" if total else ""
        bar.set_track(STATISTICS, "Measured", words, len(subject.stats), total + 1, total > 0, why)

    def unplayable(self) -> str:
        """Play measures."""
        subject = self.subject
        if subject.state != OPEN:
            return NO_FILE
        return "All tensors are measured." if len(subject.stats) >= len(subject.tensors) else ""

    def toggle_play(self) -> None:
        """Measure, or stop."""
        if self.subject.measuring:
            self.subject.measure(False)
        elif not self.unplayable():
            self.subject.measure()

    def restart(self) -> None:
        """The same as Play, from the beginning of what is missing."""
        if not self.unplayable():
            self.subject.measure()

    def step(self, by: int) -> None:
        """Another tensor."""
        self.view.table.step(by)

    def go(self, fraction: float) -> None:
        """The first, the last."""
        self.view.table.step(-len(self.subject.tensors) if fraction == 0 else len(self.subject.tensors))

    def scrub(self, track: str, position: float) -> None:
        """Through the tensors as they stand."""
        if track == TENSOR:
            self.view.table.step(round(position) - self.view.table.place()[0])

    # The window's calls.

    def enter(self) -> None:
        """The recent files may be others."""
        if self.subject.state == NOTHING:
            self.start.offer(self.studio.recent.show())

    def subtitle(self) -> str:
        """The file's name and kind."""
        subject = self.subject
        if subject.state == NOTHING:
            return "what a file is, and what it makes"
        name = Path(subject.path).name
        return f"{name} · {subject.inspection.title}" if subject.inspection is not None else name

    def text(self) -> str:
        """The names of all tensors, with their shapes and types."""
        return "\n".join(f"{one.name}\t{list(one.shape)}\t{one.dtype}" for one in self.subject.tensors)

    def settled(self) -> bool:
        """What is shown is all there is to show of it."""
        subject = self.subject
        return not (subject.reading or self._waiting or subject.measuring) and self.view.table.fitted

    def session(self) -> dict[str, Any]:
        """The page, how the table stands, the tensor and how it is seen."""
        view = self.view
        return {"page": view.page, "grouped": view.grouped.isChecked(), "tensor": self._chosen, "see": view.detail.view}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays."""
        view = self.view
        if held.get("page") in [name for name, *_ in PAGES]:
            view.show_page(str(held["page"]))
        if isinstance(held.get("grouped"), bool):
            view.set_grouped(held["grouped"])
        if isinstance(held.get("tensor"), str):
            self._chosen = held["tensor"]
        if held.get("see") in [name for name, *_ in VIEWS]:
            view.detail.choose(str(held["see"]))
