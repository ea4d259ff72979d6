"""The generalized diffusion's three knob sets."""

from __future__ import annotations

from dataclasses import dataclass

from dgm_studio.core.drawn_path import COUNT
from dgm_studio.core.knobs import DRAWN_PATH, Choice, knob
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.solver_knobs import SOLVERS, with_settings
from dgm_studio.families.parts.times import DISCRETE, LOG_NORMAL, LOGIT_NORMAL, SHIFTED, TIME_SAMPLINGS, UNIFORM
from dgm_studio.families.parts.weighting import MIN_SNR, UNIT, WEIGHTINGS
from dgm_studio.paths import paths
from dgm_studio.paths.targets import TARGETS

PATHS = tuple(Choice(path.card.id, path.card.title, path.card.summary) for path in paths().values())
_DRAWN = ("path", ("custom",))
_NORMAL = ("times", (LOGIT_NORMAL, LOG_NORMAL))

LABELS = 32
"""Most class labels a design may have."""
OF_CLASSES = ("label_drop", "guidance", "label")
NO_CLASSES = "This model was built without classes: set Classes in Design to use it."
"""Knobs that a model without classes has no use for, and what to say of them."""


@dataclass(frozen=True)
class PathDesign:
    """The part of a design that says what is learnt, whatever network learns it."""

    path: str = knob("straight", "Path", "How noise is mixed into data: xₜ = a(t) x₁ + s(t) x₀.", choices=PATHS)
    a_points: str = knob(
        "0, 0.3, 0.75, 1", "a(t)", "Weight of the datum at evenly spaced times, noise to data; 3 to 9 numbers.",
        when=_DRAWN, numbers=COUNT, curve=DRAWN_PATH,
    )  # fmt: skip
    s_points: str = knob(
        "1, 0.95, 0.7, 0", "s(t)", "Weight of the noise at evenly spaced times, noise to data; 3 to 9 numbers.",
        when=_DRAWN, numbers=COUNT, curve=DRAWN_PATH,
    )  # fmt: skip
    prediction: str = knob("velocity", "Prediction", "What the network is trained to predict.", choices=TARGETS)


@dataclass(frozen=True)
class Design(PathDesign):
    """What is built."""

    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    sigma_data: float = knob(
        1.4, "Data scale", "Standard deviation of the data per axis; scales the network's input and output.",
        low=0.05, high=20.0, log=True,
    )  # fmt: skip
    classes: int = knob(
        0, "Classes", "Labels the network is told of, at least as many as the data have; 0 learns without labels.",
        low=0, high=LABELS,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(512)
    ema: float = gradient_knobs.ema(0.999)
    times: str = knob(UNIFORM, "Times", "How training times are drawn.", choices=TIME_SAMPLINGS)
    location: float = knob(
        0.0, "Location", "Where logit-normal and log-normal times gather; above 0 nearer to data.",
        low=-3.0, high=3.0, when=_NORMAL,
    )  # fmt: skip
    scale: float = knob(1.0, "Scale", "Spread of logit-normal and log-normal times.", low=0.1, high=3.0, when=_NORMAL)
    shift: float = knob(
        3.0, "Shift", "Moves noise times u = 1 − t to shift·u / (1 + (shift − 1) u); 1 is uniform.",
        low=0.1, high=10.0, log=True, when=("times", (SHIFTED,)),
    )  # fmt: skip
    levels: int = knob(
        1000, "Levels", "T of the discrete chain: times 1 − i/T, i from 1 to T.",
        low=2, high=1000, log=True, when=("times", (DISCRETE,)),
    )  # fmt: skip
    weighting: str = knob(UNIT, "Weighting", "Weight of the squared error at each time.", choices=WEIGHTINGS)
    snr_limit: float = knob(
        5.0, "SNR limit", "Gamma of min-SNR: the largest weight (5 in the paper).",
        low=0.1, high=100.0, log=True, when=("weighting", (MIN_SNR,)),
    )  # fmt: skip
    label_drop: float = knob(
        0.1, "Label dropping", "Share of labels hidden, so that the network also learns without (needs classes).",
        low=0.02, high=0.9,
    )  # fmt: skip


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is sampled; nothing of the training changes."""

    solver: str = knob("euler", "Solver", "The stepper from noise to data.", choices=SOLVERS)
    steps: int = knob(24, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)
    density_steps: int = knob(
        12,
        "Density steps",
        "RK4 steps of the continuity equation for the density.",
        low=2,
        high=200,
        log=True,
    )
    guidance: float = knob(
        1.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, y): 0 ignores the label, above 1 sharpens (needs classes).",
        low=0.0, high=10.0,
    )  # fmt: skip
    label: int = knob(
        -1, "Label", "The class to sample; −1 draws each sample's class as often as the data have it (needs classes).",
        low=-1, high=LABELS - 1,
    )  # fmt: skip
