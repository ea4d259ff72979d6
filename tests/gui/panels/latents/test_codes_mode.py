"""The codes over the real worker and a real VQ-VAE."""

from __future__ import annotations

import numpy as np
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.latents.codes_form import PAINT
from dgm_studio.gui.panels.latents.codes_mode import CodesMode
from dgm_studio.gui.panels.latents.codes_readouts import framed
from dgm_studio.gui.panels.latents.codes_views import BY_NUMBER
from tests.gui.panels.latents.conftest import COUNT, PATIENCE, OpenLatents, pictures
from tests.gui.panels.latents.layout import faults


def test_a_code_is_read_looked_at_and_changed_by_hand(
    opened: OpenLatents, models: dict[str, str], qtbot: QtBot
) -> None:
    from dgm_studio.families.pictures.capabilities import HasCodes
    from dgm_studio.lab.native import load_pictures

    panel = opened(models["vqvae"], "codes")
    mode = panel.mode
    assert isinstance(mode, CodesMode)
    assert mode.book is not None
    model, *_ = load_pictures(models["vqvae"], "cpu")
    assert isinstance(model, HasCodes)
    flat = model.seen(torch.tensor(panel_pictures()))
    with torch.no_grad():
        ids = model.codes(flat).numpy()
    assert (mode.view.cells.ids == ids[0]).all(), "the first training picture"
    assert (mode.book.usage == np.bincount(ids.ravel(), minlength=16)).all()

    panel.step(2)
    qtbot.waitUntil(lambda: bool((mode.view.cells.ids == ids[2]).all()) and panel.settled(), timeout=PATIENCE)
    cells = mode.view.cells
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.box((1, 0)).center().toPoint())
    entry = int(ids[2][1, 0])
    assert (mode.cell, mode.entry) == ((1, 0), entry)
    qtbot.waitUntil(lambda: mode.readouts.uses.isVisible(), timeout=PATIENCE)
    assert len(mode.readouts.uses.pixels) == min(12, int((ids == entry).any(axis=(1, 2)).sum()))
    assert mode.readouts.facts.items()["In the data"] == f"{int((ids == entry).sum()):,} cells"

    mode.view.orders.buttons[BY_NUMBER].click()
    other = (entry + 1) % 16
    mode.view.entries.pressed.emit(other)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert int(cells.ids[1, 0]) == other
    assert cells.changed.sum() == 1
    changed = ids[2].copy()
    changed[1, 0] = other
    with torch.no_grad():
        drawn = model.decode_codes(torch.tensor(changed[None])).numpy()
    shown = mode.view.decoded.pixels
    assert shown is not None
    assert np.abs(shown.ravel() - np.clip(127.5 * (drawn.ravel() + 1), 0, 255)).max() <= 1

    assert not faults(panel)
    mode.form.tools.buttons[PAINT].click()
    cells.pressed.emit((0, 0))
    assert int(cells.ids[0, 0]) == other
    mode.form.undo.click()
    assert (cells.ids == ids[2]).all()
    assert not mode.form.undo.isEnabled()
    mode.form.drawn.click()
    qtbot.waitUntil(lambda: mode.view.original.pixels is None and panel.settled(), timeout=PATIENCE)


def panel_pictures() -> np.ndarray:
    """The training pictures, flat: every tenth of a person's own is held out."""
    pixels = pictures().pixels.reshape(COUNT, -1)
    return np.asarray(pixels[np.arange(COUNT) % 10 != 9])


def test_a_used_cell_is_framed_where_it_stands() -> None:
    pixels = np.zeros((1, 1, 8, 8), np.uint8)
    made = framed(pixels, np.array([[1, 0]]), (2, 2), (9, 8, 7))
    assert made.shape == (1, 3, 8, 8)
    tinted = (made[0] == np.array([9, 8, 7])[:, None, None]).all(axis=0)
    expected = np.zeros((8, 8), bool)
    expected[4:8, 0:4] = True
    expected[5:7, 1:3] = False
    assert (tinted == expected).all()
    assert not pixels.any(), "the pictures themselves stay as they are"
