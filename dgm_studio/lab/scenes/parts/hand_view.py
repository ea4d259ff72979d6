"""Can you beat it? Points that a person connects by hand, what that costs, and the optimum once it is asked for."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.sketch import DASHED, Bars, Cloud, Pairing, Plot, Reading, Segments, line
from dgm_studio.lab.scenes.parts.hand_pairs import HandPairs, ends
from dgm_studio.lab.scenes.parts.transport_answer import MOVING, P_TONE, Q_TONE, Answer, readings


class HandView:
    """`told`: whether the optimum may be seen."""

    def __init__(self, hand: HandPairs, told: bool) -> None:
        self.hand, self.told = hand, told

    def plots(self, answer: Answer) -> tuple[Plot, ...]:
        """The points with their pairs; what was paid pair by pair; each pair's cost, or what it costs too much."""
        return self._points(answer), self._paid(answer), self._each(answer)

    def readings(self, answer: Answer) -> tuple[Reading, ...]:
        """The person's cost; by how much it misses once it is a plan; everything once it is told."""
        hand, best = self.hand, answer.best.cost
        found = [
            Reading("Points still to connect", float(hand.missing), help="Only at 0 do your pairs make a plan."),
            Reading("Your cost" if not hand.missing else "Your cost so far", hand.total,
                    exact=best if self.told and not hand.missing else None, unit=answer.unit, known="best",
                    help="The mean over all points of what their pairs cost."),
        ]  # fmt: skip
        if not hand.missing:
            found.append(Reading("Above the optimum", 100 * hand.misses(best), None, 0.0, "%",
                                 "How much more than the best plan yours costs.", "best"))  # fmt: skip
        found.append(Reading("Cost of pairing at random", None, exact=answer.problem.unrelated,
                             help="The mean cost over all pairs: what to expect of pairs drawn by lot."))  # fmt: skip
        return (*found, *readings(answer)[1:]) if self.told else tuple(found)

    def caption(self, answer: Answer) -> str:
        """What to do next."""
        hand, best = self.hand, answer.best.cost
        if not hand.pairs:
            said = "Connect every point of P with one of Q: drag from one to the other; drawn again, a pair goes."
        elif hand.missing:
            said = f"{hand.missing} of {len(hand.cost)} points of P wait for a partner: not a plan yet."
        elif hand.misses(best) == 0:
            return "Your plan is optimal: no other costs less."
        else:
            said = f"A plan: it costs {100 * hand.misses(best):.2g} % more than the best one."
            saved, pair = best_swap(hand)
            if saved > 1e-9:
                said += f" Two of your pairs, {pair[0]} and {pair[1]}, would be cheaper with their partners exchanged."
            else:
                said += " No exchange of two partners helps: only a longer cycle does."
        return said + (" The best plan is drawn beside yours." if self.told else "")

    def _points(self, answer: Answer) -> Plot:
        one = answer.problem
        segments = [Segments("Your pairs", MOVING, frozen(ends(self.hand.pairs, one.x, one.y)), width=2.4)]
        if self.told:
            pieces = np.column_stack((one.x[answer.best.rows], one.y[answer.best.columns]))
            segments.insert(0, Segments("Best plan", "exact", frozen(pieces), width=4.5))
        every = np.concatenate((one.x, one.y))
        low, high = every.min(0) - 0.5, every.max(0) + 0.5
        return Plot(
            "Connect each point of P with one of Q", "x₁", "x₂", (), segments=tuple(segments),
            clouds=(Cloud("Cloud P", P_TONE, one.x, 9.0), Cloud("Cloud Q", Q_TONE, one.y, 9.0)),
            pairing=Pairing(one.x, one.y, "pairs"), equal=True,
            left=float(low[0]), right=float(high[0]), low=float(low[1]), high=float(high[1]),
        )  # fmt: skip

    def _paid(self, answer: Answer) -> Plot:
        count = len(self.hand.cost)
        each = [self.hand.cost[i, j] / count for i, j in self.hand.pairs]
        paid = np.concatenate(([0.0], np.cumsum(each)))
        lines = [line("Your cost", MOVING, np.arange(len(paid)), paid)]
        lines.append(line("At random", "data", [0, count], [0, answer.problem.unrelated], DASHED))
        if self.told:
            lines.append(line("Best plan", "exact", [0, count], [answer.best.cost] * 2, DASHED))
        return Plot("Paid so far", "pairs drawn", f"cost, {answer.unit}", tuple(lines), low=0.0,
                    left=0.0, right=float(count))  # fmt: skip

    def _each(self, answer: Answer) -> Plot:
        count = len(self.hand.cost)
        table = np.maximum(answer.problem.slack(answer.best), 0) if self.told else self.hand.cost
        bars = np.zeros(count)
        bars[: len(self.hand.pairs)] = [table[i, j] for i, j in self.hand.pairs]
        high = 1.05 * float(table.max())
        name, title = "Your pairs", "What each pair costs"
        if self.told:
            name, title = "c(x, y) − f(x) − g(y)", "What each pair costs too much"
        return Plot(title, "pair, as drawn", f"cost, {answer.unit}", (), low=0.0, high=high,
                    bars=(Bars(name, MOVING, frozen(np.arange(count + 1) + 0.5), frozen(bars)),))  # fmt: skip


def best_swap(hand: HandPairs) -> tuple[float, tuple[str, str]]:
    """What is saved most, in cost over n, by exchanging the partners of two pairs, and which two they are."""
    rows, columns = np.array(hand.pairs, np.int64).reshape(-1, 2).T
    crossed: Array = hand.cost[np.ix_(rows, columns)]
    own = np.diag(crossed)
    saved = own[:, None] + own[None, :] - crossed - crossed.T
    first, second = np.unravel_index(int(np.argmax(saved)), saved.shape)
    names = [f"{rows[place]}-{columns[place]}" for place in (int(first), int(second))]
    return float(saved[first, second]) / len(hand.cost), (names[0], names[1])
