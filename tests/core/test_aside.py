"""Work aside: answers, refusals, deaths; the warm helper stays, is killed on cancel and leaves nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator

import pytest

from dgm_studio.core.aside import aside, aside_warm, end_warm
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    end_warm()
    yield
    end_warm()


def number() -> int:
    """The process it runs in."""
    return os.getpid()


def refuse() -> None:
    """A refusal, as work may tell one."""
    raise Refused("There is no such thing. Choose another.")


def fail() -> None:
    """An error of the work's own."""
    raise ValueError("out of range")


def die() -> None:
    """What a crash in a library looks like."""
    os.kill(os.getpid(), signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether that process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_call_has_a_process_of_its_own_unless_it_is_warm() -> None:
    one, other = finish(aside(number)), finish(aside(number))
    assert len({one, other, os.getpid()}) == 3
    assert not alive(one)
    warm = finish(aside_warm(number))
    assert warm != os.getpid()
    assert finish(aside_warm(number)) == warm
    end_warm()
    assert not alive(warm)


@pytest.mark.parametrize("way", [aside, aside_warm])
def test_refusals_and_errors_are_told(way: type) -> None:
    with pytest.raises(Refused, match="Choose another"):
        finish(way(refuse))
    with pytest.raises(RuntimeError, match="ValueError: out of range"):
        finish(way(fail))
    with pytest.raises(RuntimeError, match="exit code -9"):
        finish(way(die))


def test_the_helper_outlives_a_refusal_and_is_replaced_after_a_death() -> None:
    warm = finish(aside_warm(number))
    with pytest.raises(Refused):
        finish(aside_warm(refuse))
    assert finish(aside_warm(number)) == warm
    os.kill(warm, signal.SIGKILL)
    while any(child.pid == warm for child in multiprocessing.active_children()):
        time.sleep(0.001)
    assert finish(aside_warm(number)) not in (warm, os.getpid())


def test_cancelling_kills_long_work_at_once_and_spares_work_that_is_done() -> None:
    warm = finish(aside_warm(number))
    slow = aside_warm(time.sleep, 60)
    next(slow)
    begun = time.monotonic()
    slow.close()
    assert time.monotonic() - begun < 5
    assert not alive(warm)
    warm = finish(aside_warm(number))
    quick = aside_warm(time.sleep, 0.02)
    next(quick)
    quick.close()
    assert finish(aside_warm(number)) == warm


def test_a_paused_caller_holds_up_nobody() -> None:
    finish(aside_warm(number))
    paused = aside_warm(time.sleep, 60)
    next(paused)
    assert finish(aside_warm(number)) != os.getpid()
    paused.close()
