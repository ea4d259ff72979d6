"""What the worker keeps of a bare loop's speed while the window paints, and how smooth the window stays
meanwhile.

The bare loop is written out by hand below: the same network, batch, loss, optimiser and average as the first
run's, no Fit, no Run, no engine. It runs in the main thread with the worker paused and the event loop
standing still, so that nothing else runs in the process. Bare and worker phases alternate; the share is the
median of the pairs."""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import torch
from PySide6.QtCore import QObject, Qt, QTimer

from dgm_studio.data.source import resolve
from dgm_studio.families.diffusion import Design, Training
from dgm_studio.gui.window import MainWindow
from dgm_studio.nets.init import init
from dgm_studio.nets.time_mlp import TimeMLP
from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, rate_beside, until

PHASE = 1.0
PAIRS = 8
FASTEST = 8.0


class Bare:
    """Flow matching on eight Gaussians by hand."""

    def __init__(self, points: torch.Tensor) -> None:
        self.points = points
        self.training, self.spread = Training(), Design().sigma_data
        self.generator = torch.Generator().manual_seed(0)
        with torch.device("meta"):
            net = TimeMLP(2, Design().width, Design().layers)
        init(net, self.generator, torch.device("cpu"))
        self.net = net
        self.weights: list[torch.Tensor] = list(net.parameters())
        self.average = [weight.detach().clone() for weight in self.weights]
        self.adam = torch.optim.Adam(self.weights, lr=self.training.learning_rate, fused=True)

    def step(self) -> float:
        """One step: x_t = t x_1 + (1 - t) x_0, the scaled velocity regressed, Adam, average."""
        n, random = self.training.batch, self.generator
        x1 = self.points[torch.randint(len(self.points), (n,), generator=random)]
        x0 = torch.randn(n, 2, generator=random)
        t = torch.rand(n, generator=random).clamp(1e-3, 1 - 1e-3)
        a = t[:, None]
        x = a * x1 + (1 - a) * x0
        inner = (a.square() * self.spread**2 + (1 - a).square()).sqrt()
        target = (x1 - x0) / (self.spread**2 + 1) ** 0.5
        loss = (self.net(x / inner, t) - target).square().mean()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.weights, 1 - self.training.ema)
        return float(loss.detach())

    def rate(self) -> float:
        """Steps a second over one phase."""
        begun, steps = time.perf_counter(), 0
        while time.perf_counter() - begun < PHASE:
            self.step()
            steps += 1
        return steps / (time.perf_counter() - begun)


class Gaps(QObject):
    """Seconds between the ticks of a 10 ms timer."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=10, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin a phase."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """End it."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self._last)
        self._last = now


def measure() -> list[Row]:
    """Painting alone, then everything visible and asked for."""
    with open_studio() as window:
        bare = Bare(torch.tensor(_cloud(window)))
        stage, player = window.train.stage, window.train.player
        until(lambda: stage.layer("samples").has_content())
        for layer in window.train.layer_ids:
            window.train.show_layer(layer, layer in ("data", "samples"))
        player.set_loop(True)
        player.set_speed(FASTEST)
        film, _, film_frames = _share(window, bare, asking=False)
        player.set_loop(False)
        alone, _, _ = _share(window, bare, asking=False)
        for layer in window.train.layer_ids:
            window.train.show_layer(layer, True)
        everything, gaps, frames = _share(window, bare, asking=True)
    milliseconds = 1e3 * np.array(gaps)
    return [
        Row("Worker beside the window that paints losses and read-outs, of a bare loop", "at least 0.85", alone, ""),
        Row("Worker beside a film of 2,000 points looped at 8 x speed, of a bare loop", "at least 0.85", film, ""),
        Row("    frames painted meanwhile", "", film_frames, "frames/s"),
        Row("Worker with all layers visible and asked for, of a bare loop", "at least 0.85", everything, ""),
        Row("    frames painted meanwhile", "", frames, "frames/s"),
        Row("    p99 of a 10 ms timer's gaps", "at most 33", float(np.quantile(milliseconds, 0.99)), "ms"),
        Row("    longest gap", "", float(milliseconds.max()), "ms"),
    ]


def _cloud(window: MainWindow) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    recipe = window.studio.run.recipe
    assert recipe is not None
    return np.array(resolve(recipe.data, recipe.seed).points, dtype=np.float32)


def _share(window: MainWindow, bare: Bare, asking: bool) -> tuple[float, list[float], float]:
    """Median share of the bare rate, the timer's gaps, and frames a second."""
    run, stage, gaps = window.studio.run, window.train.stage, Gaps()
    shares, paints = [], 0
    for _ in range(PAIRS):
        window.train.deactivate()  # paused and asked, the worker would make pictures beside the bare loop
        until(lambda: not run.watching)
        before = bare.rate()
        if asking:
            window.train.activate()
        run.play()
        if window.train.player.loop:
            window.train.player.play()
        painted = stage.paints
        gaps.start()
        beside = rate_beside(window, PHASE)
        gaps.stop()
        paints += stage.paints - painted
        shares.append(beside / before)
    return median(shares), gaps.seconds, paints / (PAIRS * PHASE)
