"""The focus ring: seen after the Tab key, not after a click, gone with the focus, on every widget that has it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.chip import Chip
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.grip_handle import GripHandle
from dgm_studio.gui.widgets.play_button import PlayButton
from dgm_studio.gui.widgets.switch import Switch
from dgm_studio.gui.widgets.thin_slider import ThinSlider
from dgm_studio.gui.widgets.thumbnail import Thumbnail

MAKERS: dict[str, Callable[[QWidget], FocusRing]] = {
    "slider": lambda on: ThinSlider(parent=on),
    "grip": GripHandle,
    "switch": lambda on: Switch("Loop", "Again from the start", on),
    "chip": lambda on: Chip("Density", parent=on),
    "play": PlayButton,
    "thumbnail": lambda on: Thumbnail("Ring", "A ring", np.zeros((3, 2)), on),
}


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_the_ring_follows_the_keyboard(qtbot: QtBot, look: Theme, name: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 120)
    one, other = MAKERS[name](window), Switch("Other", "Takes the focus", window)
    other.move(200, 60)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus(Qt.FocusReason.MouseFocusReason)
    bare = one.grab().toImage()
    one.setFocus(Qt.FocusReason.MouseFocusReason)
    assert (one.hasFocus(), one.ringed) == (True, False)
    other.setFocus(Qt.FocusReason.MouseFocusReason)
    one.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert (one.hasFocus(), one.ringed) == (True, True)
    assert one.grab().toImage() != bare
    other.setFocus(Qt.FocusReason.TabFocusReason)
    assert (one.ringed, other.ringed) == (False, True)
    QApplication.processEvents()
    assert one.grab().toImage() == bare
