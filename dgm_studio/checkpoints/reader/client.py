"""The reader's client without a window: starts the process, asks, waits for answers; for the command line and tests."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Generator
from types import TracebackType
from typing import Any

from dgm_studio.checkpoints.reader.frames import Frame, pack, receive
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.reader_command import reader_command

GRACE = 2.0
"""Seconds a process may take to end after its input has closed."""


class ReaderClient:
    """One reader process; a context manager that ends it."""

    def __init__(self) -> None:
        self._last = 0
        # Without a window of its own on Windows.
        flags = int(getattr(subprocess, "CREATE_NO_WINDOW", 0))
        self._process = subprocess.Popen(
            reader_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=flags
        )

    def __enter__(self) -> ReaderClient:
        return self

    def __exit__(self, *of: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def tell(self, do: str, **order: Any) -> int:
        """Send an order; its id."""
        assert self._process.stdin is not None
        self._last += 1
        with contextlib.suppress(OSError):  # the process has ended: the next answer says so
            self._process.stdin.write(pack(Frame({"id": self._last, "do": do, **order})))
            self._process.stdin.flush()
        return self._last

    def hear(self) -> Frame:
        """The next answer, heartbeats included; RefusedFile E22 where the process has ended without one."""
        assert self._process.stdout is not None
        frame = receive(self._process.stdout)
        if frame is None:
            raise RefusedFile("E22", "The reader process ended before it answered. Open the file once more.")
        return frame

    def answers(self, do: str, **order: Any) -> Generator[Frame, None, Frame]:
        """Ask one thing: yields what comes before its end, returns the end. RefusedFile or Refused where it is."""
        id = self.tell(do, **order)
        while True:
            frame = self.hear()
            if frame.head.get("id") != id:
                continue
            if not frame.head.get("end"):
                yield frame
                continue
            if frame.head["is"] == "refused":
                code, text = frame.head["code"], frame.head["text"]
                raise RefusedFile(code, text) if code else Refused(text)
            if frame.head["is"] != "done":
                raise Refused(frame.head.get("text", "The order was cancelled."))
            return frame

    def ask(self, do: str, **order: Any) -> Frame:
        """The end of one order's answers, whatever comes before it."""
        steps = self.answers(do, **order)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                found: Frame = end.value
                return found

    def close(self) -> None:
        """End the process; it is killed where it does not end by itself."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
