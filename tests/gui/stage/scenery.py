"""Synthetic pictures for all layers: eight Gaussians on a ring, with fields and films of closed form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, EXACT, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.branch import BranchLayer
from dgm_studio.gui.layers.brush import BrushLayer
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.gap import GapLayer
from dgm_studio.gui.layers.probe import ProbeLayer
from dgm_studio.gui.layers.slice import SliceLayer
from dgm_studio.gui.layers.step_arrows import Parts, StepLayer
from dgm_studio.gui.stage import Stage

ANGLES = np.arange(8) * np.pi / 4
MODES = 2 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def centres(box: Box, resolution: int) -> Array:
    """Cell centres (r, r, 2), row 0 at the bottom."""
    x_low, x_high, y_low, y_high = box
    share = (np.arange(resolution) + 0.5) / resolution
    return np.stack(np.meshgrid(x_low + share * (x_high - x_low), y_low + share * (y_high - y_low)), axis=-1)


def density(x: Array, deviation: float) -> Array:
    """The mixture's density at x (..., 2)."""
    squared = ((x[..., None, :] - MODES) ** 2).sum(axis=-1)
    return np.asarray(np.exp(-squared / (2 * deviation**2)).mean(axis=-1) / (2 * np.pi * deviation**2))


def film(count: int, frames: int, seed: int = 0) -> Array:
    """(frames, count, 2): straight ways from noise to the modes."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, 2))
    data = MODES[rng.integers(0, 8, count)] + 0.25 * rng.normal(size=(count, 2))
    t = np.linspace(0, 1, frames)[:, None, None]
    return np.asarray(((1 - t) * noise + t * data).astype(np.float32))


def net(frames: int) -> Array:
    """(frames, 42, 41, 2): a regular net drawn together."""
    lines, along = np.linspace(-2.5, 2.5, 21), np.linspace(-2.5, 2.5, 41)
    upright = np.stack(np.broadcast_arrays(lines[:, None], along[None, :]), axis=-1)
    start = np.concatenate([upright, upright[..., ::-1]])
    end = 2 * np.tanh(start / 2)
    t = np.linspace(0, 1, frames)[:, None, None, None]
    return np.asarray((1 - t) * start + t * end)


def fill(stage: Stage, *, points: int = 1_000, frames: int = 41) -> None:
    """A picture for every view a layer can ask for, over the stage's present box."""
    box = stage.box()
    at, arrows = centres(box, 64), centres(box, 21).reshape(-1, 2)
    p, q = density(at, 0.5), density(at * 1.02, 0.48)
    pull = -arrows + 2 * arrows / (np.linalg.norm(arrows, axis=1, keepdims=True) + 0.1)
    samples = film(points, frames)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 8, points)
    data = MODES[labels] + 0.25 * rng.normal(size=(points, 2))
    pictures: dict[Ask, dict[str, Array]] = {
        Ask("data"): {"points": data.astype(np.float32), "labels": labels},
        Ask("samples"): {"frames": samples, "t": np.linspace(0, 1, frames)},
        Ask("density"): {"values": p},
        Ask("density", EXACT): {"values": q},
        Ask("density", ERROR): {"values": p - q},
        Ask("velocity"): {"x": arrows, "v": pull},
        Ask("velocity", EXACT): {"x": arrows, "v": pull * 1.1},
        Ask("score"): {"x": arrows, "v": pull},
        Ask("critic"): {"values": p / (p + q + 1e-9)},
        Ask("energy"): {"values": -np.log(p + 1e-3)},
        Ask("push"): {"x": data[:100].astype(np.float32), "v": -data[:100].astype(np.float32)},
        Ask("guidance"): {"x": arrows[::4], "free": pull[::4], "told": -arrows[::4]},
        Ask("structure"): {
            "line": np.concatenate([MODES, MODES[:1]]).astype(np.float32),
            "labels": np.array([len(MODES), 1]),
            "dots": MODES.astype(np.float32),
            "weights": np.linspace(0, 1, len(MODES)).astype(np.float32),
            "points": data.astype(np.float32),
            "shares": np.eye(8, dtype=np.float32)[labels],
        },
        Ask("grid"): {"frames": net(frames), "t": np.linspace(0, 1, frames)},
    }
    for ask, arrays in pictures.items():
        own = Ask(ask.view, ask.variant, box, 64)
        stage.accept(Picture(own, 0, arrays, {"gamma": 2.0, "label": 1.0}))
    for layer in stage.layers:  # what comes with a film of its own
        if isinstance(layer, SliceLayer):
            layer.hover(0.5)  # it shows what is under the pointer
        elif isinstance(layer, CleanLayer):
            layer.append(samples[-1])
        elif isinstance(layer, StepLayer):
            for here, further in pairwise(samples):
                layer.append(Parts.of(here, further, 0.5 * (further - here) + 0.1))
        elif isinstance(layer, GapLayer):
            for here in samples:
                layer.append(here)
                layer.append_truth(here + 0.2)
        elif isinstance(layer, BranchLayer):
            layer.set_old(list(samples), np.linspace(0, 1, frames).tolist(), np.arange(points))
            layer.set_moves(samples[0, :20], samples[0, :20] + 0.3)
        elif isinstance(layer, BrushLayer):
            for here in samples:
                layer.append(here)
            layer.set_followed(samples[0, :, 0] > 1)
        elif isinstance(layer, ProbeLayer):
            layer.set_start((float(samples[0, 0, 0]), float(samples[0, 0, 1])))
            layer.set_path(samples[:, 0])
