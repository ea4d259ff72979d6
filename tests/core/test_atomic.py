"""Atomic writing: the new file wholly or the old one still, and nothing beside it."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from dgm_studio.core.atomic import write_bytes, write_text, writing
from dgm_studio.core.errors import Refused

SENTENCE = r"could not be saved to .*: .*\. Choose another folder; nothing was lost\."


def test_writes_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "run.json"
    write_text(target, "first")
    write_text(target, "π second")
    assert target.read_bytes() == "π second".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_mode_is_the_usual_one_and_then_kept(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_bytes(b"")
    write_bytes(ours, b"a")
    assert ours.stat().st_mode == plain.stat().st_mode
    ours.chmod(0o600)
    write_bytes(ours, b"b")
    assert ours.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_folder_in_the_way(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    with pytest.raises(Refused, match=SENTENCE):
        write_bytes(target, b"x")
    assert list(tmp_path.iterdir()) == [target]
    assert list(target.iterdir()) == []


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="run.json " + SENTENCE):
        write_bytes(tmp_path / "no" / "run.json", b"x")
    assert list(tmp_path.iterdir()) == []


def test_device_is_never_replaced() -> None:
    before = Path("/dev/full").stat()
    with pytest.raises(Refused, match=SENTENCE):
        write_bytes("/dev/full", b"x")
    assert Path("/dev/full").stat().st_ino == before.st_ino


@pytest.mark.parametrize("size", [5_000, 50_000_000])
def test_disk_that_takes_no_more(tmp_path: Path, size: int) -> None:
    """A file-size limit fails a real write: at the flush of a small one, at once for a large one."""
    target = tmp_path / "run.bin"
    write_bytes(target, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(Refused, match=SENTENCE):
            write_bytes(target, b"x" * size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failing_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "run.bin"
    write_bytes(target, b"old")

    def fail_half_way() -> None:
        with writing(target) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
