"""Late building: panels that nobody has gone to yet are built when the window has nothing better to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from dgm_studio.gui.panels import panel_class
from dgm_studio.gui.panels.panel import Panel

REST_MS, TURN_MS = 1_000, 30
"""How long after the engine's waking it begins, and how long between two parts."""


class LateBuilding:
    """Builds what is missing of `names` among `panels` by `build`, a part in each turn of the event loop: a panel's
    modules are read in one, it is built in another, and grows in more. Not while a mouse button is held, nor when
    `window` is closed."""

    def __init__(
        self, panels: Mapping[str, Panel], names: Sequence[str], build: Callable[[str], Panel], window: QWidget
    ) -> None:
        self._panels, self._names, self._build, self._window = panels, names, build, window
        self._read: set[str] = set()
        self._growing: Panel | None = None

    def start(self) -> None:
        """After REST_MS."""
        QTimer.singleShot(REST_MS, self._window, self._turn)

    def _turn(self) -> None:
        if not self._window.isVisible():
            return
        held = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if held or self._go_on():
            QTimer.singleShot(TURN_MS, self._window, self._turn)

    def _go_on(self) -> bool:
        """One part; whether there may be more."""
        if self._growing is not None:
            if not self._growing.grow():
                self._growing = None
            return True
        missing = next((name for name in self._names if name not in self._panels), None)
        if missing is None:
            return False
        if missing in self._read:
            self._growing = self._build(missing)
        else:
            panel_class(missing)
            self._read.add(missing)
        return True
