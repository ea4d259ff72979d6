"""The knobs of five fits to one target: what p is, what the model is, where and how it descends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.measured import DISTANCE, NATS, NONE
from dgm_studio.core.sketch import DASHED, SOLID
from dgm_studio.lab.scenes.parts.fit_race import ADAM, MOMENTUM, PLAIN

LINE_SPACE, PLANE_SPACE = "line", "plane"
EXACT, SAMPLES = "exact", "samples"


class Look(NamedTuple):
    """How a fit is named and drawn."""

    title: str
    tone: str
    style: str
    unit: str

    @property
    def word(self) -> str:
        """The title within a sentence."""
        return self.title[0].lower() + self.title[1:] if " " in self.title else self.title


LOOKS = {
    "kl": Look("Forward KL", "accent", SOLID, NATS),
    "reverse-kl": Look("Reverse KL", "error", SOLID, NATS),
    "jsd": Look("JSD", "sample", SOLID, NATS),
    "w2": Look("W₂", "exact", SOLID, DISTANCE),
    "mmd": Look("MMD²", "dim", DASHED, NONE),
}
"""By objective, in the order of fit_objectives.DESCENDED."""
PLANE_LOOKS = {**LOOKS, "w2": LOOKS["w2"]._replace(title="Sliced W₂")}
FORMULAS = {
    "kl": "KL(p ‖ q)",
    "reverse-kl": "KL(q ‖ p)",
    "jsd": "the Jensen-Shannon divergence",
    "w2": "W₂, in the plane sliced W₂,",
    "mmd": "the squared MMD",
}


@dataclass(frozen=True)
class Knobs:
    """The target, the model, where it starts, how it descends, and whose landscape is shown."""

    separation: float = knob(5.0, "Separation", "Distance between the two centres of p.", low=0.0, high=8.0)
    weight: float = knob(0.6, "Weight of the left", "Share of p's mass in the left Gaussian.", low=0.01, high=0.99)
    width_left: float = knob(0.7, "Width of the left", "Standard deviation of the left Gaussian.",
                             low=0.2, high=2.0, log=True)  # fmt: skip
    width_right: float = knob(0.7, "Width of the right", "Standard deviation of the right Gaussian.",
                              low=0.2, high=2.0, log=True)  # fmt: skip
    space: str = knob(
        LINE_SPACE, "Space", "Where p and its fits live.",
        choices=(
            Choice(LINE_SPACE, "Line", "One dimension: mean and standard deviation."),
            Choice(PLANE_SPACE, "Plane", "Two dimensions: full covariances; W2 is sliced there (12 directions)."),
        ),
    )  # fmt: skip
    components: int = knob(1, "Components K", "Gaussians in the model: one cannot be p, two can.", low=1, high=5)
    start_mu: float = knob(1.0, "Start μ", "Where every fit begins; with more components, their middle.",
                           low=-6.0, high=6.0)  # fmt: skip
    start_up: float = knob(0.5, "Start μ₂", "The same, upwards.", low=-4.0, high=4.0, when=("space", (PLANE_SPACE,)))
    start_log_sigma: float = knob(0.2, "Start log σ", "Logarithm of the width that every fit begins with.",
                                  low=-2.0, high=2.0)  # fmt: skip
    landscape: str = knob(
        "reverse-kl", "Landscape", "The objective whose landscape is drawn.",
        choices=tuple(Choice(name, look.title, f"Deep where {FORMULAS[name]} is low.") for name, look in LOOKS.items()),
    )  # fmt: skip
    optimiser: str = knob(
        ADAM, "Optimiser", "How every fit goes down. A fit's gradient longer than 1 is shortened to 1.",
        choices=(
            Choice(ADAM, "Adam", "Steps of about the learning rate, whatever the slope (β₁ 0.9, β₂ 0.99)."),
            Choice(MOMENTUM, "Momentum", "Gradient descent with momentum 0.9."),
            Choice(PLAIN, "Gradient", "Plain gradient descent."),
        ),
    )  # fmt: skip
    rate: float = knob(0.1, "Learning rate", "Step size of the optimiser.", low=0.001, high=1.0, log=True)
    half_life: int = knob(150, "Rate halves every", "Steps after which the learning rate is half of what it was.",
                          low=20, high=10_000, log=True, unit="steps")  # fmt: skip
    gradient: str = knob(
        EXACT, "Gradients", "From integrals, or noisy as in training.",
        choices=(
            Choice(EXACT, "Exact", "Quadrature, quantile functions, closed form: no noise."),
            Choice(SAMPLES, "n samples", "n fresh data stand for p, n reparametrised draws for the integrals over q."),
        ),
    )  # fmt: skip
    samples: int = knob(100, "Samples n", "Of p, and of each component of q, at every step.", low=2, high=5_000,
                        log=True, when=("gradient", (SAMPLES,)))  # fmt: skip
    bandwidth: float = knob(1.0, "MMD bandwidth h", "Width of the kernel exp(−|x − y|² / 2 h²).",
                            low=0.1, high=10.0, log=True)  # fmt: skip
