"""Difference: what changed between the open checkpoint and a second one, or between its two copies of the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import Difference, RefusedFile
from dgm_studio.core.inspection_json import difference_from
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.copies import raw_and_ema
from dgm_studio.gui.panels.checkpoints.difference_form import COPIES, DifferenceForm
from dgm_studio.gui.panels.checkpoints.difference_readouts import DifferenceReadouts
from dgm_studio.gui.panels.checkpoints.difference_view import NO_FILE, NO_SECOND, DifferenceView
from dgm_studio.gui.panels.checkpoints.subject import OPEN, READING, REFUSED, Subject
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.reader_link import Head
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.busy_overlay import BusyOverlay
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "tensor"
COMPARING = "Comparing tensor by tensor…"


class DifferenceMode(Mode):
    """The second file is read by the same process; what is compared stays when another file is opened."""

    id, word, tooltip = modes.DIFFERENCE
    restart_help = "Compare again (R)"
    paced = False

    def __init__(self, studio: Studio, subject: Subject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio, self.subject = studio, subject
        self.other = Subject(subject.link, self)
        self.target = ""
        """COPIES, the second file's path, or "" for nothing yet."""
        self.found: Difference | None = None
        self.active = False
        self._order = 0
        self._done: tuple[str, str] = ("", "")
        """What `found` is of: the first file and the target."""
        self.form: DifferenceForm = DifferenceForm(studio.recent.show)
        self.view = DifferenceView()
        self.picture: QWidget = self.view
        self.readouts: DifferenceReadouts = DifferenceReadouts()
        self.stage = self.view.table
        self.busy = BusyOverlay(self.view)
        self.busy.cancelled.connect(self.cancel)
        self.form.picked.connect(self.choose)
        self.view.choose_wanted.connect(self.form.card.open)
        self.view.table.chosen.connect(lambda _: self.changed.emit())
        subject.changed.connect(self._follow)
        self.other.changed.connect(self._follow)
        subject.link.stopped.connect(lambda _: self._stopped())
        self._follow()

    # What is compared.

    def choose(self, target: str) -> None:
        """COPIES, or a second file."""
        self.cleared.emit()
        self.target = target
        self._forget()
        if target not in ("", COPIES):
            self.other.open(target)
        self._follow()
        self.kept.emit()

    def cancel(self) -> None:
        """Leave off comparing."""
        self.subject.link.forget(self._order)
        self.other.cancel()
        self._stopped()

    def _stopped(self) -> None:
        self._order = 0
        self._idle()
        self.changed.emit()

    def _forget(self) -> None:
        self.subject.link.forget(self._order)
        self._order, self.found, self._done = 0, None, ("", "")
        self._idle()
        self.form.show_difference(None)
        self.readouts.show_difference(None)

    def _pair(self) -> tuple[str, str] | None:
        weights = self.subject.inspection.weights if self.subject.inspection is not None else ()
        pair = raw_and_ema(weights)
        return (pair[0].id, pair[1].id) if pair is not None else None

    def _follow(self) -> None:
        """Another file, or more is known of one of them."""
        subject = self.subject
        weights = subject.inspection.weights if subject.inspection is not None else ()
        self.form.offer_copies(raw_and_ema(weights))
        if self.found is not None and self._done[0] != subject.path:
            self._forget()
        if not self.target and self._pair() is not None:
            self.target = COPIES
        if self.target == COPIES and subject.judged and self._pair() is None:
            self.target = ""
        words = {READING: "reading…", REFUSED: "cannot be opened"}.get(self.other.state, "the second file")
        self.form.show_target(self.target, words)
        if self.found is None:
            self._show_empty()
        if self.active:
            self.compare()
        self.changed.emit()

    def _show_empty(self) -> None:
        refusal = self.other.refusal
        if self.subject.state != OPEN:
            self.view.show_empty(NO_FILE, button=False)
        elif self.target not in ("", COPIES) and refusal is not None:
            self.view.show_empty(f"{refusal.code} {refusal.sentence}".strip(), button=True)
        elif self.target:
            self.view.show_empty(COMPARING, button=False)
        else:
            self.view.show_empty(NO_SECOND, button=True)

    def compare(self) -> None:
        """As soon as both sides are open; nothing while it is done, or being done."""
        subject, pair = self.subject, self._pair()
        now = (subject.path, self.target)
        if self._order or self._done == now or subject.state != OPEN or not subject.file:
            return
        if self.target == COPIES and pair is not None:
            order: Head = {"file": subject.file, "weights": list(pair)}
        elif self.target not in ("", COPIES) and self.other.state == OPEN and self.other.file:
            order = {"file": subject.file, "other": self.other.file}
        else:
            return
        self.busy.begin(COMPARING)

        def done(head: Head, raw: bytes) -> None:
            self._order, self._done = 0, now
            self.found = difference_from(head["difference"])
            self._show_found(self.found)

        def refuse(refusal: RefusedFile) -> None:
            self._order, self._done = 0, now
            self._idle()
            self.view.show_empty(refusal.sentence, button=True)
            self.changed.emit()

        self._order = subject.link.ask("difference", order, done, refuse)

    def _show_found(self, found: Difference) -> None:
        self._idle()
        self.form.show_difference(found)
        self.view.show_difference(found)
        self.readouts.show_difference(found)
        self.changed.emit()

    def _idle(self) -> None:
        """Nothing is waited for: the keys are the picture's again, not those of what Qt finds next in the row."""
        if self.busy.isVisible():
            self.busy.end()
            self.view.setFocus()

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """The chosen line."""
        bar.add_track(TRACK, "Tensor", "sample")

    def show_on(self, bar: TransportBar) -> None:
        """Which line of how many."""
        count, row = len(self.view.model.lines), self.view.table.currentIndex().row()
        there = self.found is not None and count > 0
        text = f"{row + 1:,} of {count:,}" if row >= 0 and there else f"{count:,}" if there else ""
        why = "" if there else "Nothing is compared yet."
        bar.set_playing(self._order > 0)
        bar.set_track(TRACK, "Tensor", text, max(0, row), count, there, why)

    def unplayable(self) -> str:
        """There is nothing that plays."""
        return "A comparison has nothing to play: Left and Right walk through the tensors."

    def restart(self) -> None:
        """Compare again."""
        self._done = ("", "")
        if self.target not in ("", COPIES):
            self.other.open(self.target)
        self.compare()

    def step(self, by: int) -> None:
        """Another tensor."""
        self.view.table.step(by)

    def go(self, fraction: float) -> None:
        """The first line, the last."""
        self.view.table.step(-len(self.view.model.lines) if fraction == 0 else len(self.view.model.lines))

    def scrub(self, track: str, position: float) -> None:
        """Through the lines as they stand."""
        self.view.table.step(round(position) - self.view.table.currentIndex().row())

    # The window's calls.

    def enter(self) -> None:
        """A person looks: what was opened meanwhile is compared."""
        self.active = True
        if self.target not in ("", COPIES) and not self.other.file and self.other.state != READING:
            self.other.open(self.target)
        self._follow()

    def leave(self) -> None:
        """Nobody looks."""
        self.active = False

    def drop(self, path: str) -> bool:
        """The second file, where this mode is in front and a first is open."""
        if not self.active or self.subject.state != OPEN:
            return False
        self.choose(path)
        return True

    def subtitle(self) -> str:
        """The two sides."""
        first = Path(self.subject.path).name
        if not first:
            return "what changed between two checkpoints"
        if self.target == COPIES:
            return f"{first} · EMA against raw"
        return f"{first} and {Path(self.target).name}" if self.target else first

    def settled(self) -> bool:
        """What can be compared is."""
        return not self._order and not self.other.reading and not self.subject.reading

    def session(self) -> dict[str, Any]:
        """The second file."""
        return {"target": self.target}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; a file that is no more is left out."""
        target = held.get("target")
        if isinstance(target, str) and (target == COPIES or Path(target).exists()) and target:
            self.target = target
