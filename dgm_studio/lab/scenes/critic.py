"""The critic (lecture 5): a discriminator or a Wasserstein critic learns between fixed p and q, beside the best one."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.measured import DISTANCE, NATS, Measured
from dgm_studio.core.sketch import DASHED, Cloud, Grip, Picture, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts import critic_training
from dgm_studio.lab.scenes.parts.critic_pairs import PAIRS, TWO_GAUSSIANS, Pair, pair_of
from dgm_studio.lab.scenes.parts.critic_training import (
    CLIPPING,
    CRITIC,
    DISCRIMINATOR,
    PENALTY,
    SPECTRAL,
    Opponent,
    Rule,
)
from dgm_studio.lab.scenes.small_scene import SmallScene

STEPS = 20
"""Of the network, in one round."""
HELD_OUT, SHOWN = 4_000, 300
"""Points of each law that estimates are made on, and that are drawn."""
RESOLUTION = {1: 401, 2: 56}
REACH = 3.2
"""Half the side of what is shown."""


@dataclass(frozen=True)
class Knobs:
    """p, q, and who learns to tell them apart."""

    player: str = knob(
        DISCRIMINATOR, "Who learns", "GAN's discriminator or WGAN's critic.",
        choices=(
            Choice(DISCRIMINATOR, "Discriminator", "D = sigmoid(f): its best is p / (p + q), its value the JSD."),
            Choice(CRITIC, "Critic", "f of bounded slope: its best value is the distance W1."),
        ),
    )  # fmt: skip
    pair: str = knob(TWO_GAUSSIANS, "p and q", "What is to be told apart.", choices=PAIRS)
    theta: float = knob(1.5, "Shift θ", "Where q stands; drag it on the stage.", low=-2.5, high=2.5)
    constraint: str = knob(
        PENALTY, "Constraint", "What keeps the critic's slope bounded.", when=("player", (CRITIC,)),
        choices=(
            Choice(CLIPPING, "Weight clipping", "Every weight is clamped to [-c, c] (Arjovsky et al., 2017)."),
            Choice(PENALTY, "Gradient penalty", "λ E (|∇f| − 1)² between p and q (Gulrajani et al., 2017)."),
            Choice(SPECTRAL, "Spectral norm", "Every layer is divided by its norm (Miyato et al., 2018)."),
        ),
    )  # fmt: skip
    clip: float = knob(
        0.05, "Clip c", "Weights stay in [-c, c]; only with weight clipping.", low=0.005, high=0.5, log=True,
        when=("constraint", (CLIPPING,)),
    )  # fmt: skip
    penalty: float = knob(
        1.0, "Penalty λ", "Weight of the gradient penalty; only with it.", low=0.01, high=100.0, log=True,
        when=("constraint", (PENALTY,)),
    )  # fmt: skip
    n: int = knob(
        20_000, "Points n", "Of each law, to learn from; with few the network learns them by heart.",
        low=100, high=200_000, log=True,
    )  # fmt: skip
    width: int = knob(64, "Width", "Hidden units of each of the network's three layers.", low=8, high=256, log=True)
    rate: float = knob(2e-3, "Learning rate", "Adam's step size.", low=1e-5, high=1.0, log=True)
    batch: int = knob(256, "Batch", "Points of either law in a step.", low=16, high=1024, log=True)


class TheCritic(SmallScene):
    """max_D E_p log D + E_q log(1 - D) is met by D* = p / (p + q), at 2 JSD - 2 log 2 (Goodfellow et al., 2014);
    max_f E_p f - E_q f over 1-Lipschitz f is W1 (Kantorovich and Rubinstein; Arjovsky et al., 2017)."""

    card: ClassVar[Card] = Card(
        id="the-critic",
        title="The critic",
        summary="what a discriminator measures",
        lecture="5",
        paper="Goodfellow et al., 2014; Arjovsky et al., 2017; Gulrajani et al., 2017",
        formula="D* = p / (p + q)        W₁(p, q) = max over ‖f‖_L ≤ 1 of E_p f − E_q f",
    )
    declared = Knobs
    place = 15
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.pair: Pair = pair_of(knobs.pair, knobs.theta)
        self.dim = self.pair.p.dim
        rule = Rule(knobs.player, knobs.constraint, knobs.clip, knobs.penalty, knobs.width, knobs.rate, knobs.batch)
        self.opponent = Opponent(rule, self.dim, seed)
        self.x, self.y = (law.draw(knobs.n, self.world) for law in (self.pair.p, self.pair.q))
        self._train = torch.from_numpy(self.x).float(), torch.from_numpy(self.y).float()
        held = (law.draw(HELD_OUT, self.rng) for law in (self.pair.p, self.pair.q))
        self._held = tuple(torch.from_numpy(one).float() for one in held)
        self._at = lattice(self.dim)
        logit = self.pair.best_logit(self._at) if knobs.player == DISCRIMINATOR else None
        self._best = None if logit is None else probability(logit)
        self._truth: float | None = None
        self._known = ""
        self.track: list[tuple[int, float, float, float]] = []
        """Steps, estimate, half-width of its interval, steepest slope."""

    # Learning.

    def round(self) -> Iterator[None]:
        """20 steps of the network, and what it says now of points held out; the first round only looks."""
        if self.track:
            for _ in range(STEPS):
                self.opponent.step(*self._train)
                yield
            if self._truth is None:
                yield from self._find_truth()
        self.track.append((self.opponent.steps, *self.opponent.estimate(*self._held), self._steepest()))

    def _steepest(self) -> float:
        return self.opponent.steepest(*self._held) if self.knobs.player == CRITIC else 1.0

    def _find_truth(self) -> Generator[None, None, None]:
        if self.knobs.player == DISCRIMINATOR:
            self._truth, self._known = yield from self.pair.jsd()
        else:
            self._truth, self._known = yield from self.pair.w1()
            self._best = yield from self.pair.best_critic(self._at)

    # Showing.

    def sketch(self) -> Sketch:
        """The surface beside the best one, and the estimates so far beside the truth."""
        raw = self.opponent.surface(self._at)
        if self.knobs.player == CRITIC:
            raw = (raw - raw.mean()) / max(self.track[-1][3], 1e-9)
        learned = raw if self.knobs.player == CRITIC else probability(raw)
        shown = self._curves(raw, learned) if self.dim == 1 else self._maps(learned)
        return Sketch(
            (*shown, self._estimates()), self._readings(), self._caption(), self.opponent.steps, self._measured()
        )

    def _curves(self, raw: Array, learned: Array) -> tuple[Plot, Plot]:
        x = self._at[:, 0]
        adversary = self.knobs.player == DISCRIMINATOR
        p, q = self.pair.densities(self._at)
        word = "D" if adversary else "f / K"
        lines = [
            line("p", "data", x, p, filled=True), line("q", "sample", x, q, filled=True),
            line(f"{word}, learned", "accent", x, learned),
        ]  # fmt: skip
        if self._best is not None:
            name = "D* = p / (p + q)" if adversary else "best f"
            lines.append(line(name, "exact", x, self._best, DASHED))
        low, high = (-0.02, 1.08) if adversary else (-REACH, REACH)
        title = "Discriminator D(x)" if adversary else "Critic f(x), divided by its steepest slope K, centred"
        surface = Plot(
            title, "x", "probability, density" if adversary else "f / K", tuple(lines), low=low, high=high,
            left=-REACH, right=REACH, grips=(Grip("q", "sample", self.knobs.theta, 0.0, across="theta"),),
        )  # fmt: skip
        return surface, self._pushes(x, raw, q)

    def _pushes(self, x: Array, raw: Array, q: Array) -> Plot:
        """What reaches a generator whose sample lies at x: D |f'| of log(1 - D), (1 - D) |f'| of log D."""
        steep = np.abs(np.gradient(raw, x))
        lines = [line("q", "sample", x, q, filled=True)]
        if self.knobs.player == DISCRIMINATOR:
            d = probability(raw)
            lines += [
                line("minimax: |d log(1 − D) / dx|", "error", x, d * steep),
                line("non-saturating: |d log D / dx|", "accent", x, (1 - d) * steep),
            ]
            best = self.pair.best_logit(self._at)
            if best is not None and np.isfinite(best).all():
                lines.append(
                    line("minimax at D*", "exact", x, probability(best) * np.abs(np.gradient(best, x)), DASHED)
                )
            top = 4.0
        else:
            lines.append(line("|df / dx| / K", "accent", x, steep))
            if self._best is not None:
                lines.append(line("best f", "exact", x, np.abs(np.gradient(self._best, x)), DASHED))
            top = 1.4
        return Plot("The slope that reaches a generator", "x", "slope", tuple(lines), low=0.0, high=top)

    def _maps(self, learned: Array) -> tuple[Plot, Plot]:
        side = RESOLUTION[2]
        adversary = self.knobs.player == DISCRIMINATOR
        clouds = tuple(
            Cloud(name, tone, points[:SHOWN], 3.0)
            for name, tone, points in (("p", "data", self.x), ("q", "sample", self.y))
        )
        levels = (0.1, 0.3, 0.5, 0.7, 0.9) if adversary else tuple(np.arange(-3.0, 3.5, 0.5).tolist())

        def view(title: str, values: Array | None, grips: tuple[Grip, ...]) -> Plot:
            pictures = () if values is None else (Picture(
                "high: p's side", "data", values.reshape(side, side), (-REACH, REACH, -REACH, REACH),
                ("sample", "data"),
                0.5 if adversary else 0.0, levels,
            ),)  # fmt: skip
            return Plot(
                title, "x₁", "x₂", (), low=-REACH, high=REACH, left=-REACH, right=REACH, equal=True,
                pictures=pictures, clouds=clouds, grips=grips,
            )  # fmt: skip

        grip = Grip("q", "sample", self.knobs.theta, self.pair.grip_height, across="theta")
        first = view("Discriminator D(x), learned" if adversary else "Critic f(x) / K, learned", learned, (grip,))
        if adversary:
            title = "D*: 1 on p, 0 on q, elsewhere undefined" if self._best is None else "D* = p / (p + q)"
        else:
            title = f"Best critic, {self._known or 'coming'}"
        return first, view(title, self._best, ())

    def _estimates(self) -> Plot:
        track = np.array(self.track)
        adversary = self.knobs.player == DISCRIMINATOR
        steps, value, doubt, steep = track.T
        if adversary:
            lines = [line("JSD that D reads", "accent", steps, value, band=(value - doubt, value + doubt))]
            high = 0.75
        else:
            lines = [
                line("E_p f − E_q f, raw", "error", steps, value, DASHED),
                line("divided by K", "accent", steps, value / np.maximum(steep, 1e-9)),
            ]
            high = max(1.2 * abs(self.knobs.theta), 0.5, 1.25 * (self._truth or 0.0))
        if self._truth is not None:
            lines.append(line("true value", "exact", (0.0, max(steps[-1], 1.0)), (self._truth, self._truth), DASHED))
        title = "What the discriminator reads" if adversary else "What the critic reads"
        up = "nats" if adversary else "distance"
        return Plot(title, "training step", up, tuple(lines), low=min(0.0, -0.06 * high), high=high)

    def _numbers(self) -> tuple[float, float, float]:
        """Newest estimate, its doubt, and the critic's steepest slope."""
        return self.track[-1][1:]

    def _readings(self) -> tuple[Reading, ...]:
        if self.knobs.player == DISCRIMINATOR:
            return (
                Reading("Largest a JSD can be", None, None, math.log(2), NATS, "log 2: p and q share no place."),
            )  # fmt: skip
        return (
            Reading("Steepest slope K", self._numbers()[2], None, None, "",
                    "Largest |∇f| on and between the points: at most f's true Lipschitz constant."),
        )  # fmt: skip

    def _measured(self) -> tuple[Measured, ...]:
        value, doubt, steep = self._numbers()
        n = self.knobs.n
        if self.knobs.player == DISCRIMINATOR:
            bias = "A lower bound: no network is D*, and what it has learned by heart does not help it here."
            found = [Measured("jsd", value, value - doubt, value + doubt, "discriminator", NATS, None, n, bias)]
        else:
            k = max(steep, 1e-9)
            bias = "K is only known from below, so the scaled value may lie on either side."
            raw = "Of K W1 with unknown K."
            found = [
                Measured("w1", value / k, (value - doubt) / k, (value + doubt) / k, "critic, divided by K", DISTANCE,
                         None, n, bias),
                Measured("w1", value, value - doubt, value + doubt, "critic, raw", DISTANCE, None, n, raw),
            ]  # fmt: skip
        if self._truth is not None:
            found.append(Measured(found[0].measure, self._truth, self._truth, self._truth, self._known, found[0].unit))
        return tuple(found)

    def _caption(self) -> str:
        value, _, steep = self._numbers()
        if self._truth is None:
            return "Untrained: press Play, or wait; the network learns to tell p from q."
        steps = f"after {self.opponent.steps:,} steps"
        if self.knobs.player == DISCRIMINATOR:
            said = f"{steps.capitalize()} D reads {value:.3f} nats; the JSD is {self._truth:.3f} nats, at most log 2."
            if self._truth > 0.99 * math.log(2):
                return said + " p and q share no place: D* is a step, and a step has no slope a generator could follow."
            return said + " Where D nears 0, log(1 − D) is flat: the minimax generator learns nothing there."
        said = f"{steps.capitalize()} E_p f − E_q f is {value:.3f}, over K {value / max(steep, 1e-9):.3f}; W1 is "
        said += f"{self._truth:.3f}."
        match self.knobs.constraint:
            case critic_training.CLIPPING:
                return said + f" Clipping leaves K = {steep:.2g}, unknown beforehand: raw it is no distance."
            case critic_training.PENALTY if value < 0:
                return said + " Stuck: |slope| is held at 1, and so is a slope of the wrong sign. Try a smaller λ."
            case critic_training.PENALTY:
                return said + " The penalty is soft: the slope settles near 1 + W1 / 2λ, so raw it reads too much."
        return said + " Its slope is the same near and far: a generator learns however far away it is."


def probability(logit: Array) -> Array:
    """1 / (1 + exp(-logit)) (n,), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logit)))


def lattice(dim: int) -> Array:
    """Where surfaces are drawn: (n, dim), in the plane row by row from below."""
    axis = np.linspace(-REACH, REACH, RESOLUTION[dim])
    if dim == 1:
        return axis[:, None]
    across, up = np.meshgrid(axis, axis)
    return np.column_stack((across.ravel(), up.ravel()))


SCENE = TheCritic
