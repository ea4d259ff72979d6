"""Transition matrices of discrete diffusion: one step, all steps, and the way back with and without the transpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Bars, Cloud, Grip, Line, Mark, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.moments import NORMAL_95, Moments
from dgm_studio.lab.scenes.parts.one_token import OneToken
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.paths.categorical import transitions
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES

DRAWS = 1_000
"""Tokens that are sent through the chain in one round."""
GAP = 0.7
"""Between the two matrices, in cells."""
HALF = 0.38
"""Half the width of a posterior's bar."""
_TRANSITIONS = tuple(Choice(one.card.id, one.card.title, one.card.summary) for one in transitions().values())


@dataclass(frozen=True)
class Knobs:
    """The chain, the moment, and the token that is followed."""

    transition: str = knob("absorbing", "Transition", "What one step of noise does to a token.", choices=_TRANSITIONS)
    schedule: str = knob(LINEAR, "Schedule", "How fast tokens are noised.", choices=SCHEDULES)
    categories: int = knob(5, "Categories K", "What a token may be, a mask not counted.", low=2, high=10)
    steps: int = knob(10, "Steps T", "Of the whole chain.", low=2, high=40)
    t: int = knob(4, "Step t", "The moment that is shown; above T it is T. It can be dragged.", low=1, high=40)
    x_0: int = knob(2, "Clean token x₀", "Where the chain begins, from 1; above K it is K.", low=1, high=10)
    x_t: int = knob(11, "Token xₜ", "Where the way back begins, from 1; above K it is the mask, or K without one.",
                    low=1, high=11)  # fmt: skip


class TransitionMatrix(SmallScene):
    """Q_t and Q_{1:t}, a token's law over time, and Bayes' rule for one step back against chains that were drawn."""

    card: ClassVar[Card] = Card(
        id="transition-matrix",
        title="Transition matrix",
        summary="a token forgets, and the way back",
        lecture="13",
        paper="Austin et al., 2021",
        formula="q(x_{t-1} | x_t, x_0) = (Q_t^{T} x_t) ⊙ (Q_{1:t-1} x_0) / (x_t^{T} Q_{1:t} x_0)",
    )
    declared = Knobs
    place = 5

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.token = OneToken(knobs.transition, knobs.schedule, knobs.categories, knobs.steps)
        self.t = min(knobs.t, knobs.steps)
        self.x_0 = min(knobs.x_0, knobs.categories) - 1
        self.x_t = min(knobs.x_t, self.token.states) - 1
        self.names = self.token.names
        self.generator = torch.Generator().manual_seed(int(self.rng.integers(2**63)))
        self.reached = [Moments() for _ in self.names]
        self.before = [Moments() for _ in self.names]
        self.drawn = 0

    def round(self) -> Iterator[None]:
        """Tokens x_0 sent through Q_1, ..., Q_t one step at a time; of those that end in x_t, where they came from."""
        here = torch.full((DRAWS,), self.x_0)
        for step in range(1, self.t + 1):
            last, here = here, self.token.move(here, step, self.generator)
            yield
        came = last[here == self.x_t].numpy()
        for state in range(len(self.names)):
            self.reached[state].add((here == state).numpy())
            if len(came):
                self.before[state].add(came == state)
        self.drawn += DRAWS
        yield

    def sketch(self) -> Sketch:
        """Matrices, the law over time, the posterior."""
        return Sketch(
            (self._matrices(), self._flow(), self._posterior()), self._readings(), self._caption(), self.drawn
        )

    # Plots.

    def _matrices(self) -> Plot:
        s = float(self.token.states)
        one, so_far = (np.flipud(of) for of in (self.token.step(self.t), self.token.so_far(self.t)))
        beyond = s + GAP
        centres = np.arange(s) + 0.5
        row, column = s - 1 - self.x_t, beyond + self.x_0
        return Plot(
            f"The transition matrices at t = {self.t}", "from state j: one step before (left), at the start (right)",
            "to state i", (),
            pictures=(
                Picture(f"Q{below(self.t)}: one step", "accent", frozen(one), (0.0, s, 0.0, s), cells=True),
                Picture(f"Q₁:{below(self.t)}: all steps so far", "data", frozen(so_far), (beyond, beyond + s, 0.0, s),
                        cells=True),
            ),
            segments=(
                outline(f"row xₜ = {self.names[self.x_t]}: Qₜᵀ xₜ", "sample", (0.0, s, row, row + 1)),
                outline(f"column x₀ = {self.names[self.x_0]}: q(xₜ | x₀)", "exact", (column, column + 1, 0.0, s)),
            ),
            left=-0.02 * s, right=beyond + 1.02 * s, low=-0.04 * s, high=1.14 * s,
            names_across=(*zip(centres.tolist(), self.names, strict=True),
                          *zip((beyond + centres).tolist(), self.names, strict=True)),
            names_up=tuple(zip(centres[::-1].tolist(), self.names, strict=True)),
        )  # fmt: skip

    def _flow(self) -> Plot:
        law, limit, t = self.token.law(self.x_0), self.token.limit, np.arange(self.knobs.steps + 1.0)
        others = [state for state in range(len(self.names)) if state not in (self.x_0, self.token.mask)]
        name, apart = ("each other token", others[:1]) if self.token.alike else ("another token", others)
        lines: list[Line] = [line(name, "data", t, law[:, state]) for state in apart]
        lines.append(line(f"x₀ = {self.names[self.x_0]}", "text", t, law[:, self.x_0]))
        if self.token.mask is not None:
            lines.append(line("mask m", "accent", t, law[:, self.token.mask]))
        ends = (0.0, float(self.knobs.steps))
        lines += [line("stationary limit", "exact", ends, (level, level), DASHED) for level in np.unique(limit)]
        shares = np.array([one.mean for one in self.reached])
        return Plot(
            "The token's law over time", "step t", "q(xₜ = k | x₀)", tuple(lines), (Mark("", "faint", float(self.t)),),
            clouds=(Cloud("drawn", "sample",
                          frozen(np.column_stack((np.full(len(shares), self.t), shares))), 6.0),),
            grips=(Grip("t", "text", float(self.t), 0.5, across="t"),),
            left=-0.02 * ends[1], right=1.06 * ends[1], low=-0.04, high=1.06,
        )  # fmt: skip

    def _posterior(self) -> Plot:
        (right, wrong), now = self._ways_back(), below(self.t - 1)
        places = np.arange(1.0, len(self.names) + 1)
        bars = [spaced("without the transpose", "error", places, wrong, HALF + 0.06, filled=False)]
        clouds: tuple[Cloud, ...] = ()
        doubts: tuple[Segments, ...] = ()
        if right is not None:
            bars.insert(0, spaced("Bayes' rule: with it", "exact", places, right, HALF))
            n = self.before[0].count
            if n > 1:
                found = np.array([one.mean for one in self.before])
                doubt = np.array([share_doubt(one) for one in self.before])
                clouds = (Cloud("drawn chains", "sample", frozen(np.column_stack((places, found))), 6.0),)
                ends = np.column_stack((places, found - doubt, places, found + doubt))
                doubts = (Segments("", "sample", frozen(ends), width=1.6),)
        top = max(1.0, float(wrong.max()))
        return Plot(
            f"One step back: q(x{now} | x{below(self.t)} = {self.names[self.x_t]}, x₀ = {self.names[self.x_0]})",
            f"state of x{now}", "probability", (), bars=tuple(bars), clouds=clouds, segments=doubts,
            left=0.4, right=len(self.names) + 0.6, low=0.0, high=1.08 * top,
            names_across=tuple(zip(places.tolist(), self.names, strict=True)),
        )  # fmt: skip

    def _ways_back(self) -> tuple[Array | None, Array]:
        """Bayes' rule, None where x_0 never becomes x_t, and the slide's formula."""
        return self.token.posterior(self.t, self.x_t, self.x_0), self.token.untransposed(self.t, self.x_t, self.x_0)

    # Words.

    def _readings(self) -> tuple[Reading, ...]:
        law, (right, wrong) = self.token.law(self.x_0), self._ways_back()
        here, x_0, x_t = law[self.t], self.names[self.x_0], self.names[self.x_t]
        met = self.reached[self.x_t]
        numbers = [
            Reading("Kept: ᾱₜ", None, exact=float(self.token.keep[self.t]),
                    help="The probability that no step up to t has replaced the token."),
            Reading(f"q(xₜ = {x_t} | x₀ = {x_0})", met.mean, share_doubt(met), float(here[self.x_t]),
                    help="Share of drawn tokens that are in xₜ at step t; exact: an entry of Q₁:ₜ."),
            Reading("To the limit, TV", None, exact=0.5 * float(np.abs(here - self.token.limit).sum()),
                    help="Half the sum of |q(xₜ | x₀) − limit|: how much the token still remembers."),
        ]  # fmt: skip
        if right is not None:
            back = self.before[self.x_0]
            counted = back.count > 1
            numbers += [
                Reading(f"q(xₜ₋₁ = {x_0} | xₜ = {x_t}, x₀ = {x_0})", back.mean if counted else None,
                        share_doubt(back) if counted else None, float(right[self.x_0]),
                        help="Share of drawn chains that were still x₀ one step before; exact: Bayes' rule."),
                Reading("Same without the transpose", float(wrong[self.x_0]),
                        help="Qₜ xₜ in place of Qₜᵀ xₜ, as lecture 13's slide has it."),
                Reading("Its sum over all states", float(wrong.sum()), help="A distribution's is 1."),
            ]  # fmt: skip
        return tuple(numbers)

    def _caption(self) -> str:
        (right, wrong), x_0, x_t = self._ways_back(), self.names[self.x_0], self.names[self.x_t]
        if right is None:
            return (
                f"Token {x_0} is never {x_t} at t = {self.t}: a token that was masked stays so, any other keeps its "
                "value. There is no way back from what cannot happen; choose another xₜ."
            )
        good, bad = float(right[self.x_0]), float(wrong[self.x_0])
        if np.allclose(right, wrong, atol=1e-9):
            return (
                f"Qₜ is symmetric, so its transpose changes nothing here: q(xₜ₋₁ = {x_0} | xₜ = {x_t}, x₀ = {x_0}) "
                f"= {good:.3f} either way. Choose the absorbing chain to see where the slide's formula goes wrong."
            )
        return (
            f"Without the transpose the slide's formula is wrong for absorbing chains: it gives xₜ₋₁ = {x_0} "
            f"probability {bad:.3f}, Bayes' rule {good:.3f}; and its numbers sum to {float(wrong.sum()):.3f}, not 1."
        )


def outline(name: str, tone: str, box: tuple[float, float, float, float]) -> Segments:
    """A rectangle (left, right, bottom, top)."""
    left, right, low, high = box
    ends = [(left, low, right, low), (left, high, right, high), (left, low, left, high), (right, low, right, high)]
    return Segments(name, tone, frozen(np.array(ends)), width=2.5)


def share_doubt(found: Moments) -> float:
    """Half-width of a share's 95 % interval with two more of each kind added: also none of n leaves a doubt (Agresti
    and Coull, 1998)."""
    n = found.count + 4
    share = (found.count * found.mean + 2) / n
    return NORMAL_95 * float(np.sqrt(share * (1 - share) / n))


def below(number: int) -> str:
    """A number as a subscript."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def spaced(name: str, tone: str, places: Array, heights: Array, half: float, *, filled: bool = True) -> Bars:
    """Bars of width 2 `half` round each place, with nothing between them."""
    edges = np.column_stack((places - half, places + half)).ravel()
    tops = np.zeros(len(edges) - 1)
    tops[::2] = heights
    return Bars(name, tone, frozen(edges), frozen(tops), filled=filled)


SCENE = TransitionMatrix
