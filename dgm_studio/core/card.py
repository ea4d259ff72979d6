"""Cards: what can be known of a thing without running it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Card:
    """Title, source and abilities of a family, a data set, a path, a solver, a view or a measure.

    `lecture` is the course's lecture, e.g. "12" or "7-9"; `paper` is "Lipman et al., 2023".
    `shows` are capability names (see families/capabilities.py); `needs` are those a solver or view asks for.
    `facts` holds the few numbers that belong to the kind, e.g. a solver's order.
    """

    id: str
    title: str
    summary: str
    lecture: str = ""
    paper: str = ""
    formula: str = ""
    shows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    facts: tuple[tuple[str, float | str | bool], ...] = ()

    def fact(self, name: str, default: float | str | bool | None = None) -> float | str | bool | None:
        """The fact of that name, or the default."""
        return dict(self.facts).get(name, default)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON with an `id`, as `dgm-studio list ... --json` prints it."""
        return {**asdict(self), "facts": dict(self.facts)}
