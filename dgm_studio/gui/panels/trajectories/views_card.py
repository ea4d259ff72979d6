"""Read-outs of what is drawn of a film: the two parts of a step, the error to the exact path, whom one follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.film import Frame
from dgm_studio.gui.layers.step_arrows import Parts
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.section import SectionHeader

MOST_NAMED = 3
"""Modes that are named; the others are counted together."""


class ViewsCard(QWidget):
    """Each part is shown while there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.parts: dict[str, tuple[SectionHeader, KeyValueList]] = {}
        for title, note in (("Step", "of the frame shown"), ("Path error", "to the exact path"), ("Followed", "")):
            self.parts[title] = SectionHeader(title, note=note), KeyValueList()
            for widget in self.parts[title]:
                stack.addWidget(widget)
                widget.hide()

    def show_step(self, parts: Parts | None) -> None:
        """How long drift and noise of the step are."""
        lines = {}
        if parts is not None:
            drift, noise = (np.linalg.norm(one, axis=1) for one in (parts.drift, parts.noise))
            lines = {"Mean drift": f"{drift.mean():.3g}", "Mean noise": f"{noise.mean():.3g}"}
        self._show("Step", lines)

    def show_error(self, here: float | None, end: float | None, busy: bool, seen: bool) -> None:
        """Root mean square distance at the frame shown, and at the end."""
        waiting = "…" if busy else "–"
        lines = {
            "rms here": waiting if here is None else f"{here:.3g}",
            "rms at the end": waiting if end is None else f"{end:.3g}",
        }
        self._show("Path error", lines if seen else {})

    def show_followed(
        self, followed: Array | None, frames: Sequence[Frame], modes: Array | None, straightness: float | None
    ) -> None:
        """How many, where from, where to."""
        lines = {}
        if followed is not None and frames and len(followed) == len(frames[0].x):
            first, last = (frames[k].x[followed][:, :2].mean(axis=0) for k in (0, -1))
            lines = {
                "Particles": f"{int(followed.sum()):,} of {len(followed):,}",
                "Start on average": _place(first),
                "End on average": _place(last),
                "Straightness": "–" if straightness is None else f"{straightness:.2f}",
            }
            if modes is not None and len(modes) == len(followed):
                lines |= _modes(modes[followed])
        self._show("Followed", lines)

    def _show(self, title: str, lines: dict[str, str]) -> None:
        header, facts = self.parts[title]
        facts.set_items(lines.items())
        for widget in (header, facts):
            widget.setVisible(bool(lines))


def _modes(which: Array) -> dict[str, str]:
    """At which modes most of them end, and which share: {"End at mode 3": "62 %", "End at others": "8 %"}."""
    modes, counts = np.unique(which, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    shares = 100 * counts[order] / len(which)
    said = {
        f"End at mode {modes[k] + 1}": f"{share:.0f} %" for k, share in zip(order[:MOST_NAMED], shares, strict=False)
    }
    rest = shares[MOST_NAMED:].sum()
    return {**said, "End at others": f"{rest:.0f} %"} if rest > 0 else said


def _place(point: Array) -> str:
    return f"({', '.join(f'{one:.2f}' for one in point)})".replace("-", "\N{MINUS SIGN}")
