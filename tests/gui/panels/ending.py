"""How a panel over a real studio ends in a test: its worker with it, and nothing is left behind."""

from __future__ import annotations

import gc
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QEvent

from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.studio import Studio


def end(made: Iterable[tuple[Panel, Studio]]) -> None:
    """Close each panel and its studio, check that the worker ended, and let Qt delete them."""
    for panel, studio in made:
        panel.deactivate()
        studio.close()
        assert not studio.link.worker.alive, "the worker still runs"
        panel.close()
        panel.deleteLater()
        studio.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.unfreeze()  # waking froze everything that lived then
    gc.collect()
