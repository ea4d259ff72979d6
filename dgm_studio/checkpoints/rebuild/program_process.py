"""The asker's side of the process that runs a checkpoint's program: it is started, asked, and killed when it is late.

Not core.aside: its answers are pickles, which a stranger's program could forge. Here they are a line of JSON and
numbers, checked before they are believed.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dgm_studio.checkpoints.reader.frames import Frame, pack, receive
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.reader_command import program_command

LONGEST = 60.0
"""Seconds that loading, or one evaluation, may take; then the process is killed."""
PATIENCE = 0.01
"""Seconds one beat waits for the answer."""
GRACE = 2.0
"""Seconds that the pipe of a killed process may stay open."""
LONGEST_HEAD, MOST_BYTES = 65_536, 2**30
KEPT = 2
"""Programs that stay loaded, each in a process of its own."""
NEEDED = ("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that is passed on of the person's environment: what finding torch's own libraries needs."""
Key = tuple[str, str, str]
"""Kind, path, SHA-256."""


class ProgramProcess:
    """One program in one process. `sealed` says whether the system took its network and the writing of files away."""

    def __init__(self, key: Key) -> None:
        flags = int(getattr(subprocess, "CREATE_NO_WINDOW", 0))
        self._process = subprocess.Popen(
            program_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(), cwd=Path(sys.executable).anchor, creationflags=flags,
            start_new_session=True,
        )  # fmt: skip
        self._key = key
        self._answers: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        self.sealed = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def loading(self) -> Generator[None, None, None]:
        """Load the program; RefusedFile E11 where the file is not the one of the consent."""
        kind, path, sha256 = self._key
        answer = yield from self._asked(Frame({"do": "load", "kind": kind, "path": path, "sha256": sha256}))
        if answer.head.get("is") != "loaded":
            self.end()
            if answer.head.get("text") == "PermissionError":
                raise another_file()
            raise Refused("PyTorch cannot load this program: it is of a version or a kind that this one does not know.")
        self.sealed = answer.head.get("sealed") is True

    def making(self, given: Mapping[str, Array], output: int) -> Generator[None, None, Array]:
        """Its output number `output`, float32, for inputs by name; Refused where it fails, dies or is late."""
        inputs = [[name, one.dtype.name, list(one.shape)] for name, one in given.items()]
        raw = b"".join(np.ascontiguousarray(one).tobytes() for one in given.values())
        answer = yield from self._asked(Frame({"do": "run", "inputs": inputs, "output": output}, raw))
        shape = answer.head.get("shape")
        if answer.head.get("is") == "made" and _fits(shape, len(answer.raw)):
            return np.frombuffer(answer.raw, "<f4").reshape(shape)
        shapes = ", ".join(f"{name} {one.dtype} {one.shape}" for name, one in given.items())
        raise Refused(
            f"The program cannot be run with {shapes}. Choose otherwise which input is x, time and class, or other "
            "shapes."
        )

    def _asked(self, order: Frame) -> Generator[None, None, Frame]:
        assert self._process.stdin is not None
        late = time.monotonic() + LONGEST
        with contextlib.suppress(OSError):  # it has ended: the answer says so
            self._process.stdin.write(pack(order))
            self._process.stdin.flush()
        while True:
            try:
                answer = self._answers.get(timeout=PATIENCE)
            except queue.Empty:
                if time.monotonic() > late:
                    self.end()
                    raise Refused(
                        f"The program took longer than {LONGEST:.0f} s and was stopped. Choose fewer pictures or fewer "
                        "pixels."
                    ) from None
                yield
                continue
            if answer is None:
                self.end()
                raise Refused(
                    "The process that ran the program ended before it answered: it was out of memory, or the program "
                    "ended it. The rest of the studio is unaffected."
                )
            return answer

    def _listen(self) -> None:
        """Answers into the queue; None once there will be no more, or where something came that is none."""
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError, RecursionError):
            while (frame := receive(self._process.stdout, LONGEST_HEAD, MOST_BYTES)) is not None:
                self._answers.put(frame)
        self._answers.put(None)

    def end(self) -> None:
        """Kill the process, whatever it does."""
        if sys.platform != "win32" and self.alive:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)  # with whatever it has started
        self._process.kill()
        self._process.wait()
        self._listening.join(GRACE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not self._listening.is_alive():
                with contextlib.suppress(OSError):
                    pipe.close()


_kept: dict[Key, ProgramProcess] = {}


def starting(key: Key) -> Generator[None, None, ProgramProcess]:
    """The process of this program, started and loaded where it is not there (any more)."""
    held = _kept.pop(key, None)
    if held is None or not held.alive:
        if held is not None:
            held.end()
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept))).end()
        held = ProgramProcess(key)
        try:
            yield from held.loading()
        except BaseException:
            held.end()
            raise
    _kept[key] = held
    return held


def end_programs() -> None:
    """End all processes that run programs."""
    while _kept:
        _kept.popitem()[1].end()


atexit.register(end_programs)


def another_file() -> RefusedFile:
    """E11: consent was given, but not to this file."""
    return RefusedFile(
        "E11",
        "Your consent names another SHA-256 than this file has: it was rewritten, or it is another file. Look at it "
        "again, and give your consent to what it is now.",
    )


def _environment() -> dict[str, str]:
    """As little as there can be: no home, no tokens, no settings of PyTorch's; and no way to a model hub."""
    own = {name: os.environ[name] for name in NEEDED if name in os.environ}
    path = os.pathsep.join(one for one in sys.path if one)
    return {
        **own, "PYTHONPATH": path, "PYTHONNOUSERSITE": "1", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip


def _fits(shape: Any, nbytes: int) -> bool:
    whole = isinstance(shape, list) and len(shape) <= 8 and all(type(one) is int and one >= 0 for one in shape)
    return whole and 4 * math.prod(shape) == nbytes
