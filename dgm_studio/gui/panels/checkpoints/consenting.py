"""From a program that is looked into to one that runs: its hash is taken, and a person is asked, once a hash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import CONSENT, RefusedFile
from dgm_studio.gui.consents import Consents
from dgm_studio.gui.panels.checkpoints.subject import Subject
from dgm_studio.gui.reader_link import Head

NO_WAY = "Nothing in this file could be run here: {reason}"
Ask = Callable[[str, str, int, str, Sequence[str]], bool]
"""Whether a person consents to title, path, size, SHA-256 and contents."""


class Consenting(QObject):
    """`begin` asks about the subject's file."""

    agreed = Signal()
    """The file may be run now; its subject knows."""

    failed = Signal(str)
    """A sentence: why it cannot be run, consent or not."""

    def __init__(self, subject: Subject, window: QWidget) -> None:
        super().__init__(subject)
        self.subject, self.consents = subject, Consents()
        self.ask: Ask = partial(_ask, window)
        self._asking = ""

    def begin(self) -> None:
        """Take the file's hash in the reader, and ask unless it was agreed to before."""
        subject = self.subject
        if CONSENT in subject.choice:
            self.agreed.emit()
        elif subject.program is None and subject.judged:
            found = subject.inspection.candidates if subject.inspection is not None else ()
            told = next((one.reasons[0] for one in found if one.id == "torch-program" and one.reasons), "")
            self.failed.emit(NO_WAY.format(reason=told or "its inputs and outputs are not known."))
        elif self._asking != subject.path:
            self._asking = subject.path
            subject.look("program", {}, partial(self._hashed, subject.path), self._refused)

    def _hashed(self, path: str, head: Head, raw: bytes) -> None:
        self._asking = ""
        subject, program = self.subject, self.subject.program
        if subject.path != path or program is None:
            return
        sha256 = str(head["sha256"])
        if sha256 not in self.consents.held():
            if not self.ask(program.title, path, int(head["size"]), sha256, [str(one) for one in head["contents"]]):
                return
            self.consents.add(sha256)
        if subject.path == path:  # asking takes its time
            subject.agree(sha256)
            self.agreed.emit()

    def _refused(self, refusal: RefusedFile) -> None:
        self._asking = ""
        self.failed.emit(refusal.sentence)


def _ask(window: QWidget, title: str, path: str, size: int, sha256: str, contents: Sequence[str]) -> bool:
    from dgm_studio.gui.dialogs.consent import ConsentDialog

    return ConsentDialog.ask(title, path, size, sha256, contents, window)
