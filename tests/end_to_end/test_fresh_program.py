"""A fresh copy of the program, started as a person does: nothing outside the copy is needed or touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.laws.modules import HOUSE


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The program's files in another folder, and an empty home."""
    copy = tmp_path / "clone"
    for name in ("dgm_studio", "resources"):
        shutil.copytree(HOUSE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "home").mkdir()
    return copy


def started(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The real program in its own process, without a display."""
    home = str(clone.parent / "home")
    surroundings = {
        **os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": home,
        "PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1", "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-m", "dgm_studio", *words],
        cwd=clone.parent, env=surroundings, capture_output=True, text=True, timeout=150,
    )  # fmt: skip


def test_train_50_steps_save_reopen_and_film(fresh: Path) -> None:
    saved, film = fresh.parent / "a.safetensors", fresh.parent / "f.npz"
    done = started(fresh, "train", "diffusion", "--steps", "50", "--out", str(saved), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["steps"] == 50
    done = started(fresh, "trace", str(saved), "-n", "100", "--out", str(film))
    assert done.returncode == 0, done.stderr
    assert np.load(film)["x"].shape == (25, 100, 2)
    left = {path.name for path in fresh.parent.iterdir()}
    assert left == {"clone", "home", "a.safetensors", "f.npz"}
    assert list((fresh.parent / "home").iterdir()) == [], "the command line leaves nothing at home"


@pytest.mark.skipif(not (HOUSE / "dgm_studio" / "app.py").exists(), reason="there is no window yet")
def test_the_window_opens_and_closes_by_itself(fresh: Path) -> None:
    done = started(fresh, "--offscreen", "--quit-after", "6")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "QThread" not in done.stderr


WINDOW = """
import sys, threading
from PySide6.QtCore import QTimer
from dgm_studio import app as roof

app, preferences = roof.start_qt()
window = roof.make_window(preferences)
window.show()
run, saved = window.studio.run, sys.argv[1]
tick = QTimer(interval=5)
stages = []


def once(name, ready, act):
    if name not in stages and ready():
        stages.append(name)
        act()


def go_on():
    once("train", lambda: run.recipe is not None, lambda: run.play(50))
    once("save", lambda: run.step == 50 and not run.playing, lambda: run.save(saved))
    once("reset", lambda: run.path == saved, lambda: window.train.restart())
    once("open", lambda: "reset" in stages and run.step == 0 and not run.path,
         lambda: window.files.open(saved))
    once("quit", lambda: "open" in stages and run.step == 50 and run.path == saved, window.close)


tick.timeout.connect(go_on)
tick.start()
app.exec()
tick.stop()
roof.end(window)
assert stages == ["train", "save", "reset", "open", "quit"], stages
assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
sys.stdout.write("done")
"""


@pytest.mark.slow
def test_the_window_trains_saves_opens_and_quits(fresh: Path) -> None:
    home = str(fresh.parent / "home")
    surroundings = {
        **os.environ, "DGM_STUDIO_HOME": home, "PYTHONPATH": str(fresh), "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    saved = fresh.parent / "a.safetensors"
    done = subprocess.run(
        [sys.executable, "-c", WINDOW, str(saved)], cwd=fresh.parent, env=surroundings,
        capture_output=True, text=True, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done"
    assert "Traceback" not in done.stderr
    assert saved.exists()
