"""The Trajectories panel's read-outs: a film's cost, its solver's claims, where it ended, how straight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.film import MOST_BYTES, Frame
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.panels.distances import Distances
from dgm_studio.gui.panels.trajectories.marginals import NOTE, Marginals
from dgm_studio.gui.panels.trajectories.noising import Noised, place
from dgm_studio.gui.panels.trajectories.views_card import ViewsCard
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader

MEASURED = 500
"""Particles whose ways are measured."""
NOISED_HELPS = {
    "Mean, exact": "a(t) times the datum: where p(x at t, given the datum) is centred.",
    "Variance, exact": "s(t) squared, along each axis.",
}


class TrajectoriesReadouts(QWidget):
    """Numbers of one film."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_data = True
        stack = Stack(self, gap=10)
        stack.addWidget(SectionHeader("Film", above=0))
        self.cost = KeyValueList()
        stack.addWidget(self.cost)
        self.solver_head = SectionHeader("Solver")
        self.solver = KeyValueList()
        stack.addWidget(self.solver_head)
        stack.addWidget(self.solver)
        self.distances = Distances()
        stack.addWidget(self.distances)
        self.marginals = Marginals()
        stack.addWidget(self.marginals)
        self.paths_head = SectionHeader("Paths")
        stack.addWidget(self.paths_head)
        self.straightness = Readout(
            "Straightness", "",
            "Distance from start to end over the length of the way; mean of 500 particles, 1 is straight.",
        )  # fmt: skip
        stack.addWidget(self.straightness)
        self.views = ViewsCard()
        stack.addWidget(self.views)
        self.probe_head = SectionHeader("Start point", note="drag the ring")
        self.probe = KeyValueList()
        stack.addWidget(self.probe_head)
        stack.addWidget(self.probe)
        stack.addStretch(1)

    def clear(self) -> None:
        """Another film begins: nothing is measured yet."""
        self.distances.clear()
        self.straightness.set_value(None)

    def asks(self, count: int) -> tuple[Ask, ...]:
        """What the numbers of a whole film need."""
        return (Ask("data"), *self.distances.asks(count))

    def accept(self, picture: Picture) -> None:
        """A number has come, or what the particles are measured against."""
        if picture.ask.view == "data":
            self.marginals.show_data(picture.arrays["points"])
            return
        self.distances.accept(picture)

    def refuse(self, refusal: Refusal) -> None:
        """A number that cannot be had."""
        self.distances.refuse(refusal)

    def show_cost(self, lane: FilmLane, index: int) -> None:
        """Frames, evaluations up to the frame shown and in all, time and memory."""
        frames = lane.frames
        here = frames[index].evaluations if index < len(frames) else 0
        so_far = frames[-1].evaluations if frames else 0
        kept = f", every {ordinal(lane.every)} kept" if lane.every > 1 else ""
        self.cost.set_items(
            {
                "Frames": (f"{len(frames):,} of {lane.total:,}" if lane.making else f"{len(frames):,}") + kept,
                "Network evaluations": f"{here:,} of {so_far:,}" if so_far or not lane.whole else "none",
                "Time to make": f"{lane.seconds:.2f} s" if frames else "–",
                "Memory": f"{lane.nbytes / 2**20:.1f} of {MOST_BYTES / 2**20:.0f} MB",
            }.items()
        )

    def show_data(self, on: bool) -> None:
        """Whether there are data to be far from."""
        self._of_data = on
        self.distances.setVisible(on)
        self.marginals.head.set_note(NOTE if on else "")
        if not on:
            self.marginals.show_data(np.zeros((0, 2)))

    def show_solver(self, card: Card | None) -> None:
        """What its card claims; nothing for a family that has no solver to choose."""
        self.solver_head.setVisible(card is not None)
        self.solver.setVisible(card is not None)
        if card is None:
            return
        order = float(card.fact("order", 0.0) or 0.0)
        evaluations = float(card.fact("evaluations", 0.0) or 0.0)
        self.solver.set_items(
            {
                "Name": card.title,
                "Order": f"{order:g}" if order else "none claimed",
                "Evaluations per step": f"{evaluations:g}",
                "Fresh noise": "at every step" if card.fact("stochastic") else "none",
            }.items()
        )

    def show_forward(self, on: bool) -> None:
        """Noise that is added is not measured against data, nor are its ways."""
        for widget in (self.distances, self.paths_head, self.straightness):
            widget.setVisible(not on and (widget is not self.distances or self._of_data))

    def show_straightness(self, frames: Sequence[Frame]) -> None:
        """Measure a whole film."""
        share = straightness(np.stack([frame.x[:MEASURED] for frame in frames])) if len(frames) > 1 else None
        if share is None or not len(share):
            self.straightness.set_value(None)
            return
        doubt = 1.96 * float(share.std()) / max(1.0, len(share) ** 0.5)
        self.straightness.set_value(float(share.mean()), doubt=doubt, high=1.0)

    def show_probe(
        self, start: tuple[float, ...] | None, path: Array, index: int, noised: Noised | None = None
    ) -> None:
        """Where the dragged point (d,) of a way (F, d) starts, is and ends, or what is `noised` of it; None where the
        family cannot have one."""
        self.probe_head.setVisible(start is not None)
        self.probe.setVisible(start is not None)
        if start is None:
            return
        whole = len(path) > 0
        self.probe_head.set_caption("Chosen datum" if noised is not None else "Start point")
        if noised is not None:
            self.probe.set_items({"Datum": place(start), **noised.items()}.items())
            self.probe.set_helps(NOISED_HELPS)
            return
        self.probe.set_items(
            {
                "Starts at": place(start),
                "Is at": place(path[min(index, len(path) - 1)]) if whole else "–",
                "Ends at": place(path[-1]) if whole else "–",
            }.items()
        )


def straightness(film: Array) -> Array:
    """|x_F - x_1| / sum |x_k+1 - x_k| of each particle that moved (m,), of frames (F, n, 2); in [0, 1]."""
    ways = np.linalg.norm(np.diff(film, axis=0), axis=2).sum(axis=0)
    apart = np.linalg.norm(film[-1] - film[0], axis=1)
    return np.asarray(apart[ways > 0] / ways[ways > 0])


def ordinal(number: int) -> str:
    """2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
