"""The link to a real reader process: started when first needed, killed, and started again after a crash."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from dgm_studio.core.inspection import RefusedFile
from dgm_studio.gui import reader_link
from dgm_studio.gui.reader_link import Head, ReaderLink
from tests.gui.panels.checkpoints.asleep import PATIENCE, plain_file


@pytest.fixture
def link(qtbot: QtBot) -> Iterator[ReaderLink]:
    made = ReaderLink()
    yield made
    made.close()
    assert made.process is None


class Said:
    """What came back."""

    def __init__(self) -> None:
        self.done: list[tuple[Head, bytes]] = []
        self.parts: list[Head] = []
        self.refused: list[RefusedFile] = []

    def then(self, head: Head, raw: bytes) -> None:
        self.done.append((head, raw))

    def part(self, head: Head, raw: bytes) -> None:
        self.parts.append(head)


def running(process: QProcess | None) -> int:
    assert process is not None
    return int(process.processId())


def test_a_file_is_opened_and_a_heat_map_comes_as_bytes(link: ReaderLink, qtbot: QtBot, tmp_path: Path) -> None:
    assert link.process is None, "nothing is started before it is needed"
    opened, heat = Said(), Said()
    link.ask("open", {"path": plain_file(tmp_path)}, opened.then, opened.refused.append, opened.part)
    qtbot.waitUntil(lambda: bool(opened.done), timeout=PATIENCE)
    assert [one["is"] for one in opened.parts] == ["opened", "inspected"]
    order: Head = {"file": opened.parts[0]["file"], "name": "head.weight"}
    link.ask("heatmap", order, heat.then, heat.refused.append)
    qtbot.waitUntil(lambda: bool(heat.done), timeout=PATIENCE)
    head, raw = heat.done[0]
    assert (head["shape"], len(raw)) == ([4, 6], 4 * 24)
    assert not link.busy


def test_a_crash_is_told_once_and_the_next_order_starts_another(link: ReaderLink, qtbot: QtBot, tmp_path: Path) -> None:
    first, second = Said(), Said()
    told: list[str] = []
    link.stopped.connect(told.append)
    link.ask("open", {"path": plain_file(tmp_path)}, first.then, first.refused.append)
    qtbot.waitUntil(lambda: bool(first.done), timeout=PATIENCE)
    pid = running(link.process)
    os.kill(pid, signal.SIGSTOP)  # so that the order is still waited for when it dies
    link.ask("rows", {"file": 1}, second.then, second.refused.append)
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(second.refused), timeout=PATIENCE)
    assert told == [reader_link.ENDED]
    assert second.refused[0].sentence == reader_link.ENDED
    link.ask("open", {"path": plain_file(tmp_path)}, second.then, second.refused.append)
    qtbot.waitUntil(lambda: bool(second.done), timeout=PATIENCE)
    assert running(link.process) != pid


def test_a_reader_that_gives_no_sign_of_life_is_killed(link: ReaderLink, qtbot: QtBot, tmp_path: Path) -> None:
    said = Said()
    link.ask("open", {"path": plain_file(tmp_path)}, said.then, said.refused.append)
    qtbot.waitUntil(lambda: bool(said.done), timeout=PATIENCE)
    pid = running(link.process)
    os.kill(pid, signal.SIGSTOP)
    link.silence = 0.2
    link._clock.start(200)
    link.ask("rows", {"file": 1}, said.then, said.refused.append)
    qtbot.waitUntil(lambda: bool(said.refused), timeout=PATIENCE)
    assert said.refused[0].code == "E22"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_is_forgotten_is_not_answered_and_what_is_stopped_is(
    link: ReaderLink, qtbot: QtBot, tmp_path: Path
) -> None:
    forgotten, stopped = Said(), Said()
    order = link.ask("open", {"path": plain_file(tmp_path)}, forgotten.then, forgotten.refused.append)
    link.forget(order)
    link.ask("open", {"path": str(tmp_path / "none.pt")}, stopped.then, stopped.refused.append)
    qtbot.waitUntil(lambda: bool(stopped.refused), timeout=PATIENCE)
    assert stopped.refused[0].code == "E25"
    link.ask("open", {"path": plain_file(tmp_path)}, stopped.then, stopped.refused.append)
    link.stop()
    assert stopped.refused[-1].sentence == reader_link.STOPPED
    assert link.process is None
    assert not forgotten.done
    assert not forgotten.refused
