"""The knobs that every family has which draws pictures token by token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dgm_studio.core.knobs import knob
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.text.text_knobs import TextTraining
from dgm_studio.nets.token_net import MIXER, NETWORKS

MOST_CLASSES = 100


def network(default: str = MIXER) -> Any:
    """What guesses tokens."""
    return knob(default, "Token network", "What sees tokens and guesses those that are asked for.", choices=NETWORKS)


def token_width(default: int) -> Any:
    """Its size across."""
    return knob(default, "Token width", "Numbers at each token.", low=8, high=512, log=True)


def token_layers(default: int) -> Any:
    """Its depth."""
    return knob(default, "Token layers", "Blocks of the transformer, or convolutions of the mixer.", low=1, high=12)


def temperature() -> Any:
    """How surely the likeliest is drawn."""
    return knob(1.0, "Temperature", "Divides the logits; below 1 likely tokens get likelier.", low=0.0, high=2.0)


def guidance() -> Any:
    """Classifier-free guidance's scale."""
    return knob(
        1.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, y) of the logits: 0 ignores the label, above 1 sharpens.",
        low=0.0, high=10.0,
    )  # fmt: skip


def label() -> Any:
    """Which class is drawn."""
    return knob(-1, "Label", "The class to draw; −1 draws a class for each picture.", low=-1, high=MOST_CLASSES - 1)


@dataclass(frozen=True)
class TokenTraining(TextTraining):
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = knob(12, "Batch", "Pictures per step.", low=1, high=256, log=True)
    label_drop: float = knob(
        0.1, "Label dropping", "Share of labels hidden, so that the network also learns without, for guidance.",
        low=0.0, high=0.9,
    )  # fmt: skip


@dataclass(frozen=True)
class TokenSampling(Unmasking):
    """How tokens are drawn; nothing of the training changes."""

    temperature: float = temperature()
    guidance: float = guidance()
    label: int = label()
