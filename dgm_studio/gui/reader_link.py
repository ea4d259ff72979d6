"""The link to the reader: the helper process that opens and measures files for the window, started when first needed.

The protocol stands in `dgm_studio.checkpoints.reader`, which is started by name and never imported here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer, Signal

from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.reader_command import reader_command

SILENCE = 10.0
"""Seconds without a sign of life after which the reader is stopped."""
DOUBT = 0.2
"""So much of it again is waited where the window itself may have had no time to listen."""
BEFORE_THE_FIRST = 3
"""So many times as long until its first: a busy machine needs a while to start a process."""
TOO_LONG = "Reading took longer than {s:.0f} s and was stopped. The rest of the app is unaffected."
ENDED = "The process that reads files ended by itself, perhaps for lack of memory. It is started again when needed."
NOT_STARTED = "The process that reads files could not be started. Close other programs and try again."
STOPPED = "Reading was stopped."
REFUSED, FAILED, CANCELLED = "refused", "failed", "cancelled"
_log = logging.getLogger(__name__)

Head = dict[str, Any]
Then = Callable[[Head, bytes], None]
Refuse = Callable[[RefusedFile], None]


@dataclass
class _Asked:
    """Who waits for an answer: `part` takes each frame before the last one, `then` the last."""

    then: Then
    refuse: Refuse
    part: Then | None


class ReaderLink(QObject):
    """`ask` and be called back on the window's thread; what was forgotten is never answered. The process is killed by
    `stop`, by `close`, and when it gives no sign of life; the next request starts another."""

    stopped = Signal(str)
    """The process is gone, with a sentence why: what it had open is open no more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.silence = SILENCE
        self.process: QProcess | None = None
        self._asked: dict[int, _Asked] = {}
        self._last = 0
        self._buffer = bytearray()
        self._head: Head | None = None
        self._doubted = False
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self._silent)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.close)

    @property
    def busy(self) -> bool:
        """Whether anything is waited for."""
        return bool(self._asked)

    def ask(self, do: str, order: Head, then: Then, refuse: Refuse, part: Then | None = None) -> int:
        """Send an order, and start the reader where it does not run; the order's id."""
        self._last += 1
        self._asked[self._last] = _Asked(then, refuse, part)
        self._send({"id": self._last, "do": do, **order})
        return self._last

    def forget(self, order: int) -> None:
        """Nobody waits for it any more: the reader leaves it where it is."""
        if self._asked.pop(order, None) is not None:
            self.tell("cancel", {"of": order})

    def tell(self, do: str, order: Head) -> None:
        """An order whose answer nobody waits for; nothing where no process runs."""
        if self.process is not None:
            self._last += 1
            self._send({"id": self._last, "do": do, **order})

    def stop(self) -> None:
        """A person cancelled: the process is killed, and all who waited are told."""
        self._end(RefusedFile("", STOPPED))

    def close(self) -> None:
        """The window closes: nobody is told."""
        self._asked.clear()
        self._kill()

    # The process.

    def _send(self, order: Head) -> None:
        if self.process is None:
            self.process = self._start()
        self.process.write(json.dumps({**order, "bytes": 0}).encode("ascii") + b"\n")

    def _start(self) -> QProcess:
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._heard)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broke)
        program, *arguments = reader_command()
        process.start(program, arguments)
        self._clock.start(round(1000 * self.silence * BEFORE_THE_FIRST))
        return process

    def _kill(self) -> None:
        process, self.process = self.process, None
        self._clock.stop()
        self._doubted = False
        self._buffer.clear()
        self._head = None
        if process is None:
            return
        process.blockSignals(True)
        if process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(2_000)
        process.deleteLater()

    def _finished(self) -> None:
        self._end(RefusedFile("", ENDED))

    def _silent(self) -> None:
        """No sign of life; where the window itself had no time to listen there is one in the pipe, and comes now."""
        if self.process is not None and self.process.bytesAvailable():
            self._read()
        elif not self._doubted:
            self._doubted = True
            self._clock.start(round(1000 * self.silence * DOUBT))
        else:
            self._end(RefusedFile("E22", TOO_LONG.format(s=self.silence)))

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(RefusedFile("", NOT_STARTED))

    def _heard(self) -> None:
        if self.process is not None:
            said = bytes(self.process.readAllStandardError().data()).decode("utf-8", "replace").strip()
            _log.info("The reader said: %s", said)

    def _end(self, why: RefusedFile) -> None:
        """It is gone, or goes now: everybody is told why."""
        waiting = list(self._asked.values())
        self._asked.clear()
        self._kill()
        for one in waiting:
            one.refuse(why)
        self.stopped.emit(why.sentence)

    # Its answers.

    def _read(self) -> None:
        if self.process is None:
            return
        self._doubted = False
        self._clock.start(round(1000 * self.silence))
        self._buffer += self.process.readAllStandardOutput().data()
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[Head, bytes] | None:
        """The next whole frame of what has come."""
        if self._head is None:
            end = self._buffer.find(b"\n")
            if end < 0:
                return None
            self._head = json.loads(bytes(self._buffer[:end]))
            del self._buffer[: end + 1]
        size = int(self._head.get("bytes", 0))
        if len(self._buffer) < size:
            return None
        head, raw = self._head, bytes(self._buffer[:size])
        del self._buffer[:size]
        self._head = None
        return head, raw

    def _take(self, head: Head, raw: bytes) -> None:
        order = int(head.get("id", 0))
        asked = self._asked.get(order)
        if asked is None:
            return
        if not head.get("end"):
            if asked.part is not None:
                asked.part(head, raw)
            return
        del self._asked[order]
        if head["is"] in (REFUSED, FAILED, CANCELLED):
            if details := head.get("details"):
                _log.info("The reader failed: %s", details)
            asked.refuse(RefusedFile(str(head.get("code", "")), str(head.get("text", STOPPED))))
        else:
            asked.then(head, raw)
