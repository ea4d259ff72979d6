"""Work that cannot be sliced into beats, done aside in a spawned process that can be killed."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import Any

from dgm_studio.core.errors import Refused

PATIENCE = 0.01
"""Seconds one beat waits for the answer."""
GRACE = 0.04
"""Seconds a call to the warm helper that is given up may still take before the helper is killed: starting the next one
costs two seconds, and a person who drags gives up a call at every move."""


class Helper:
    """A spawned process that does one piece of work after another, as it is told through a pipe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there,), daemon=True)
        self.process.start()
        there.close()

    def call(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Generator[None, None, Any]:
        """What work(*arguments) answers, an Exception included; RuntimeError where the process ended."""
        try:
            self.pipe.send((work, arguments))
            while not self.pipe.poll(PATIENCE):
                yield
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            raise RuntimeError(f"the helper process ended with exit code {self.process.exitcode}") from None

    def end(self) -> None:
        """Kill the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


_idle: list[Helper] = []
"""At most one warm helper that waits for work; like every daemon process it is ended with the program."""


def aside(work: Callable[..., Any], *arguments: Any) -> Generator[None, None, Any]:
    """`work(*arguments)` in another process, both picklable; yields until it is done, closing it kills the process.

    What `work` refuses is Refused here; any other end of the process is a RuntimeError with what is known of it.
    """
    helper = Helper()
    try:
        answer = yield from helper.call(work, arguments)
    finally:
        helper.end()
    return _told(answer)


def aside_warm(work: Callable[..., Any], *arguments: Any) -> Generator[None, None, Any]:
    """`aside` for short work of heavy libraries: the process stays for the next call, with what it has imported.

    Started on first use. Closing the generator kills it, unless it answers within GRACE. While it works for one caller
    another one gets a process of his own, so that a paused lane holds up nobody.
    """
    helper = _idle.pop() if _idle else Helper()
    if not helper.process.is_alive():  # it was killed from outside while it waited
        helper.end()
        helper = Helper()
    free = False
    try:
        answer = yield from helper.call(work, arguments)
        free = True
    except GeneratorExit:
        free = _answered(helper)
        raise
    finally:
        if free and not _idle:
            _idle.append(helper)
        else:
            helper.end()
    return _told(answer)


def end_warm() -> None:
    """End the warm helper that waits, if there is one."""
    while _idle:
        _idle.pop().end()


def _answered(helper: Helper) -> bool:
    """Whether the work that nobody waits for any more is done."""
    try:
        if helper.pipe.poll(GRACE):
            helper.pipe.recv()
            return True
    except (EOFError, OSError):
        pass  # it ended of itself, so it is not free
    return False


def _told(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _serve(orders: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches helpers too; their parent ends them
    while True:
        try:
            work, arguments = orders.recv()
        except EOFError:  # the parent is gone
            return
        orders.send(_done(work, arguments))


def _done(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return work(*arguments)
    except Refused as refusal:
        return Refused(str(refusal))
    except Exception as error:  # noqa: BLE001 -- it is told where the answer is awaited
        return RuntimeError(f"{type(error).__name__}: {error}")
