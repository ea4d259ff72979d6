"""The training knobs of every family that gradients teach, each declared once with its words and its range."""

from __future__ import annotations

from typing import Any

from dgm_studio.core.knobs import knob


def learning_rate(default: float) -> Any:
    """Adam's step size; the range goes far beyond what is stable, so that divergence can be shown."""
    return knob(default, "Learning rate", "Adam's step size.", low=1e-6, high=1e3, log=True)


def batch(default: int, help: str = "Points per step.") -> Any:
    """Examples in one step."""
    return knob(default, "Batch", help, low=1, high=4096, log=True)


def ema(default: float, of: str = "weights") -> Any:
    """The decay of families/average.py."""
    what = f"Moving average of the {of} that is sampled; 0 turns it off."
    return knob(default, "EMA decay", what, low=0.0, high=0.9999)


def clip(default: float) -> Any:
    """The largest gradient norm that Fit.descend lets through."""
    return knob(default, "Gradient clip", "Largest gradient norm; 0 turns clipping off.", low=0.0, high=1e3)
