"""Every panel, both themes, presenter mode, two sizes: nothing clipped, nothing over another, all named."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels import signs
from dgm_studio.gui.theme.theme import Theme, theme
from tests.gui.conftest import look as look
from tests.gui.layout_contract import check_layout
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.conftest import _warm as _warm
from tests.gui.window.conftest import home as home
from tests.gui.window.conftest import new_window as new_window


def _is_size(window: QWidget, size: tuple[int, int]) -> bool:
    return (window.width(), window.height()) == size


@pytest.mark.parametrize("dress", ["dark", "light"])
def test_the_layout_holds(new_window: MakeWindow, qtbot: QtBot, qapp: QApplication, look: Theme, dress: str) -> None:
    """In one window: dressing it anew takes longer than looking at it."""
    window = new_window().window
    look.set_preference(dress)
    found: list[str] = []
    for presenting in (False, True):
        for panel in signs():
            window.show_panel(panel)
            window.set_presenting(presenting)
            for size in ((1280, 720), (1440, 900)):
                window.resize(*size)
                qtbot.waitUntil(partial(_is_size, window, size))
                for _ in range(5):
                    qapp.processEvents()
                where = f"{panel}, {dress}, {size}{', presenting' if presenting else ''}"
                found += [f"{where}: {one}" for one in check_layout(window, scale=theme().scale)]
    window.set_presenting(False)
    assert not found, "\n".join(found)
