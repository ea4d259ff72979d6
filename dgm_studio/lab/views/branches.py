"""Where the run's other branches ended, by the numbers that the present one is judged by."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Left, Scene
from dgm_studio.lab.views.coverage import VIEW as COVERAGE
from dgm_studio.lab.views.distance import VIEW as DISTANCE
from dgm_studio.lab.views.once import newest
from dgm_studio.lab.views.view import Shown, View


class BranchesView(View):
    """A line (title, "W2 · coverage", help) for each branch that was left, of ask.count samples at its end.

    Samples, data and directions are drawn as for the present one, so that only the models differ. A branch that was
    left stands still: it is measured once.
    """

    card: ClassVar[Card] = Card("branches", "Branches", "The other courses of this run, where they were left.")

    def refuses(self, scene: Scene, ask: Ask) -> str:
        return "" if scene.left else "This run has one course: go back and continue from there to have another."

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        lines = []
        for one in scene.left:
            slot, key = ("branch", one.title), (one.end, scene.sampling, ask.count)
            text = yield from newest(scene.data_memo, slot, key, lambda one=one: _measured(one, ask))  # type: ignore[misc]
            why = f"Sliced W2 and coverage of {ask.count:,} samples where that branch was left, at step {one.step:,}."
            lines.append((one.title, text, why))
        return Shown({}, lines=tuple(lines))


def _measured(one: Left, ask: Ask) -> Generator[None, None, str]:
    scene, said = one.scene(), []
    yield
    for view in (DISTANCE, COVERAGE):
        if view.refuses(scene, ask):
            continue
        numbers = (yield from view.compute(scene, ask)).numbers
        if "sliced_w2" in numbers:
            said.append(f"{numbers['sliced_w2']:.2f} ± {(numbers['high'] - numbers['low']) / 2:.2f}")
        elif "modes" in numbers:
            said.append(f"{int(numbers['covered'])} of {int(numbers['modes'])}")
        else:
            said.append(f"{100 * numbers['recall']:.0f} %")
    return " · ".join(said)


VIEW = BranchesView()
