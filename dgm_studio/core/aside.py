"""Work that cannot be sliced into beats, done aside in a spawned process that can be killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import Any

from dgm_studio.core.errors import Refused

PATIENCE = 0.01
"""Seconds one beat waits for the answer."""


def aside(work: Callable[..., Any], *arguments: Any) -> Generator[None, None, Any]:
    """`work(*arguments)` in another process, both picklable; yields until it is done, closing it kills the process.

    What `work` refuses is Refused here; any other end of the process is a RuntimeError with what is known of it.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(there, work, arguments), daemon=True)
    process.start()
    there.close()
    try:
        while not here.poll(PATIENCE):
            yield
        try:
            answer = here.recv()
        except EOFError:
            process.join()
            raise RuntimeError(f"the helper process ended with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _do(answer: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        answer.send(work(*arguments))
    except Refused as refusal:
        answer.send(Refused(str(refusal)))
    except Exception as error:  # noqa: BLE001 -- it is told where the answer is awaited
        answer.send(RuntimeError(f"{type(error).__name__}: {error}"))
