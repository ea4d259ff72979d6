"""What is left when nobody knows the network: weights that can be looked at."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate

ID, TITLE = "plain-weights", "Plain weights"


def judge(asked: Asked) -> Candidate:
    """Always, where there are tensors; with the lowest score."""
    if not asked.opened.tensors:
        return not_mine(ID, TITLE, "There are no tensors.")
    text = (
        "A plain list of weights without a description of the network that is known here. You can look at every "
        "tensor. To sample, open it with its description: the folder in which its config.json lies."
    )
    return inspected(ID, TITLE, 0.01, (text,))


CANDIDATE = Architecture(ID, TITLE, judge)
