"""EDM's pickles (Karras et al. 2022; EDM2 2024): preconditioned denoisers in sigma-space, for inspection only."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.persistent import bars, persistent
from dgm_studio.core.inspection import Candidate, Conclusion

ID, TITLE = "edm", "EDM pickle"

CLASSES = {
    "VPPrecond": "variance preserving (DDPM++)",
    "VEPrecond": "variance exploding (NCSN++)",
    "iDDPMPrecond": "improved DDPM's discrete levels",
    "EDMPrecond": "EDM's own",
    "Precond": "EDM2's own",
}
"""Classes of the preconditioning and what they are."""

WANTED = {
    "img_resolution": "Pixels a side",
    "img_channels": "Channels",
    "label_dim": "Classes",
    "sigma_data": "σ of the data",
    "sigma_min": "Smallest σ",
    "sigma_max": "Largest σ",
    "model_type": "Network",
    "model_channels": "Width",
    "use_fp16": "Half precision",
}


def judge(asked: Asked) -> Candidate:
    """By the class' name in the pickle."""
    found = persistent(asked.opened.tree)
    own = next((one for one in found if one.class_name in CLASSES), None)
    if own is None:
        return not_mine(ID, TITLE, "It names no class of EDM's preconditioned networks.")
    kind = Conclusion("preconditioning", "Preconditioning", CLASSES[own.class_name], f"by the class {own.class_name}")
    settings = (kind, *told(own.settings, "from the object's _init_kwargs", WANTED))
    return inspected(ID, TITLE, 0.9, (bars("an EDM", len(asked.opened.tensors)),), settings)


CANDIDATE = Architecture(ID, TITLE, judge)
