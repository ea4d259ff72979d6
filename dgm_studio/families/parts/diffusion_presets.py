"""The generalized diffusion's named settings: what the papers call models."""

from __future__ import annotations

from dgm_studio.core.catalogue import Preset
from dgm_studio.families.parts.diffusion_knobs import LABELS
from dgm_studio.families.parts.times import LOG_NORMAL, LOGIT_NORMAL

PRESETS: tuple[Preset, ...] = (
    Preset(
        "flow-matching", "Flow matching", "Straight (conical) paths, the velocity learned, walked as an ODE.", "12",
        "Lipman et al., 2023",
    ),
    Preset(
        "rectified-flow", "Rectified flow", "Flow matching, trained more in the middle of the path.",
        "second course", "Liu et al., 2023; Esser et al., 2024", training={"times": LOGIT_NORMAL},
    ),
    Preset(
        "ddpm", "DDPM", "Variance-preserving noise, epsilon prediction, ancestral sampling.", "7-8",
        "Ho et al., 2020", {"path": "vp", "prediction": "epsilon"}, {}, {"solver": "ddpm", "steps": 200},
    ),
    Preset(
        "vp-sde", "VP SDE", "The score of the variance-preserving SDE, walked in reverse.", "10-11",
        "Song et al., 2021", {"path": "vp", "prediction": "score"}, {},
        {"solver": "euler-maruyama", "steps": 200},
    ),
    Preset(
        "ve-sde", "VE SDE", "The score of the variance-exploding SDE (NCSN), walked in reverse.", "10-11",
        "Song et al., 2021", {"path": "ve", "prediction": "score"}, {},
        {"solver": "euler-maruyama", "steps": 200},
    ),
    # P_mean = -1.2 and P_std = 1.2 are the paper's for data of scale 0.5; for 1.4 the mean is -1.2 + ln 2.8.
    Preset(
        "edm", "EDM", "Preconditioned denoising, log-normal noise levels, Heun steps over the power-law levels.", "11",
        "Karras et al., 2022", {"path": "edm", "prediction": "edm"},
        {"times": LOG_NORMAL, "location": 0.17, "scale": 1.2}, {"solver": "heun", "steps": 18},
    ),
    Preset(
        "cfg", "Classifier-free guidance", "Flow matching that is told labels, and guided towards them.", "9",
        "Ho and Salimans, 2022", {"classes": LABELS}, {}, {"guidance": 2.0},
    ),
)  # fmt: skip
