"""Meta's flow_matching examples: model, optimizer, lr_schedule, epoch, scaler, args; for inspection only."""

from __future__ import annotations

from collections.abc import Mapping

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate

ID, TITLE = "meta-flow-matching", "Flow matching (Meta's examples)"
KEYS = {"model", "optimizer", "lr_schedule", "epoch", "args"}

WANTED = {
    "dataset": "Data",
    "class_drop_prob": "Labels dropped",
    "skewed_timesteps": "Times drawn skewed",
    "edm_schedule": "EDM's time grid",
    "use_ema": "Average",
    "cfg_scale": "Guidance",
    "ode_method": "Solver",
    "discrete_flow_matching": "Discrete",
}


def judge(asked: Asked) -> Candidate:
    """By the keys of the file and the settings in `args`."""
    tree = asked.opened.tree
    if not isinstance(tree, Mapping) or not tree.keys() >= KEYS:
        return not_mine(ID, TITLE, "The file's keys are not model, optimizer, lr_schedule, epoch, args.")
    settings = tuple(told(asked.config, "from the file's args", WANTED))
    reasons = (
        "The file's keys are those of Meta's training program; the settings were read from args.",
        "An ordinary differential equation from noise (t = 0) to data (t = 1).",
    )
    return inspected(ID, TITLE, 0.6, reasons, settings)


CANDIDATE = Architecture(ID, TITLE, judge)
