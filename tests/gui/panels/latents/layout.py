"""The panel at both usual sizes against the layout contract."""

from __future__ import annotations

from PySide6.QtTest import QTest

from dgm_studio.gui.panels.latents.panel import LatentsPanel
from tests.gui.layout_contract import check_layout

SIZES = ((1364, 900), (1204, 720))
"""What a window of 1440 x 900 and of 1280 x 720 leaves the panel beside its rail."""


def faults(panel: LatentsPanel) -> str:
    """What is clipped, overlaps, has no name, is too small, or is reached out of order; "" for nothing."""
    found = []
    for size in SIZES:
        panel.resize(*size)
        QTest.qWait(30)
        found += check_layout(panel)
    return "\n".join(found)
