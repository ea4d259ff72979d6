"""Lecture 14's comparison of the families, beside what this race measured."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label

COLUMNS = ("likelihood", "training", "sampling", "best for")
ROWS = {
    "AR": ("✓", "stable CE", "slow (sequential)", "text / discrete"),
    "NF": ("✓", "tricky architecture", "fast (1 step)", "exact density, OOD"),
    "VAE": ("lower bound", "stable ELBO", "fast (1 step)", "latent modelling"),
    "GAN": ("✗", "unstable / minimax", "fast (1 step)", "sharp images"),
    "Diffusion": ("bound / est.", "stable", "slow (many steps)", "high fidelity + diversity"),
    "FM / ODE": ("est. / bound", "stable", "medium–fast", "fewer steps + theory"),
    "Discr. diff.": ("bound / CE-like", "stable", "iterative", "sequences + bidirectional gen"),
}
"""Lecture 14, "Comparison Cheat-Sheet", parts 1 and 2, by the row's name, which is a family's card fact "kin"."""


class CheatSheet(QWidget):
    """A few lines for each run; a family outside the lecture's table says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=8)
        self.lines: list[Label] = []

    def set_runs(self, runs: Sequence[tuple[str, str]]) -> None:
        """(title, kin) of each run."""
        for label in self.lines:
            self._stack.removeWidget(label)
            label.hide()
            label.deleteLater()
        self.lines = [Label(_text(place, *run), 11.5, 400, "dim", wrap=True) for place, run in enumerate(runs)]
        for label in self.lines:
            self._stack.addWidget(label)


def kin_of(entry: FamilyEntry, recipe: Recipe) -> str:
    """The lecture's row for a run, "" where it has none: a diffusion along straight paths is its flow matching."""
    kin = str(entry.card.fact("kin", ""))
    return "FM / ODE" if kin == "Diffusion" and recipe.design.get("path") == "straight" else kin


def _text(place: int, title: str, kin: str) -> str:
    row = ROWS.get(kin)
    if row is None:
        return f"{place + 1}  {title}: not in the lecture's table"
    words = ", ".join(f"{column} {cell}" for column, cell in zip(COLUMNS, row, strict=True))
    return f"{place + 1}  {title} ({kin}): {words}"
