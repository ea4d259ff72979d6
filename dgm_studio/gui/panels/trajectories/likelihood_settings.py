"""What a person sets in Likelihood, and a session keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dgm_studio.core.knobs import Knob
from dgm_studio.core.likelihood import PROBE_LAW, PROBES, RADEMACHER, SEED, STEPS
from dgm_studio.gui.panels.trajectories.kept_settings import KeptSettings

SOLVE_KNOBS, PROBE_KNOBS = (STEPS,), (PROBE_LAW, PROBES, SEED)
OWN_KNOBS = (*SOLVE_KNOBS, *PROBE_KNOBS)


@dataclass(frozen=True)
class Settings(KeptSettings):
    """By the names of the knobs."""

    own_knobs: ClassVar[tuple[Knob, ...]] = OWN_KNOBS
    solve_steps: int = 48
    law: str = RADEMACHER
    probes: int = 1
    seed: int = 0

    @property
    def asked(self) -> dict[str, int]:
        """What the worker is told: both laws of probes are drawn, one of them is shown in the plots."""
        return {"solve_steps": self.solve_steps, "probes": self.probes, "seed": self.seed}
