"""k-diffusion's training files: the whole configuration inside, the denoiser in sigma-space; for inspection only."""

from __future__ import annotations

from collections.abc import Mapping

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate, Conclusion

ID, TITLE = "k-diffusion", "k-diffusion denoiser"
TYPES = ("image_v1", "image_v2", "image_transformer_v1", "image_transformer_v2")

WANTED = {
    "type": "Network",
    "input_size": "Pixels a side",
    "input_channels": "Channels",
    "num_classes": "Classes",
    "sigma_data": "σ of the data",
    "sigma_min": "Smallest σ",
    "sigma_max": "Largest σ",
    "loss_config": "Loss",
    "has_variance": "Predicts a variance",
}


def judge(asked: Asked) -> Candidate:
    """By the configuration's `model.type`."""
    model = asked.config.get("model")
    if not isinstance(model, Mapping) or model.get("type") not in TYPES:
        return not_mine(ID, TITLE, "It carries no configuration whose model.type is one of k-diffusion's.")
    size = model.get("input_size")
    if isinstance(size, list) and size:
        model = {**model, "input_size": " x ".join(map(str, size))}
    settings = [*told(model, "from the file's config", WANTED)]
    if not any(one.name == "sigma_data" for one in settings):
        settings.append(Conclusion("sigma_data", WANTED["sigma_data"], 1.0, "k-diffusion's default"))
    reasons = (
        f"The file's config says model.type = {model['type']}.",
        "The settings and every tensor can be looked at; this network cannot be run here.",
    )
    return inspected(ID, TITLE, 0.8, reasons, tuple(settings))


CANDIDATE = Architecture(ID, TITLE, judge)
