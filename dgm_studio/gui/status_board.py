"""The status board: what the status line of every panel says, counted twice a second."""

from __future__ import annotations

import platform
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.snapshot import DONE, FAILED, PAUSED, PLAYING
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio

INTERVAL = 0.5
STATES = {PAUSED: "paused", PLAYING: "training", FAILED: "stopped by an error", DONE: "done"}


class StatusBoard(QObject):
    """`changed` carries {field: text} for device, state, steps, frames, memory and seed; "" hides a field."""

    changed = Signal(object)

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.fields: dict[str, str] = {}
        self.stages: list[Stage] = []
        """Stages whose paints are counted; panels add theirs."""
        self._paints = 0
        self._at = time.perf_counter()
        self._step = 0
        self.steps_per_second = 0.0
        self.frames_per_second = 0.0
        timer = QTimer(self)
        timer.setInterval(round(1000 * INTERVAL))
        timer.timeout.connect(self.count)
        timer.start()
        studio.run.state_changed.connect(lambda _: self.say())
        studio.awake.connect(lambda _: self.say())
        studio.preferences_changed.connect(lambda _: self.say())
        self.say()

    def count(self) -> None:
        """Rates since the last count."""
        now, step = time.perf_counter(), self._studio.run.step
        span = max(1e-3, now - self._at)
        self.steps_per_second = max(0, step - self._step) / span
        paints = sum(stage.paints for stage in self.stages)
        self.frames_per_second = (paints - self._paints) / span
        self._at, self._step, self._paints = now, step, paints
        self.say()

    def say(self) -> None:
        """Tell the fields, if any changed."""
        studio, run = self._studio, self._studio.run
        awake = studio.catalogue is not None
        threads = studio.preferences.threads
        recipe = run.recipe
        fields = {
            "device": f"{studio.device.upper()} · {threads} thread{'s' if threads > 1 else ''}" if awake else "",
            "state": STATES[run.state] if awake else "waking the engine",
            "steps": f"{self.steps_per_second:,.0f} steps/s" if run.playing else "",
            "frames": f"{self.frames_per_second:.0f} frames/s",
            "memory": memory_text(),
            "seed": f"seed {recipe.seed}" if recipe is not None else "",
        }
        if fields != self.fields:
            self.fields = fields
            self.changed.emit(fields)


def memory_text() -> str:
    """The process's resident memory, where the system tells it without a library."""
    system = platform.system()
    if system == "Linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return f"{pages * resource.getpagesize() / 2**20:,.0f} MB"
    if system == "Darwin":
        import resource

        return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:,.0f} MB at most"
    return ""
