"""Preferences: a round trip through the real file, and any damage to it."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.gui import settings
from dgm_studio.gui.settings import Preferences

OTHER = Preferences(
    time_machine=64,
    theme="dark",
    device="cuda:1",
    threads=3,
    frame_cap="120",
    presenter_scale=2.0,
    reduced_motion=True,
    restore_session=False,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(settings.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def test_defaults_without_a_file() -> None:
    assert settings.load() == Preferences()


def test_round_trip_of_every_value() -> None:
    assert all(asdict(OTHER)[name] != value for name, value in asdict(Preferences()).items())
    settings.save(OTHER)
    loaded = settings.load()
    assert loaded == OTHER
    assert {name: type(value) for name, value in asdict(loaded).items()} == {
        name: type(value) for name, value in asdict(Preferences()).items()
    }
    assert loaded.frames_per_second == 120


def test_all_folders_are_in_the_home(home: Path) -> None:
    settings.save(OTHER)
    assert settings.preferences_file() == home / "config" / "preferences.ini"
    assert settings.preferences_file().is_file()
    assert settings.session_file() == home / "data" / "session.json"
    assert settings.session_file().parent.is_dir()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("theme=neon", "theme"),
        ("theme=dark, light", "theme"),
        ("threads=many", "threads"),
        ("threads=0", "threads"),
        ("threads=2.5", "threads"),
        ("frame_cap=61", "frame_cap"),
        ("presenter_scale=nan", "presenter_scale"),
        ("presenter_scale=99", "presenter_scale"),
        ("reduced_motion=perhaps", "reduced_motion"),
        ("restore_session=@ByteArray(abc)", "restore_session"),
    ],
)
def test_a_broken_value_is_the_default_with_a_note(line: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    settings.save(OTHER)
    file = settings.preferences_file()
    kept = [held for held in file.read_text().splitlines() if not held.startswith(f"{name}=")]
    # Longer than before: within one process QSettings notices a change made behind its back by size and time.
    file.write_text("\n".join([*kept, line, f"foreign={'x' * 100}"]) + "\n")
    with caplog.at_level(logging.INFO):
        loaded = settings.load()
    assert asdict(loaded) == {**asdict(OTHER), name: asdict(Preferences())[name]}
    assert "default" in caplog.text


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x80" * 100, b"[preferences", b"{}", b"[other]\ntheme=dark\n"])
def test_a_foreign_file_is_no_crash_and_can_be_saved_over(content: bytes) -> None:
    settings.preferences_file().write_bytes(content)
    assert settings.load() == Preferences()
    settings.save(OTHER)
    assert settings.load() == OTHER


def test_a_file_that_cannot_be_written_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_bytes(b"")
    monkeypatch.setenv(settings.HOME_VARIABLE, str(home / "file"))
    assert settings.load() == Preferences()
    with pytest.raises(Refused, match="could not be saved"):
        settings.save(OTHER)


def test_the_window_s_own_group_survives() -> None:
    settings.store().setValue("window/geometry", "somewhere")
    settings.save(OTHER)
    assert settings.store().value("window/geometry") == "somewhere"
