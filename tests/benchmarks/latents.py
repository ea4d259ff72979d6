"""The Latents panel: a drag in the plane, from the hand to the painted picture; and the worker's part alone: one
picture decoded, a strip of 64, a manifold of 20 x 20, the map, by the shipped VAE.

The worker's part is from the request to the bytes that cross to the window, on one torch thread. Beside wall time
stands processor time, which says what a busy machine would give were it free.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from dgm_studio.core.latents import DATA, SLERP, LatentMap, Placed, Spot, StripPart
from dgm_studio.core.picture_requests import Decode, Interpolate, Manifold, MapLatents, OpenPictures, Place
from dgm_studio.core.reports import Answer, Report
from dgm_studio.core.requests import Request
from dgm_studio.gui.panels.latents.panel import LatentsPanel
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.pictures.picture_task import PictureTask
from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, until
from tests.benchmarks.text import Clock

MODEL, WARM, DECODES, DRAGS, STRIPS = "fashion-vae", 10, 200, 120, 9
FRAMES, SIDE, KEYS = 64, 20, 4


def measure() -> list[Row]:
    """The window first, then the worker's part alone."""
    torch.set_num_threads(1)
    return [*in_window(), *alone()]


def in_window() -> list[Row]:
    """A hand that wanders over the plane: each position is painted before the next."""
    with open_studio() as window:
        window.show_panel("latents")
        panel = window.panel
        assert isinstance(panel, LatentsPanel)
        until(lambda: panel.settled() and panel.scrub_mode.show.map is not None)
        show, took = panel.scrub_mode.show, []
        assert show.map is not None
        for index in range(WARM + DRAGS):
            radius, turn = 0.8 * show.map.extent * index / (WARM + DRAGS), 0.3 * index
            before = show.picture.tile.paints
            with Clock() as clock:
                show.go_in_plane(radius * np.cos(turn), radius * np.sin(turn))
                while show.picture.tile.paints == before:
                    QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            took.append(clock.spent)
        assert show.free
    wall, processor = 1e3 * np.array(took[WARM:]).T
    return [
        Row("A drag in the latent plane, hand to painted picture, median", "at most 16", float(np.median(wall)), "ms"),
        Row("    p95", "", float(np.quantile(wall, 0.95)), "ms"),
        Row("    processor time, median", "", float(np.median(processor)), "ms"),
    ]


def alone() -> list[Row]:
    """Opening first, then what the hand asks for most often."""
    desk, request = Desk("cpu"), OpenPictures("latents", MODEL)
    with Clock() as clock:
        for _ in desk.prepare(request):
            pass
        task, _ = desk.open(request)
    assert isinstance(task, PictureTask)
    opening = [
        Row("A model of pictures opened, with all it learnt from", "", clock.wall, "s"),
        Row("    processor time", "", clock.processor, "s"),
    ]
    places = _answer(_said(task, Place("latents", tuple(Spot(DATA, index=index) for index in range(KEYS)))))
    assert isinstance(places, Placed)
    found = _answer(_said(task, MapLatents("latents")))
    assert isinstance(found, LatentMap)
    return [
        *opening,
        *_decoding(task, places),
        *_slow(
            task, f"{FRAMES} frames between {KEYS} pictures", "at most 0.5",
            lambda: Interpolate("latents", places.latents, FRAMES, SLERP), FRAMES,
        ),
        *_slow(
            task, f"A manifold of {SIDE} x {SIDE} pictures", "at most 0.5",
            lambda: Manifold("latents", found.basis, found.centre, found.extent, SIDE), SIDE**2,
        ),
        *_slow(task, "The map of 1,999 encoded pictures", "", _other_map(), 0),
    ]  # fmt: skip


def _decoding(task: PictureTask, places: Placed) -> list[Row]:
    """One position of a drag after the other."""
    took = []
    for index in range(WARM + DECODES):
        latent = places.latents[:1] + np.float32(0.01 * index)
        with Clock() as clock:
            (said,) = task.receive(Decode("latents", latent))
        assert isinstance(said, Answer)
        took.append(clock.spent)
    wall, processor = 1e3 * np.array(took[WARM:]).T
    return [
        Row("A latent decoded to a picture, median", "at most 16", float(np.median(wall)), "ms"),
        Row("    p95", "", float(np.quantile(wall, 0.95)), "ms"),
        Row("    processor time, median", "", float(np.median(processor)), "ms"),
        Row("    processor time, p95", "at most 16", float(np.quantile(processor, 0.95)), "ms"),
    ]


def _slow(task: PictureTask, name: str, asked: str, request: Callable[[], Request], pictures: int) -> list[Row]:
    """From the request to its last picture, and the longest slice of it."""
    took, longest = [], 0.0
    for _ in range(STRIPS):
        with Clock() as clock:
            task.receive(request())
            said, slices = [], task.watch()
            while slices is not None:
                with Clock() as slice_clock:
                    report = next(slices, task)
                longest = max(longest, slice_clock.processor)
                if report is task:
                    break
                said.append(report)
        made = sum(len(one.pixels) for one in said if isinstance(one, StripPart))
        assert made == pictures
        took.append(clock.spent)
    wall, processor = np.median(took, 0)
    return [
        Row(name, asked, wall, "s"),
        Row("    processor time", "", processor, "s"),
        Row("    its longest slice, processor time", "at most 50", 1e3 * longest, "ms"),
    ]


def _other_map() -> Callable[[], Request]:
    """A map of other pictures each time: those of the last are kept."""
    counts = iter(range(1_999, 1_999 - STRIPS, -1))
    return lambda: MapLatents("latents", count=next(counts))


def _said(task: PictureTask, request: Request) -> list[Report]:
    """At once, or slice by slice."""
    return [*task.receive(request), *(one for one in task.watch() or () if one is not None)]


def _answer(said: list[Report]) -> object:
    (one,) = said
    assert isinstance(one, Answer)
    return one.value
