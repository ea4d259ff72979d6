"""The reader's loop: orders come in by one thread, are worked off step by step, and a watch keeps the time."""

from __future__ import annotations

import os
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from dgm_studio.checkpoints.reader.frames import Frame, pack, receive
from dgm_studio.checkpoints.reader.orders import ORDERS, Files, Steps, Told
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile

HEARTBEAT = 1.0
OVER_TIME = 3
"""The process' exit code where an order took too long."""
OUT_OF_MEMORY = "This asks for more memory than the reader may use. Open the file on a machine with more memory."


@dataclass
class _Job:
    """An order that is being worked off."""

    id: int
    steps: Steps
    background: bool
    seconds: float


class Server:
    """Answers orders from `orders` into `answers` until `orders` closes; one thread works, two only wait."""

    def __init__(self, orders: IO[bytes], answers: IO[bytes]) -> None:
        self._orders, self._answers = orders, answers
        self._inbox: queue.SimpleQueue[Told | None] = queue.SimpleQueue()
        self._jobs: list[_Job] = []
        self._files = Files()
        self._writing = threading.Lock()
        self._busy: tuple[int, float, float] | None = None

    def serve(self, idle: Callable[[], None]) -> None:
        """Do `idle` while the first order is on its way, then answer."""
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()
        idle()
        while self._take_orders():
            if self._jobs:
                self._step(next((job for job in self._jobs if not job.background), self._jobs[0]))

    def _take_orders(self) -> bool:
        """Take what has come, and wait for it where there is nothing to do; False when nobody asks any more."""
        while True:
            try:
                told = self._inbox.get(block=not self._jobs)
            except queue.Empty:
                return True
            if told is None:
                return False
            self._begin(told)

    def _begin(self, told: Told) -> None:
        if told.get("do") == "cancel":
            for job in [job for job in self._jobs if job.id == told.get("of")]:
                job.steps.close()
                self._end(job, Frame({"is": "cancelled"}))
            return
        order, id = ORDERS.get(str(told.get("do"))), int(told.get("id", 0))
        if order is None:
            self._send(Frame({"id": id, "is": "failed", "text": "The reader does not know this order.", "end": True}))
            return
        seconds = float(told.get("seconds", order.seconds)) if told["do"] == "open" else order.seconds
        background = order.background and not told.get("soon")
        self._jobs.append(_Job(id, order.begin(self._files, told), background, seconds))

    def _step(self, job: _Job) -> None:
        self._busy = (job.id, time.monotonic(), job.seconds)
        try:
            frame = next(job.steps)
        except StopIteration as end:
            self._end(job, Frame({"is": "done", **end.value.head}, end.value.raw))
        except RefusedFile as refusal:
            self._end(job, Frame({"is": "refused", "code": refusal.code, "text": refusal.sentence}))
        except Refused as refusal:
            self._end(job, Frame({"is": "refused", "code": "", "text": str(refusal)}))
        except MemoryError:
            self._end(job, Frame({"is": "refused", "code": "E08", "text": OUT_OF_MEMORY}))
        except Exception as error:  # noqa: BLE001 -- whoever asked is told, and the next order is answered
            text = f"The reader met an error it does not know ({type(error).__name__}). The file was left as it is."
            self._end(job, Frame({"is": "failed", "text": text, "details": traceback.format_exc()}))
        else:
            if frame is not None:
                self._send(Frame({"id": job.id, **frame.head}, frame.raw))
        finally:
            self._busy = None

    def _end(self, job: _Job, frame: Frame) -> None:
        self._jobs.remove(job)
        self._send(Frame({"id": job.id, **frame.head, "end": True}, frame.raw))

    def _send(self, frame: Frame) -> None:
        packed = pack(frame)
        with self._writing:
            try:
                self._answers.write(packed)
                self._answers.flush()
            except OSError:  # nobody listens any more
                os._exit(0)

    def _listen(self) -> None:
        """Orders into the inbox. Once they close, the process ends whatever it does."""
        try:
            while (frame := receive(self._orders)) is not None:
                self._inbox.put(frame.head)
        except ValueError:
            pass  # what is no frame ends the conversation like a closed pipe
        os._exit(0)

    def _watch(self) -> None:
        while True:
            time.sleep(HEARTBEAT)
            busy = self._busy
            self._send(Frame({"is": "alive", "busy": busy[0] if busy else None}))
            if busy is not None and time.monotonic() - busy[1] > busy[2]:
                text = f"Reading took longer than {busy[2]:g} s and was stopped. The rest of the app is unaffected."
                self._send(Frame({"id": busy[0], "is": "refused", "code": "E22", "text": text, "end": True}))
                os._exit(OVER_TIME)
