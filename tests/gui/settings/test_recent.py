"""Recent files: order, length, pruning, and a list that was damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from dgm_studio.gui import settings
from dgm_studio.gui.recent import MOST, RecentFiles


def files(folder: Path, count: int) -> list[Path]:
    made = [folder / f"run {i} é.safetensors" for i in range(count)]
    for path in made:
        path.write_bytes(b"x")
    return made


def test_newest_first_never_twice_at_most_ten(tmp_path: Path) -> None:
    recent, made = RecentFiles(tmp_path / "recent.json"), files(tmp_path, 12)
    for path in made:
        recent.add(path)
    assert recent.show() == tuple(reversed(made))[:MOST]
    recent.add(str(made[5]))
    assert recent.show()[0] == made[5]
    assert len(set(recent.show())) == len(recent.show()) == MOST


def test_missing_files_are_forgotten_on_show(tmp_path: Path) -> None:
    recent, made = RecentFiles(tmp_path / "recent.json"), files(tmp_path, 3)
    for path in made:
        recent.add(path)
    made[1].unlink()
    assert recent.show() == (made[2], made[0])
    made[1].write_bytes(b"back")
    assert recent.show() == (made[2], made[0])


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1, null]", b'["'])
def test_a_damaged_list_begins_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recent.json").write_bytes(content)
    recent, (one,) = RecentFiles(tmp_path / "recent.json"), files(tmp_path, 1)
    assert recent.show() == ()
    recent.add(one)
    assert recent.show() == (one,)
    recent.clear()
    assert recent.show() == ()


def test_the_usual_place_and_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = files(tmp_path, 1)
    monkeypatch.setenv(settings.HOME_VARIABLE, str(tmp_path))
    RecentFiles().add(one)
    assert (tmp_path / "data" / "recent.json").is_file()
    assert RecentFiles().show() == (one,)
    monkeypatch.setenv(settings.HOME_VARIABLE, str(one))
    RecentFiles().add(one)
    assert RecentFiles().show() == ()
