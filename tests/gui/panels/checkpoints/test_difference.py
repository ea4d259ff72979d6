"""Difference by a real reader: two files, and the two copies of the weights in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.checkpoints.difference_form import COPIES
from dgm_studio.gui.panels.checkpoints.difference_mode import DifferenceMode
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from tests.gui.layout_contract import check_layout
from tests.gui.panels.checkpoints.asleep import PATIENCE, Asleep, arrays, plain_file, two_copies
from tests.gui.panels.checkpoints.asleep import asleep as asleep


def difference(panel: CheckpointsPanel) -> DifferenceMode:
    mode = panel.mode_of("difference")
    assert isinstance(mode, DifferenceMode)
    return mode


def test_a_second_file_dropped_there_is_compared(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    held = arrays()
    changed = held["head.weight"] * 3
    panel = asleep(plain_file(tmp_path))
    panel.show_mode("difference")
    mode = difference(panel)
    second = plain_file(tmp_path, "second.safetensors", {"head.weight": changed, "extra": np.ones(2, np.float32)})
    assert panel.drop(second)
    qtbot.waitUntil(lambda: mode.found is not None, timeout=PATIENCE)
    assert panel.subject.path.endswith("plain.safetensors"), "the first file stays open"
    first = mode.view.model.lines[0]
    assert first.name == "head.weight"
    np.testing.assert_allclose(first.relative, 2.0, rtol=1e-5)
    every = np.concatenate([one.ravel().astype(float) for one in held.values()])
    total = np.linalg.norm(2 * held["head.weight"]) / np.linalg.norm(every)
    assert mode.found is not None
    np.testing.assert_allclose(mode.found.relative, total, rtol=1e-5)
    mode.view.states.buttons["second"].click()
    assert [one.name for one in mode.view.model.lines] == ["extra"]
    assert mode.readouts.bars.names == ("head",)
    qtbot.wait(20)
    assert check_layout(panel) == []
    (tmp_path / "empty.pt").write_bytes(b"")
    mode.choose(str(tmp_path / "empty.pt"))
    qtbot.waitUntil(lambda: mode.other.refusal is not None, timeout=PATIENCE)
    assert "E03" in mode.view.empty.sentence.text()


def test_ema_against_raw_needs_no_second_file(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(two_copies(tmp_path))
    panel.inspect_mode.readouts.compare.click()
    mode = difference(panel)
    assert panel.mode is mode
    assert mode.target == COPIES
    qtbot.waitUntil(lambda: mode.found is not None, timeout=PATIENCE)
    shares = {one.name: one.relative for one in mode.view.model.lines if one.state == "changed"}
    np.testing.assert_allclose([share for name, share in shares.items() if "weight" in name], 0.5, rtol=1e-5)
    panel.open(plain_file(tmp_path))
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.found is None
    assert mode.target == "", "that file has no average"
