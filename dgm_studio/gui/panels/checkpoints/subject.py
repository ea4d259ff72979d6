"""The file that is open: what it is, its tensors as they stream in, what was measured. All modes share it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.inspection import (
    ASKS,
    CONSENT,
    MATCH,
    Candidate,
    Finding,
    Inspection,
    RefusedFile,
    TensorEntry,
    TensorStats,
)
from dgm_studio.core.inspection_json import entry_from, finding_from, inspection_from, stats_from, totals_from
from dgm_studio.gui.reader_link import Head, ReaderLink, Refuse, Then

NOTHING, READING, OPEN, REFUSED = "nothing", "reading", "open", "refused"


class Subject(QObject):
    """`open(path)`, then `changed` at every turn: `state` says which. Two may share a link."""

    changed = Signal()
    """Another state, or more is known of the file."""

    rows_came = Signal(object)
    """More TensorEntry, in the order of the file."""

    measured = Signal(object)
    """More TensorStats."""

    progressed = Signal()
    """More was measured or checked, or it began or ended."""

    failed = Signal(str)
    """A sentence; what was told of the file stays true."""

    def __init__(self, link: ReaderLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.link = link
        self.file = 0
        """The reader's number of the file; 0 where it has it not open."""
        link.stopped.connect(self._lost)
        self._clear("", NOTHING)

    def _clear(self, path: str, state: str) -> None:
        self.path, self.state = path, state
        self.inspection: Inspection | None = None
        """What it is; its tensors are in `tensors`. Candidates come a moment after the rest: see `judged`."""
        self.judged = False
        self.refusal: RefusedFile | None = None
        self.tensors: list[TensorEntry] = []
        self.stats: dict[str, TensorStats] = {}
        self.sound: dict[str, bool | None] = {}
        """Whether each tensor's checksum holds; None where the format has none."""
        self.choice: dict[str, str] = {}
        """What a person chose instead of what was concluded, by the setting's name (core.inspection.Conclusion)."""
        self.file = 0
        self._opening = self._listing = self._measuring = self._checking = 0

    # Opening.

    def open(self, path: str) -> None:
        """Another file or folder; what was open is closed."""
        self._let_go()
        self._clear(str(Path(path).expanduser().absolute()), READING)
        order: Head = {"path": self.path, "judge": False}
        self._opening = self.link.ask("open", order, lambda *_: None, self._refused, self._opened)
        self.changed.emit()

    def close(self) -> None:
        """Let go of the file."""
        self._let_go()
        self._clear("", NOTHING)
        self.changed.emit()

    def cancel(self) -> None:
        """Leave off reading, at once: the process is killed, and nothing is open."""
        if self.state == READING:
            self._let_go()
            self._clear("", NOTHING)
            self.link.stop()
            self.changed.emit()

    def _let_go(self) -> None:
        for order in (self._opening, self._listing, self._measuring, self._checking):
            self.link.forget(order)
        if self.file:
            self.link.tell("close", {"file": self.file})

    def _opened(self, head: Head, raw: bytes) -> None:
        """What stands in the file's head; its tensors are asked for, and then every architecture."""
        self.file = int(head["file"])
        findings = tuple(finding_from(one) for one in head["findings"])
        self.inspection = Inspection(
            head["kind"], head["title"], head["path"], head["size"], (), (), totals_from(head["totals"]),
            findings=findings, files=tuple(head["files"]),
        )  # fmt: skip
        self.state = OPEN
        self._listing = self.link.ask("rows", {"file": self.file}, self._listed, self._trouble, self._rows)
        self._opening = self.link.ask("judge", {"file": self.file}, self._judged, self._refused)
        self.changed.emit()

    def _rows(self, head: Head, raw: bytes) -> None:
        rows = [entry_from(one) for one in head["rows"]]
        self.tensors += rows
        self.rows_came.emit(rows)

    def _listed(self, head: Head, raw: bytes) -> None:
        self._listing = 0
        self.progressed.emit()

    def _judged(self, head: Head, raw: bytes) -> None:
        """What it is, by every architecture's answer."""
        self._opening, self.judged = 0, True
        self.inspection = inspection_from(head["inspection"])
        self.changed.emit()

    def _refused(self, refusal: RefusedFile) -> None:
        """Before it was open it is refused; afterwards only the candidates are missing."""
        self._opening, self.judged = 0, True
        if self.state == READING:
            self.refusal, self.state = refusal, REFUSED
        else:
            self.failed.emit(refusal.sentence)
        self.changed.emit()

    @property
    def reading(self) -> bool:
        """Whether the head, the tensors or the candidates are still to come."""
        return self.state == READING or self._opening > 0 or self._listing > 0

    @property
    def program(self) -> Candidate | None:
        """Who could run the file, which is a program, after a person's consent."""
        found = self.inspection.candidates if self.inspection is not None else ()
        return next((one for one in found if one.verdict == ASKS), None)

    def agree(self, sha256: str) -> None:
        """A person's consent to run the file, as long as it is the one of this SHA-256: its candidate is the best."""
        program = self.program
        if program is not None and self.inspection is not None:
            others = tuple(one for one in self.inspection.candidates if one is not program)
            self.inspection = replace(self.inspection, candidates=(replace(program, verdict=MATCH), *others))
        self.choice = {**self.choice, CONSENT: sha256}
        self.changed.emit()

    # Looking.

    def look(self, do: str, order: Head, then: Then, refuse: Refuse, part: Then | None = None) -> None:
        """Ask for something of the open file; where the reader was lost it is opened anew before."""
        if self.file:
            self.link.ask(do, {"file": self.file, **order}, then, refuse, part)
            return

        def opened(head: Head, raw: bytes) -> None:
            if head["is"] == "opened":
                self.file = int(head["file"])
                self.link.ask(do, {"file": self.file, **order}, then, refuse, part)

        self.link.ask("open", {"path": self.path}, lambda *_: None, refuse, opened)

    # All tensors in turn.

    @property
    def measuring(self) -> bool:
        """Whether tensors are being measured."""
        return self._measuring > 0

    @property
    def checking(self) -> bool:
        """Whether checksums are being checked."""
        return self._checking > 0

    def measure(self, on: bool = True) -> None:
        """Measure the tensors that are not measured yet, the largest last; or stop."""
        if not on:
            self.link.forget(self._measuring)
            self._measuring = 0
        elif self.file and not self._measuring:
            names = [one.name for one in self.tensors if one.name not in self.stats]
            order: Head = {"file": self.file, "names": names} if self.stats else {"file": self.file}
            self._measuring = self.link.ask("stats", order, self._measured_all, self._trouble, self._measured)
        self.progressed.emit()

    def measure_one(self, name: str) -> None:
        """Measure a tensor before its turn."""
        if name not in self.stats:
            self.look("stats", {"names": [name], "soon": True}, lambda *_: None, lambda _: None, self._measured)

    def _measured(self, head: Head, raw: bytes) -> None:
        found = [stats_from(one) for one in head.get("rows", ())]
        self.stats.update({one.name: one for one in found})
        self.measured.emit(found)
        self.progressed.emit()

    def _measured_all(self, head: Head, raw: bytes) -> None:
        self._measuring = 0
        self._found(head)
        self.progressed.emit()

    def check(self) -> None:
        """Check every tensor's checksum, in the background."""
        if self.file and not self._checking:
            self.sound = {}
            order: Head = {"file": self.file}
            self._checking = self.link.ask("verify", order, self._checked_all, self._trouble, self._checked)
            self.progressed.emit()

    def _checked(self, head: Head, raw: bytes) -> None:
        self.sound.update(dict(head["rows"]))
        self.progressed.emit()

    def _checked_all(self, head: Head, raw: bytes) -> None:
        self._checking = 0
        self._found(head)
        self.progressed.emit()

    def _found(self, head: Head) -> None:
        """What is known only after all tensors were read is a finding like the others."""
        if head.get("finding") and self.inspection is not None:
            new: Finding = finding_from(head["finding"])
            kept = tuple(one for one in self.inspection.findings if one.code != new.code)
            self.inspection = replace(self.inspection, findings=(*kept, new))
            self.changed.emit()

    def _trouble(self, refusal: RefusedFile) -> None:
        """What goes over all tensors could not go on."""
        self._measuring = self._checking = self._listing = 0
        self.failed.emit(refusal.sentence)
        self.progressed.emit()

    def _lost(self, sentence: str) -> None:
        """The reader is gone; it is opened anew when something is asked for."""
        self.file = self._opening = self._listing = self._measuring = self._checking = 0
        self.judged = True
        if self.state == OPEN:
            self.failed.emit(sentence)
        self.progressed.emit()
