"""Langevin's step size: the law that ULA really has, and MALA, which has none but the target's (lecture 6)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Bars, Cloud, Line, Mark, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts.chain_diagnostics import autocorrelation, effective_size, split_r_hat
from dgm_studio.lab.scenes.parts.langevin_laws import TARGETS, Slope, largest_step, moments, stepped
from dgm_studio.lab.scenes.parts.moments import Moments, means
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.solvers.langevin import langevin_step
from dgm_studio.solvers.mala import Place, mala_step

CHAINS, SHOWN = 80, 2
"""Chains of each kind in a round, and those whose way is drawn."""
SLICE = 20
"""Steps of both kinds in one beat."""
LAGS = 60
MIXED = 1.1
"""An R-hat above which single chains have not mixed."""
FLOWN = 1e6
"""Where a chain has left for good."""
SIZES = np.geomspace(0.02, 3.5, 12)
"""Where the distance of ULA's law from the target is drawn, as far as ULA converges."""
REACH, BINS = 5.0, 80
ULA, MALA = "ULA", "MALA"
TONES = {ULA: "sample", MALA: "accent"}


@dataclass(frozen=True)
class Knobs:
    """The target, and how it is walked."""

    target: str = knob(
        "gaussian", "Target p", "What is to be sampled.",
        choices=(
            Choice("gaussian", "Gaussian", "N(0, 1): ULA's law is known in closed form."),
            Choice("bells", "Two bells", "Half at −1.5, half at 1.5, each 0.7 wide."),
            Choice("uneven", "Narrow and wide", "Half in a bell 0.3 wide, half in one 1 wide."),
        ),
    )  # fmt: skip
    size: float = knob(0.8, "Step size η", "x + (η / 2) score + √η ε: the larger, the faster, the more biased.",
                       low=0.01, high=4.5, log=True)  # fmt: skip
    steps: int = knob(200, "Steps", "Length of a chain, from its start.", low=20, high=1_000, log=True)
    burn: float = knob(0.5, "Burn-in", "Share of the steps that is thrown away.", low=0.0, high=0.9)
    start: float = knob(4.0, "Start ±", "Half of the chains begin there on the right, half on the left.",
                        low=0.0, high=6.0)  # fmt: skip


class Batch(NamedTuple):
    """The chains of one round, as they went: (chains, steps + 1), and the share of proposals that was accepted."""

    ways: Array
    accepted: float


class Tally:
    """What the chains of one kind add up to, round by round."""

    def __init__(self) -> None:
        self.counts = np.zeros(BINS)
        self.total = 0
        self.spread, self.accepted, self.r_hat, self.size = (Moments() for _ in range(4))
        self.lags = [Moments() for _ in range(LAGS)]
        self.last: Batch | None = None
        self.stuck = False
        """Whether R-hat was infinite: chains that never move."""

    def add(self, batch: Batch, burn: float, mean: float) -> None:
        """One more round; `mean` is that of the law the chains converge to."""
        self.last = batch
        first = int(burn * (batch.ways.shape[1] - 1))
        kept = batch.ways[:, first:]
        if not np.isfinite(kept).all():
            return
        self.counts += np.histogram(kept, np.linspace(-REACH, REACH, BINS + 1))[0]
        self.total += kept.size
        self.spread.add(((kept - mean) ** 2).mean(1))
        self.accepted.add(np.array([batch.accepted]))
        for place, value in enumerate(autocorrelation(kept, min(LAGS, kept.shape[1]))):
            self.lags[place].add(np.array([value]))
        r_hat, size = split_r_hat(kept), 1_000 * effective_size(kept) / kept.size
        self.stuck = self.stuck or math.isinf(r_hat)
        for value, one in ((r_hat, self.r_hat), (size, self.size)):
            if math.isfinite(value):
                one.add(np.array([value]))


class LangevinStep(SmallScene):
    """ULA's stationary law is another than p, N(0, 1 / (1 - eta / 4)) for p = N(0, 1); MALA's is p."""

    card: ClassVar[Card] = Card(
        id="langevin-step",
        title="Langevin's step size",
        summary="bias of ULA, and MALA without it",
        lecture="6",
        paper="Roberts and Tweedie, 1996",
        formula="x_{l+1} = x_l + η/2 ∇ log p(x_l) + √η ε_l",
    )
    declared = Knobs
    place = 21
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.look = Slope(knobs.target)
        self.noise = torch.Generator().manual_seed(int(self.rng.integers(2**62)))
        self.law = stepped(knobs.target, knobs.size)
        self.mean, self.variance = moments(knobs.target)
        self.tallies = {ULA: Tally(), MALA: Tally()}
        self.sizes: list[float] = []
        """Step sizes whose law is known by now."""
        self.rounds = 0

    @property
    def diverges(self) -> bool:
        """Whether ULA has no law at this step size."""
        return self.law is None

    # Walking.

    def round(self) -> Iterator[None]:
        """80 more chains of each kind, from the same starts, and the law of one more size."""
        if len(self.sizes) < len(SIZES):
            self.sizes.append(float(SIZES[len(self.sizes)]))
            stepped(self.knobs.target, self.sizes[-1])
            yield
        sides = np.where(np.arange(CHAINS) % 2 == 0, 1.0, -1.0) * self.knobs.start
        start = torch.from_numpy(sides + 0.1 * self.rng.standard_normal(CHAINS))[:, None]
        x, at, moved = start, Place(start, *self.look(start)), 0
        ways: dict[str, list[Tensor]] = {ULA: [start], MALA: [start]}
        for count in range(1, self.knobs.steps + 1):
            x = langevin_step(x, self.look(x)[0], self.knobs.size, self.noise)
            x = torch.where(x.abs() < FLOWN, x, torch.full_like(x, math.nan))
            at, which = mala_step(at, self.knobs.size, self.look, self.noise)
            moved += int(which.sum())
            ways[ULA].append(x)
            ways[MALA].append(at.x)
            if count % SLICE == 0:
                yield
        accepted = {ULA: 1.0, MALA: moved / (CHAINS * self.knobs.steps)}
        for kind, tally in self.tallies.items():
            mean = self.mean if kind == MALA or self.law is None else self.law.mean
            tally.add(Batch(torch.cat(ways[kind], 1).numpy(), accepted[kind]), self.knobs.burn, mean)
        self.rounds += 1

    # Showing.

    def sketch(self) -> Sketch:
        """What the chains visit beside the target, where they go, what they remember, and the bias by step size."""
        plots = (self._visits(), self._ways(), self._memory(), self._bias())
        return Sketch(plots, self._readings(), self._caption(), self.rounds * CHAINS)

    def _visits(self) -> Plot:
        edges = np.linspace(-REACH, REACH, BINS + 1)
        bars = tuple(
            Bars(f"{kind}'s chains", TONES[kind], edges, frozen(tally.counts / (tally.total * (edges[1] - edges[0]))),
                 filled=kind == ULA)
            for kind, tally in self.tallies.items() if tally.total
        )  # fmt: skip
        x = np.linspace(-REACH, REACH, 401)
        target = np.exp(TARGETS[self.knobs.target].log_density(x[:, None]))
        lines = [line("Target p", "exact", x, target, DASHED)]
        if self.law is not None:
            lines.append(line("ULA's own law", "error", x, np.interp(x, self.law.x, self.law.density), DASHED))
        return Plot(
            "Visited after the burn-in", "x", "density", tuple(lines), low=0.0, high=1.25 * float(target.max()),
            bars=bars, left=-REACH, right=REACH,
        )  # fmt: skip

    def _ways(self) -> Plot:
        lines: list[Line] = []
        for kind, tally in self.tallies.items():
            assert tally.last is not None
            ways = tally.last.ways[:SHOWN]
            at = np.arange(ways.shape[1])
            lines += [line(kind, TONES[kind], at, np.where(np.abs(way) < 3 * REACH, way, np.nan)) for way in ways]
        burn = Mark("burn-in ends", "text", int(self.knobs.burn * self.knobs.steps))
        return Plot("Two chains of each", "step", "x", tuple(lines), (burn,), low=-REACH - 1, high=REACH + 1, left=0.0)

    def _memory(self) -> Plot:
        lines: list[Line] = []
        for kind, tally in self.tallies.items():
            some = [one for one in tally.lags if one.count]
            if some:
                lines.append(line(kind, TONES[kind], np.arange(len(some)), means(some)))
        lags = np.arange(LAGS)
        low = -1.0 if self.knobs.size > 2 else -0.25  # beyond 2 each step overshoots, and the next one comes back
        if self.knobs.target == "gaussian" and not self.diverges:
            lines.append(line("ULA, exact", "exact", lags, (1 - self.knobs.size / 2) ** lags, DASHED))
        return Plot("Autocorrelation", "lag, steps", "correlation", tuple(lines), low=low, high=1.0, left=0.0)

    def _bias(self) -> Plot:
        known = [(h, one.w2) for h in self.sizes if (one := stepped(self.knobs.target, h)) is not None]
        lines: tuple[Line, ...] = ()
        if known:
            lines = (line("W₂(ULA's law, p)", "error", *np.array(known).T),)
        now = () if self.law is None else (
            Cloud(f"now, {self.law.w2:.2g}", "sample", np.array([[self.knobs.size, self.law.w2]]), 8.0),
        )  # fmt: skip
        end = Mark("ULA diverges", "text", largest_step(self.knobs.target))
        return Plot(
            "Bias against step size", "step size η", "W₂", lines, (end,),
            log_x=True, log_y=True, low=1e-3, high=10.0, clouds=now, left=0.01, right=5.0,
        )  # fmt: skip

    def _readings(self) -> tuple[Reading, ...]:
        ula, mala = self.tallies[ULA], self.tallies[MALA]
        gaussian = self.knobs.target == "gaussian"
        found: list[Reading] = []
        if self.law is not None:
            known = "exact" if gaussian else "quadrature"
            how = "1 / (1 − η/4)" if gaussian else "of the law that its steps leave as it is, on a grid"
            found.append(Reading("Variance, ULA", *_told(ula.spread), self.law.variance, "",
                                 f"Of the chains after the burn-in; known: {how}.", known))  # fmt: skip
        found.append(Reading("Variance, MALA", *_told(mala.spread), self.variance, "",
                             "Of the chains after the burn-in; exact: the target's."))  # fmt: skip
        if self.law is not None:
            found.append(
                Reading(
                    "Accepted by MALA",
                    *_told(mala.accepted),
                    self.law.accepted,
                    "",
                    "Share of proposals, burn-in included; known: in the long run.",
                    "quadrature",
                )
            )
        else:
            found.append(Reading("Accepted by MALA", *_told(mala.accepted), None, "", "Share of proposals."))
        for kind, tally in self.tallies.items():
            if tally.r_hat.count:
                found.append(
                    Reading(
                        f"Split R-hat, {kind}",
                        *_told(tally.r_hat),
                        None,
                        "",
                        f"Of {CHAINS} chains after the burn-in; above 1.1 single chains have not mixed.",
                    )
                )
        for kind, tally in self.tallies.items():
            if tally.size.count:
                h = self.knobs.size
                exact = 1_000 * h / (4 - h) if gaussian and kind == ULA and h < 4 else None
                found.append(Reading(f"ESS of 1,000 steps, {kind}", *_told(tally.size), exact, "",
                                     "Effective sample size for the mean of x (Vehtari et al., 2021); exact for a "
                                     "Gaussian: 1,000 η / (4 − η)."))  # fmt: skip
        return tuple(found)

    def _caption(self) -> str:
        ula, mala, h = self.tallies[ULA], self.tallies[MALA], self.knobs.size
        accepted = mala.accepted.mean
        if self.law is None:
            return (
                f"At η = {h:.2g} ULA's steps overshoot by more than they return: it has no law, the chains fly away. "
                f"MALA refuses such steps: it accepts {100 * accepted:.3g} %, and its law is still p."
            )
        if not (_arrived(ula, self.law.variance) and _arrived(mala, self.variance)):
            return (
                f"After {self.knobs.steps:,} steps of size {h:.2g} the start at ±{self.knobs.start:.2g} is still seen: "
                f"these variances are not yet those of any law. MALA accepts {100 * accepted:.3g} %."
            )
        said = (
            f"ULA follows a law of its own: its variance is {self.law.variance / self.variance:.3f} times that of p, "
            f"W₂ to p {self.law.w2:.2g}, in proportion to η while that is small. MALA refuses "
            f"{100 * (1 - accepted):.3g} % of the same steps, and is right at any η."
        )
        if mala.stuck or max(ula.r_hat.mean, mala.r_hat.mean) > MIXED:
            said += f" One chain alone has not seen it all in {self.knobs.steps:,} steps: R-hat is above {MIXED:g}."
        return said


def _arrived(tally: Tally, variance: float) -> bool:
    """Whether the chains' variance is that of their law, as far as can be told."""
    found = tally.spread
    return found.count > 0 and abs(found.mean - variance) <= max(4 * found.doubt, 0.05 * variance)


def _told(one: Moments) -> tuple[float | None, float | None]:
    """Mean and doubt as a reading has them."""
    if not one.count:
        return None, None
    return one.mean, one.doubt if one.count > 1 else None


SCENE = LangevinStep
