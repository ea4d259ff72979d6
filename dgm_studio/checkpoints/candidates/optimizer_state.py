"""Files that hold an optimiser's state and no weights (guided-diffusion's opt010000.pt)."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.wrappers import MOMENTS
from dgm_studio.core.inspection import Candidate

ID, TITLE = "optimizer-state", "State of an optimiser"


def judge(asked: Asked) -> Candidate:
    """Moments and nothing else."""
    names = asked.opened.tensors
    moments = [name for name in names if name.rpartition(".")[2] in MOMENTS]
    if not moments or asked.tensors:
        return not_mine(ID, TITLE, "It holds more than an optimiser's moments." if moments else "It holds no moments.")
    text = (
        f"{len(moments):,} of {len(names):,} tensors are an optimiser's moments: training goes on from them, "
        "nothing is made from them. The weights are in another file beside it (model010000.pt, ema_0.9999_010000.pt)."
    )
    return inspected(ID, TITLE, 0.7, (text,))


CANDIDATE = Architecture(ID, TITLE, judge)
