"""Optimal transport (lecture 5): the plan between two piles or clouds, its prices, its blur; and a person's own try."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import ClassVar

from dgm_studio.core.arrays import frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import Sketch
from dgm_studio.lab.scenes.parts.cloud_view import COARSE, FINE, CloudView
from dgm_studio.lab.scenes.parts.earth_pile import LECTURE, between_piles, heights, monotone
from dgm_studio.lab.scenes.parts.hand_pairs import MOST as HAND_MOST
from dgm_studio.lab.scenes.parts.hand_pairs import hand_pairs
from dgm_studio.lab.scenes.parts.hand_view import HandView
from dgm_studio.lab.scenes.parts.pile_view import PileView
from dgm_studio.lab.scenes.parts.sinkhorn_runs import LEAST_SHARE, MOST_SHARE, CostCurve, SinkhornRun
from dgm_studio.lab.scenes.parts.transport_answer import Answer, measured, readings
from dgm_studio.lab.scenes.parts.transport_problem import Problem, pairwise, prices
from dgm_studio.lab.scenes.parts.two_clouds import MOST, P_CENTRE, PLANE, cloud, masses
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.measures.measuring import CLOSED_FORM
from dgm_studio.measures.transport import Plan, exact_plan

PILES, CLOUDS, HAND = "piles", "clouds", "hand"
EXACT, ENTROPIC = "exact", "entropic"
LECTURES, OWN = "lecture", "own"
EQUAL, UNEQUAL = "equal", "unequal"
HIDE, SHOW = "hide", "show"


@dataclass(frozen=True)
class Knobs:
    """What is moved, at what cost, by which plan."""

    task: str = knob(
        PILES, "What is moved", "The lecture's piles of earth, two clouds of points, or points that you connect.",
        choices=(
            Choice(PILES, "Piles", "Earth on the line, moved from pile P to pile Q."),
            Choice(CLOUDS, "Clouds", "Points of the plane, moved from cloud P to cloud Q."),
            Choice(HAND, "Your turn", "Can you beat it? Connect the points by hand, see your cost beside the optimum."),
        ),
    )  # fmt: skip
    power: str = knob(
        "1", "Cost", "What it costs to move a unit of mass from x to y.",
        choices=(
            Choice("1", "|x − y|", "The distance: W₁, the earth mover's."),
            Choice("2", "|x − y|²", "The squared distance: W₂."),
        ),
    )  # fmt: skip
    plan: str = knob(
        EXACT, "Plan", "The cheapest plan, or one that also likes entropy.", when=("task", (PILES, CLOUDS)),
        choices=(
            Choice(EXACT, "Exact", "The cheapest of all plans."),
            Choice(ENTROPIC, "Entropic", "The cheapest when ε KL(plan ‖ P × Q) is added to the cost (Sinkhorn)."),
        ),
    )  # fmt: skip
    epsilon: float = knob(
        0.05, "Entropy ε", "As a share of the mean cost over all pairs; at 0 the plan is exact.",
        low=LEAST_SHARE, high=MOST_SHARE, log=True, when=("plan", (ENTROPIC,)),
    )  # fmt: skip
    t: float = knob(
        0.5, "On its way t", "How far the mass has gone along the plan: 0 is P, 1 is Q.", low=0.0, high=1.0,
        when=("task", (PILES, CLOUDS)),
    )  # fmt: skip
    piles: str = knob(
        LECTURES, "Piles", "The lecture's example, or piles that you draw with the mouse.", when=("task", (PILES,)),
        choices=(
            Choice(LECTURES, "Lecture's", "3, 2, 1, 4 of earth become 1, 2, 4, 3 (Weng, 2019, as lecture 5 cites it)."),
            Choice(OWN, "Your own", "Draw both piles with the mouse."),
        ),
    )  # fmt: skip
    places: int = knob(12, "Places", "How many places on the line each pile has.", low=2, high=24,
                       when=("piles", (OWN,)))  # fmt: skip
    p_pile: str = knob(
        "1, 3, 5, 3, 1, 0, 0, 0, 0, 0, 0, 0", "Pile P", "Earth at the places 1, 2, 3, ...: draw it with the mouse.",
        numbers=(1, 24), when=("piles", (OWN,)),
    )  # fmt: skip
    q_pile: str = knob(
        "0, 0, 0, 1, 2, 2, 0, 0, 2, 3, 2, 1", "Pile Q", "What shall become of it: draw it with the mouse.",
        numbers=(1, 24), when=("piles", (OWN,)),
    )  # fmt: skip
    p_set: str = knob("moons", "Cloud P", "Where the first cloud is drawn from.", choices=PLANE,
                      when=("task", (CLOUDS, HAND)))  # fmt: skip
    q_set: str = knob("gaussian", "Cloud Q", "Where the second cloud is drawn from.", choices=PLANE,
                      when=("task", (CLOUDS, HAND)))  # fmt: skip
    p_count: int = knob(60, "Points of P", "How many points the first cloud has.", low=5, high=MOST,
                        when=("task", (CLOUDS,)))  # fmt: skip
    q_count: int = knob(60, "Points of Q", "With unlike numbers the mass of a point is split.", low=5, high=MOST,
                        when=("task", (CLOUDS,)))  # fmt: skip
    hand_count: int = knob(8, "Points to connect", "How many points each cloud has.", low=3, high=HAND_MOST,
                           when=("task", (HAND,)))  # fmt: skip
    masses: str = knob(
        EQUAL, "Masses", "Whether points weigh differently; heavy ones are drawn larger.", when=("task", (CLOUDS,)),
        choices=(Choice(EQUAL, "Equal"), Choice(UNEQUAL, "Unequal")),
    )  # fmt: skip
    q_x: float = knob(2.0, "Q to the right", "Where the second cloud's centre is; drag its handle.",
                      low=-4.5, high=4.5, when=("task", (CLOUDS,)))  # fmt: skip
    q_y: float = knob(0.0, "Q upwards", "Where the second cloud's centre is; drag its handle.",
                      low=-2.5, high=2.5, when=("task", (CLOUDS,)))  # fmt: skip
    q_spread: float = knob(0.8, "Spread of Q", "Factor on the second cloud's size; drag its handle.",
                           low=0.1, high=1.5, when=("task", (CLOUDS,)))  # fmt: skip
    pairs: str = knob(
        "", "Your pairs", "Point of P, dash, point of Q, such as 0-3, 2-1: drawn on the picture, or typed.",
        when=("task", (HAND,)),
    )  # fmt: skip
    told: str = knob(
        HIDE, "The best plan", "Try by yourself before you look.", when=("task", (HAND,)),
        choices=(Choice(HIDE, "Hide"), Choice(SHOW, "Show")),
    )  # fmt: skip


class OptimalTransport(SmallScene):
    """Round 1 finds the plan; later ones refine the map, carry Sinkhorn's iterations on, draw the cost's curve."""

    card: ClassVar[Card] = Card(
        id="optimal-transport",
        title="Optimal transport",
        summary="the plan, the cost, your own try",
        lecture="5",
        paper="Weng, 2019; Cuturi, 2013; Peyré and Cuturi, 2019",
        formula="W(P, Q) = min Σ γᵢⱼ |xᵢ − yⱼ| = max Σ P f + Σ Q g,  f(x) + g(y) ≤ |x − y|",
    )
    declared = Knobs
    place = 14
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.view: PileView | CloudView | HandView
        if knobs.task == PILES:
            own = knobs.piles == OWN
            texts, places = ((knobs.p_pile, knobs.q_pile), knobs.places) if own else (LECTURE, 4)
            p, q = (heights(text, name, places) for text, name in zip(texts, ("Pile P", "Pile Q"), strict=True))
            self.problem = between_piles(p, q, int(knobs.power))
            self.view = PileView(p, q, knobs.t, own)
        else:
            self.problem = self._clouds(knobs)
            if knobs.task == CLOUDS:
                self.view = CloudView((knobs.q_x, knobs.q_y), knobs.q_spread, knobs.t)
            else:
                self.view = HandView(hand_pairs(knobs.pairs, self.problem.cost), knobs.told == SHOW)
        self.entropic = knobs.task != HAND and knobs.plan == ENTROPIC
        self.answer: Answer | None = None
        self.rounds = 0

    def _clouds(self, knobs: Knobs) -> Problem:
        hand = knobs.task == HAND
        n, m = (knobs.hand_count,) * 2 if hand else (knobs.p_count, knobs.q_count)
        # Each has a stream of its own: what one knob changes leaves the others' draws alone.
        of_x, of_y, of_a, of_b = self.world.spawn(4)
        first = cloud(knobs.p_set, n, of_x)
        x = frozen(first if hand else first + P_CENTRE)
        second = cloud(knobs.q_set, m, of_y)
        y = frozen(second if hand else second * knobs.q_spread + (knobs.q_x, knobs.q_y))
        unequal = knobs.masses == UNEQUAL and not hand
        power = int(knobs.power)
        return Problem(x, y, masses(n, unequal, of_a), masses(m, unequal, of_b), power, pairwise(x, y, power))

    def round(self) -> Iterator[None]:
        """The plan; then one more piece of everything that is not finished."""
        if self.answer is None:
            self.answer = yield from self._first()
        else:
            yield from self._more(self.answer)
        self.rounds += 1

    def _first(self) -> Generator[None, None, Answer]:
        one = self.problem
        best: Plan = (
            monotone(one)
            if isinstance(self.view, PileView)
            else (yield from exact_plan(one.x, one.y, one.a, one.b, one.power))
        )
        if not self.entropic:
            if isinstance(self.view, CloudView):
                yield from self.view.draw_map(one, best, COARSE)
            return Answer(one, best)
        epsilon = self.knobs.epsilon * one.unrelated
        # From the exact plan's prices it is nearly there at once; how long it takes from none is counted beside.
        shown = SinkhornRun(one, epsilon, prices(best)[1])
        yield from shown.carry_on()
        return Answer(one, best, shown, SinkhornRun(one, epsilon), CostCurve(one, best), self.knobs.epsilon)

    def _more(self, answer: Answer) -> Iterator[None]:
        if answer.shown_run is not None and answer.counted is not None and answer.curve is not None:
            yield from answer.shown_run.carry_on()
            yield from answer.counted.carry_on()
            yield from answer.curve.next_one()
        elif isinstance(self.view, CloudView) and self.rounds == 1:
            yield from self.view.draw_map(answer.problem, answer.best, FINE)
        yield

    def sketch(self) -> Sketch:
        """The view's picture of what is known."""
        assert self.answer is not None
        own = self.view.readings(self.answer) if isinstance(self.view, (PileView, HandView)) else ()
        every = own if isinstance(self.view, HandView) else (*own, *readings(self.answer))
        told = self.knobs.task != HAND or self.knobs.told == SHOW
        found = measured(self.answer, CLOSED_FORM if self.knobs.task == PILES else "exact plan") if told else ()
        return Sketch(self.view.plots(self.answer), every, self.view.caption(self.answer), self.rounds, found)


SCENE = OptimalTransport
