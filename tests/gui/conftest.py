"""Window tests: offscreen, dressed by the real Theme, and put back to dark at scale 1 after each."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from dgm_studio.gui.theme.theme import Theme, theme


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    """The Theme, dark, at scale 1, applied to the application."""
    one = theme()
    one.preference, one.motion = "dark", "off"
    one.apply(qapp)
    yield one
    one.set_presenter(False)
    one.set_preference("dark")
