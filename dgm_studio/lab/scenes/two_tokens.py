"""Two tokens restored together ignore each other: a known joint, what K steps make of it, and the exact mixture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Mark, Picture, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.parts.token_pair import WORDS, TokenPair, by_chance, p_value, tv
from dgm_studio.lab.scenes.small_scene import SmallScene

ONE, STEPS = "one", "steps"
DRAWS = 500
"""Pairs of one round."""
OTHERS = (1, 2, 4, 8)
"""Numbers of steps that are tried beside the one on the knob."""
MOST_POINTS = 400
"""Of the curves that grow with every round."""
GAP = 0.35
"""Between two tables, in cells."""


@dataclass(frozen=True)
class Knobs:
    """The pair, and how it is restored."""

    pair: str = knob(
        "cities", "Pair of words", "Which tokens go together.",
        choices=(
            Choice("cities", "New York, Los Angeles", "The second word follows from the first."),
            Choice("xor", "Opposite bits", "01 or 10: each bit alone is a fair coin (XOR)."),
            Choice("animals", "Three animals", "White swan, black cat, green frog."),
            Choice("independent", "Independent", "Colour and thing do not care for each other."),
        ),
    )  # fmt: skip
    strength: float = knob(
        0.9, "Strength s", "joint = (1 − s) product + s the pairs alone; the marginals stay.", low=0.0, high=1.0,
        when=("pair", ("cities", "xor", "animals")),
    )  # fmt: skip
    sampler: str = knob(
        STEPS, "Restored", "How the two masks are lifted.",
        choices=(
            Choice(STEPS, "In K equal steps", "Ancestral sampling of masked diffusion; K = 1 is both at once."),
            Choice(ONE, "One at a time", "The first word, then the second, which sees it."),
        ),
    )  # fmt: skip
    steps: int = knob(2, "Steps K", "Network calls from two masks to two words.", low=1, high=32, log=True,
                      when=("sampler", (STEPS,)))  # fmt: skip


class TwoTokens(SmallScene):
    """The joint, the product of its marginals, their exact mixture, and the table of what was drawn."""

    card: ClassVar[Card] = Card(
        id="two-tokens",
        title="Two tokens at once",
        summary="restored together, they ignore each other",
        lecture="13, 14",
        paper="Sahoo et al., 2024; Wu et al., 2025",
        formula="p_K(x^1, x^2) = (1 - 1/K) p(x^1, x^2) + (1/K) p(x^1) p(x^2)",
    )
    declared = Knobs
    place = 6

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.pair = TokenPair(knobs.pair, 1.0 if knobs.pair == "independent" else knobs.strength)
        self.steps = knobs.steps if knobs.sampler == STEPS else None
        self.exact = self.pair.mixture(self.steps)
        self.counts = np.zeros_like(self.exact, dtype=np.int64)
        self.tried = sorted({*OTHERS, *((self.steps,) if self.steps else ())})
        self.off = {steps: Moments() for steps in (*self.tried, None)}
        self.together, self.noise = Moments(), Moments()
        self.history: list[tuple[float, ...]] = []
        # Where the product has more than the joint: TV is the surplus there, which a share estimates without bias.
        self.surplus = self.pair.product > self.pair.joint + 1e-12

    @property
    def drawn(self) -> int:
        """Pairs so far."""
        return int(self.counts.sum())

    def round(self) -> Iterator[None]:
        """DRAWS more pairs as the knobs say, and as many by every other number of steps."""
        for steps in (*self.tried, None):
            film = yield from self.pair.restored(DRAWS, steps, int(self.rng.integers(2**62)))
            tokens, when = self.pair.pairs(film)
            first, second = tokens.T
            forbidden = float(self.pair.joint[self.surplus].sum())
            self.off[steps].add(self.surplus[first, second] - forbidden)
            if steps == self.steps:
                self._count(self.pair.table(tokens), when[:, 0] == when[:, 1])
            yield

    def _count(self, counts: Array, together: Array) -> None:
        self.together.add(together)
        self.noise.add(np.array([tv(counts / DRAWS, self.exact)]))
        self.counts += counts
        share = self.counts / self.drawn
        away = (tv(share, law) for law in (self.pair.joint, self.pair.product, self.exact))
        self.history.append((float(self.drawn), *away, by_chance(self.exact, self.drawn)))
        if len(self.history) > MOST_POINTS:
            del self.history[1::2]  # every other one: the axis is logarithmic

    def sketch(self) -> Sketch:
        """Four tables, the distance against steps, the distances as draws stream in."""
        return Sketch(
            (self._tables(), self._against_steps(), self._stream()), self._readings(), self._caption(), self.drawn
        )

    # Plots.

    def _tables(self) -> Plot:
        size, (first, second) = float(self.pair.size), WORDS[self.knobs.pair]
        tables = (
            ("joint", "data", self.pair.joint),
            ("product", "error", self.pair.product),
            (self._mixture_name(), "exact", self.exact),
            ("drawn", "sample", self.counts / self.drawn),
        )
        centres = np.arange(size) + 0.5
        pictures, names = [], []
        for place, (name, tone, values) in enumerate(tables):
            left = place * (size + GAP)
            pictures.append(
                Picture(name, tone, frozen(np.flipud(values)), (left, left + size, 0.0, size), cells=True)
            )  # fmt: skip
            names += list(zip((left + centres).tolist(), second, strict=True))
        return Plot(
            "The joint, the product of its marginals, their exact mixture, and what was drawn",
            "second token", "first token", (),
            pictures=tuple(pictures), left=-0.02, right=4 * size + 3 * GAP + 0.02, low=-0.03 * size, high=1.14 * size,
            names_across=tuple(names), names_up=tuple(zip(centres[::-1].tolist(), first, strict=True)),
        )  # fmt: skip

    def _mixture_name(self) -> str:
        return "exact: one at a time" if self.steps is None else f"exact: K = {self.steps}"

    def _against_steps(self) -> Plot:
        grid, tried = np.geomspace(1, 32, 60), np.array(self.tried, dtype=float)
        found = [self.off[steps] for steps in self.tried]
        one = self.off[None]
        lines = (
            line("drawn", "sample", tried, means(found), doubt=doubts(found)),
            line("one at a time, drawn", "accent", (1.0, 32.0), (one.mean, one.mean)),
            line("exact: TV(joint, product) / K", "exact", grid, self.pair.apart / grid, DASHED),
        )
        marks = (Mark("", "text", float(self.steps)),) if self.steps else ()
        top = max(0.05, 1.15 * self.pair.apart)
        return Plot("How wrong the joint gets", "steps K", "TV to the joint", lines, marks, log_x=True,
                    low=-0.06 * top, high=top)  # fmt: skip

    def _stream(self) -> Plot:
        n, to_joint, to_product, to_exact, floor = np.array(self.history).T
        ends = (float(n[0]), max(float(n[-1]), 2.0 * float(n[0])))
        off = self.pair.apart / self.steps if self.steps else 0.0
        lines = [
            line("to the product", "error", n, to_product),
            line("to the joint", "data", n, to_joint),
            line("to the mixture", "sample", n, to_exact),
            line("by chance alone, exact", "exact", n, floor, DASHED),
        ]
        if off > 0:
            lines.append(line("joint, exact", "exact", ends, (off, off), DASHED))
        return Plot("Distance of the drawn table", "pairs drawn", "TV", tuple(lines),
                    log_x=True, log_y=True, low=1e-3, high=1.0)  # fmt: skip

    # Words.

    def _readings(self) -> tuple[Reading, ...]:
        share, away = 1 / self.steps if self.steps else 0.0, self.off[self.steps]
        numbers = [
            Reading("Restored in the same step", self.together.mean, self.together.doubt, share,
                    help="Share of drawn pairs whose two masks were lifted together; exact: 1 / K."),
            Reading("Drawn to the mixture, TV", tv(self.counts / self.drawn, self.exact),
                    help="Half the sum of |share − exact| over all pairs of words; falls as 1 / √n."),
            Reading(f"Of {DRAWS} draws alone", self.noise.mean, self.noise.doubt, by_chance(self.exact, DRAWS),
                    help="The same of each round, averaged; what chance alone makes of it in closed form.",
                    known="by chance"),
            Reading("χ² p-value", p_value(self.counts, self.exact),
                    help="Chance of a table at least as far from the exact mixture, were that the truth; below 0.001 "
                    "something would be wrong."),
        ]  # fmt: skip
        if self.surplus.any():
            numbers.insert(1, Reading(
                "Drawn to the joint, TV", away.mean, away.doubt, share * self.pair.apart,
                help="The surplus of pairs of which the joint has fewer than the product; exact: the product's / K.",
            ))  # fmt: skip
        return tuple(numbers)

    def _caption(self) -> str:
        first, second = WORDS[self.knobs.pair]
        worst = np.unravel_index(int(np.argmax(self.pair.product - self.pair.joint)), self.exact.shape)
        words = f"“{first[worst[0]]} {second[worst[1]]}”"
        true, made = float(self.pair.joint[worst]), float(self.exact[worst])
        if self.pair.apart < 1e-9:
            return "These tokens are independent: the joint is the product, and both masks can be lifted at once."
        if self.steps is None:
            return (
                f"One at a time the second token sees the first: {words} comes up in {true:.1%}, as it should. "
                "The joint is restored exactly, at the price of one network call a token."
            )
        if self.steps == 1:
            return (
                f"Both at once, each by its own marginal: {words} comes up in {made:.1%} of pairs, where the joint has "
                f"{true:.1%}. What is drawn is the product, however good the network."
            )
        return (
            f"In {self.steps} equal steps both masks fall in the same one with probability 1/{self.steps}, and then "
            f"ignore each other: {words} comes up in {made:.1%} of pairs, where the joint has {true:.1%}. "
            "The network is exact; the error is the sampler's."
        )


SCENE = TwoTokens
