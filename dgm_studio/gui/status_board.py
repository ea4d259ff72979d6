"""The status board: what the status line of every panel says, counted twice a second."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.snapshot import DONE, FAILED, PAUSED, PLAYING
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.studio import Studio

INTERVAL = 0.5
STATES = {PAUSED: "paused", PLAYING: "training", FAILED: "stopped by an error", DONE: "done"}


class Painted(Protocol):
    """What counts its paints."""

    paints: int


class StatusBoard(QObject):
    """`changed` carries {field: text} for device, state, steps, frames, memory and seed; "" hides a field."""

    changed = Signal(object)

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.fields: dict[str, str] = {}
        self.stages: list[Painted] = []
        """Stages whose paints are counted; panels add theirs."""
        self.plays: list[Callable[[], bool]] = []
        """Whether a film or a scene plays; panels add theirs."""
        self._runs: dict[str, RunLane] = {STATES[PLAYING]: studio.run}
        self._steps = {STATES[PLAYING]: 0}
        self._rates = {STATES[PLAYING]: 0.0}
        self._paints = 0
        self._at = time.perf_counter()
        self.frames_per_second = 0.0
        timer = QTimer(self)
        timer.setInterval(round(1000 * INTERVAL))
        timer.timeout.connect(self.count)
        timer.start()
        studio.run.state_changed.connect(lambda _: self.say())
        studio.awake.connect(lambda _: self.say())
        studio.preferences_changed.connect(lambda _: self.say())
        self.say()

    def watch(self, run: RunLane, words: str) -> None:
        """Say `words` and the steps a second while this run, too, trains."""
        self._runs[words], self._steps[words], self._rates[words] = run, run.step, 0.0
        run.state_changed.connect(lambda _: self.say())

    @property
    def running(self) -> bool:
        """Whether anything trains or plays."""
        return any(run.playing for run in self._runs.values()) or any(plays() for plays in self.plays)

    def count(self) -> None:
        """Rates since the last count."""
        now = time.perf_counter()
        span = max(1e-3, now - self._at)
        for words, run in self._runs.items():
            self._rates[words] = max(0, run.step - self._steps[words]) / span
            self._steps[words] = run.step
        paints = sum(stage.paints for stage in self.stages)
        self.frames_per_second = (paints - self._paints) / span
        self._at, self._paints = now, paints
        self.say()

    def say(self) -> None:
        """Tell the fields, if any changed."""
        studio, run = self._studio, self._studio.run
        awake = studio.catalogue is not None
        threads = studio.preferences.threads
        recipe = run.recipe
        rates = [f"{self._rates[words]:,.0f}" for words, one in self._runs.items() if one.playing]
        fields = {
            "device": f"{studio.device.upper()} · {threads} thread{'s' if threads > 1 else ''}" if awake else "",
            "state": self._state() if awake else "waking the engine",
            "steps": f"{' + '.join(rates)} steps/s" if rates else "",
            "frames": f"{self.frames_per_second:.0f} frames/s",
            "memory": memory_text(),
            "seed": f"seed {recipe.seed}" if recipe is not None else "",
        }
        if fields != self.fields:
            self.fields = fields
            self.changed.emit(fields)

    def _state(self) -> str:
        """What trains, else whether something plays, else how the studio's own run stands."""
        trained = [words for words, run in self._runs.items() if run.playing]
        own = self._studio.run.state
        if trained or own == FAILED:
            return ", ".join(trained) or STATES[own]
        return "playing" if any(plays() for plays in self.plays) else STATES[own]


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
