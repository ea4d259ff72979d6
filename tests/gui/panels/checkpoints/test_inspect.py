"""Inspect before the engine is awake: what a file is, its tensors, the chosen one in pictures, and what goes wrong."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView
from pytestqt.qtbot import QtBot
from safetensors.numpy import load_file

from dgm_studio.core.inspection import MATCH, NOT_MINE
from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.gui.panels.checkpoints.tensor_detail import FILTERS, HEAT, HISTOGRAM, SINGULAR
from dgm_studio.gui.theme.theme import Theme
from tests.checkpoints.fixtures import made
from tests.gui.layout_contract import check_layout
from tests.gui.panels.checkpoints.asleep import PATIENCE, Asleep, arrays, plain_file, two_copies
from tests.gui.panels.checkpoints.asleep import asleep as asleep


def until(qtbot: QtBot, panel: CheckpointsPanel) -> None:
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def see(qtbot: QtBot, panel: CheckpointsPanel, name: str, view: str) -> None:
    """Choose a tensor and how it is seen."""
    panel.inspect_mode.view.table.choose(name)
    panel.inspect_mode.view.detail.views.buttons[view].click()
    until(qtbot, panel)


def test_a_file_is_listed_measured_and_recognised_before_the_engine_is_awake(asleep: Asleep, tmp_path: Path) -> None:
    panel = asleep(plain_file(tmp_path))
    mode, held = panel.inspect_mode, arrays()
    assert panel.studio.catalogue is None
    assert {one.name: one.shape for one in panel.subject.tensors} == {k: v.shape for k, v in held.items()}
    for name, values in held.items():
        stats = panel.subject.stats[name]
        np.testing.assert_allclose((stats.mean, stats.norm), (values.mean(), np.linalg.norm(values)), rtol=1e-5)
    assert mode.form.facts.items()["Format"] == "safetensors"
    assert mode.readouts.totals.items()["Tensors"] == "9"
    assert [row.candidate.verdict for row in mode.form.candidates.rows].count(NOT_MINE) > 3, "all answers are kept"
    assert all(row.candidate.reasons for row in mode.form.candidates.rows)
    assert any(row.candidate.verdict == MATCH for row in mode.form.candidates.rows)
    assert panel.studio.recent.show() == (tmp_path / "plain.safetensors",)
    tree = mode.view.metadata.model
    assert [
        tree.data(one.siblingAtColumn(1))
        for one in tree.match(
            tree.index(0, 0),
            Qt.ItemDataRole.DisplayRole,
            "note",
            1,
            Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly,
        )
    ] == ["made by hand"]
    assert panel.transport.restart.isEnabled()
    assert not panel.banner.isVisible()


def test_the_chosen_tensor_in_pictures_is_that_tensor(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(plain_file(tmp_path))
    detail, held = panel.inspect_mode.view.detail, arrays()
    name = "down.1.conv.weight"
    see(qtbot, panel, name, FILTERS)
    pixels, kernel = detail.filters.pixels, held[name]
    assert pixels.shape == (6, 3, 3, 3)
    scaled = (kernel - kernel.min()) / (kernel.max() - kernel.min()) * 255
    assert np.abs(pixels.astype(float) - scaled).max() < 1.01
    see(qtbot, panel, name, HISTOGRAM)
    shown = detail.plot.shown
    assert shown is not None
    assert shown.bars[0].heights.sum() == kernel.size
    see(qtbot, panel, "head.weight", HEAT)
    np.testing.assert_allclose(detail.heat.plate.arrays["matrix"], held["head.weight"], rtol=1e-6)
    see(qtbot, panel, "head.weight", SINGULAR)
    shown = detail.plot.shown
    assert shown is not None
    np.testing.assert_allclose(shown.lines[0].y, np.linalg.svd(held["head.weight"])[1], rtol=1e-5)
    see(qtbot, panel, "head.bias", SINGULAR)
    assert detail.seen == HISTOGRAM
    assert not detail.views.buttons[FILTERS].isEnabled(), "a vector has no filters, and the button says why"
    assert "convolution" in detail.views.buttons[FILTERS].toolTip()
    facts = panel.inspect_mode.readouts.chosen.items()
    assert (facts["Shape"], facts["Max"], facts["NaN"]) == ("4", "3", "0")


def test_the_table_folds_filters_sorts_and_is_walked_by_the_keys(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(plain_file(tmp_path))
    view = panel.inspect_mode.view
    QTest.keyClicks(view.search, "down weight")
    assert view.count.text() == "3 of 9"
    view.search.clear()
    view.grouped.click()
    assert [view.model.data(view.model.index(k, 0)) for k in range(9)] == [one.name for one in panel.subject.tensors]
    view.table.horizontalHeader().sectionClicked.emit(rows.NORM)
    norms = [view.model.table.value(line, rows.NORM) for line in view.model.lines]
    assert norms == sorted(norms, key=lambda one: -(one or 0.0))
    panel.go(0.0)
    first = view.table.name
    panel.step(1)
    assert view.table.name != first
    assert panel.transport.tracks["tensor"].note == "2 of 9"
    view.grouped.click()
    view.table.setCurrentIndex(view.model.index(0, 0))
    before = view.model.rowCount()
    QTest.keyClick(view.table, Qt.Key.Key_Left)
    assert view.model.rowCount() < before
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    assert view.model.rowCount() == before


def test_findings_offer_what_can_be_done(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    bad = np.array([[np.nan, 1.0], [2.0, np.inf]], dtype=np.float32)
    panel = asleep(plain_file(tmp_path, changed={"head.weight": bad}))
    view, findings = panel.inspect_mode.view, panel.inspect_mode.form.findings
    row = next(row for row in findings.rows if row.finding.code == "E21")
    row.button.click()
    assert [view.model.table.entries[k].name for k in view.model.table.found()] == ["head.weight"]
    view.every.click()
    assert len(view.model.table.found()) == 9


def test_two_copies_are_told_drawn_checked_and_exported(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(two_copies(tmp_path))
    mode = panel.inspect_mode
    betas = np.linspace(1e-4, 0.02, 100)
    every = [*(one.ravel() for one in arrays().values()), betas, np.cumprod(1 - betas)]
    change = [*(0.5 * one.ravel() for one in arrays().values() if one.dtype.kind == "f"), 0.1 * betas]
    share = np.linalg.norm(np.concatenate(change)) / np.linalg.norm(np.concatenate(every))
    assert mode.readouts.ema.items()["of ‖raw‖"] == f"{100 * share:.1f} %"
    assert "E15" in [row.finding.code for row in mode.form.findings.rows]
    plots = mode.view.schedules.plots()
    assert [plot.up for plot in plots] == ["betas", "alphas_cumprod"]
    np.testing.assert_allclose(plots[0].lines[0].y, betas, rtol=1e-4)
    panel.inspect_mode.readouts.check.click()
    qtbot.waitUntil(lambda: not panel.subject.checking and bool(panel.subject.sound), timeout=PATIENCE)
    assert panel.inspect_mode.readouts.sound.text() == "Verified: all 22 match."
    panel.inspect_mode.export(str(tmp_path / "out.safetensors"))
    qtbot.waitUntil(panel.banner.isVisible, timeout=PATIENCE)
    written = load_file(tmp_path / "out.safetensors")
    assert len(written) == 22
    assert any(
        name.endswith("head.weight") and np.array_equal(one, arrays()["head.weight"]) for name, one in written.items()
    )


def test_a_refused_file_shows_its_code_and_another_can_be_opened(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    page = tmp_path / "model.safetensors"
    page.write_text("<!DOCTYPE html><html><body>Log in</body></html>")
    panel = asleep(str(page))
    refusal = panel.inspect_mode.refusal
    assert panel.inspect_mode.pages.currentWidget() is refusal
    assert refusal.code.text() == "E02"
    assert "Download it again" in refusal.sentence.text()
    assert panel.studio.recent.show() == (), "what could not be opened is not offered again"
    assert not panel.banner.isVisible()
    assert panel.drop(plain_file(tmp_path))
    panel.subject.cancel()
    assert panel.link.process is None, "cancelling kills the process"
    assert panel.inspect_mode.pages.currentWidget() is panel.inspect_mode.start
    panel.inspect_mode.start.picked.emit(plain_file(tmp_path))
    until(qtbot, panel)
    assert len(panel.subject.tensors) == 9
    assert not panel.banner.isVisible()


def test_a_crash_of_the_reader_is_said_and_looking_goes_on(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(plain_file(tmp_path))
    process = panel.link.process
    assert process is not None
    os.kill(int(process.processId()), signal.SIGKILL)
    qtbot.waitUntil(panel.banner.isVisible, timeout=PATIENCE)
    assert "ended by itself" in panel.banner.sentence.text()
    see(qtbot, panel, "head.weight", HEAT)
    np.testing.assert_allclose(
        panel.inspect_mode.view.detail.heat.plate.arrays["matrix"], arrays()["head.weight"], rtol=1e-6
    )


def test_the_columns_follow_the_room(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(plain_file(tmp_path))
    table = panel.inspect_mode.view.table
    for wide in (1204, 1364, 1800):
        panel.resize(wide, 900)
        qtbot.wait(20)
        room, head = table.viewport().width(), table.horizontalHeader()
        assert room in _edges(head), "no column is seen by half"
    shown = [head.logicalIndex(place) for place in range(8)]
    assert shown == [rows.NAME, rows.SHAPE, rows.TYPE, rows.NUMBERS, rows.LOW, rows.MEAN, rows.HIGH, rows.STD]
    assert _edges(head)[7] <= room, "all of them are seen without scrolling"


def _edges(head: QHeaderView) -> list[int]:
    wide = [head.sectionSize(head.logicalIndex(place)) for place in range(head.count())]
    return [sum(wide[: place + 1]) for place in range(len(wide))]


def test_the_text_of_a_program_is_read_whole_and_copied(asleep: Asleep, qtbot: QtBot) -> None:
    panel = asleep(str(made("torchscript")))
    view = panel.inspect_mode.view
    view.show_page("metadata")
    tree, text = view.metadata.tree, view.metadata.text
    hits = view.metadata.model.match(
        view.metadata.model.index(0, 0), Qt.ItemDataRole.DisplayRole, ".py", -1,
        Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchEndsWith,
    )  # fmt: skip
    listed = {str(one.data()): one for one in hits}
    place = next(one for name, one in listed.items() if "linear" in name)  # a later one of a process is numbered
    assert not text.isVisible()
    tree.setCurrentIndex(place)
    with ZipFile(made("torchscript")) as archive:
        name = next(one for one in archive.namelist() if one.endswith(str(place.data())))
        own = archive.read(name).decode()
    assert text.isVisible()
    assert text.toPlainText() == own
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == own


def test_a_session_brings_file_tensor_and_view_back(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    panel = asleep(plain_file(tmp_path))
    see(qtbot, panel, "down.2.conv.weight", FILTERS)
    panel.inspect_mode.view.grouped.click()
    held = panel.session()
    other = asleep()
    other.restore(held)
    other.activate()
    qtbot.waitUntil(lambda: other.subject.path == panel.subject.path, timeout=PATIENCE)
    until(qtbot, other)
    mode = other.inspect_mode
    assert mode.view.table.name == "down.2.conv.weight"
    assert not mode.view.model.table.grouped
    assert len(mode.view.detail.filters.pixels) == 6


def test_the_layout_holds_with_a_file_open(asleep: Asleep, tmp_path: Path, qtbot: QtBot, look: Theme) -> None:
    panel = asleep(two_copies(tmp_path))
    panel.inspect_mode.form.candidates.others.click()
    for size in ((1204, 720), (1364, 900)):
        panel.resize(*size)
        for page in ("tensors", "schedules", "metadata"):
            panel.inspect_mode.view.show_page(page)
            qtbot.wait(20)
            assert check_layout(panel) == [], (size, page)
    look.set_presenter(True)
    panel.set_presenting(True)
    for page in ("tensors", "schedules", "metadata"):
        panel.inspect_mode.view.show_page(page)
        qtbot.wait(20)
        assert check_layout(panel, scale=look.scale) == [], f"presenting {page}"
