"""A kept moment of a token film: all that going on from it, or looking at it otherwise, needs."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from dgm_studio.core.unmasking import TokenStep
from dgm_studio.solvers.unmasking.reading import Reading


@dataclass(frozen=True, eq=False)
class Pick:
    """A position chosen by hand; `token` -1 is drawn."""

    position: int
    token: int = -1


@dataclass(frozen=True, eq=False)
class Change:
    """What a chain does in one step: `ids` (L,) after it, the positions `revealed` and `remasked`, the place in the
    schedule, what the network was asked: `rows` (m, V), its logits at positions `asked` (m,); `called` where it was
    a new call. `share` is the noise rate after the step, where masks do not tell it."""

    ids: Tensor
    revealed: Tensor
    remasked: Tensor
    asked: Tensor
    rows: Tensor
    stage: int
    local: int
    called: bool = True
    note: str = ""
    share: float | None = None


@dataclass(frozen=True, eq=False)
class Moment:
    """After a step: `ids` and `locked` (L,), the next place in the schedule, the generator's state, `certainty` (L,) of
    each token when it was restored (before temperature). `asked` and `rows` are the logits of the step that led here
    (None where they were let go), `since` (L,) the step whose logits each position's reading is of (-1: none).
    """

    ids: Tensor
    locked: Tensor
    stage: int
    local: int
    generator: Tensor
    certainty: Tensor
    since: Tensor
    asked: Tensor
    rows: Tensor | None
    reading: Reading
    told: TokenStep

    @property
    def still(self) -> bool:
        """Whether the step changed nothing, so that what it asked the network holds for the next."""
        return len(self.asked) > 0 and len(self.told.revealed) + len(self.told.remasked) == 0
