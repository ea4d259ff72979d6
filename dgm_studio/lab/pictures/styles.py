"""Mixed styles: each layer of a style-modulated generator has the style of its own seed (Karras et al., 2019)."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import Styled
from dgm_studio.core.seed_plane import Blend
from dgm_studio.families.pictures.capabilities import DecodesLatent, HasStyles
from dgm_studio.lab.pictures.picture_model import PictureModel


@torch.no_grad()
def styled(opened: PictureModel, seeds: tuple[Blend, ...], truncation: float) -> Styled:
    """The picture whose layers have the styles of these blends of seeds, each pulled to the mean style by
    psi = `truncation`, and its activations after each layer."""
    model = opened.model
    if not isinstance(model, HasStyles) or not isinstance(model, DecodesLatent):
        raise Refused(f"{opened.title} has no styles. Open a GAN that was built with style modulation.")
    layers = model.style_layers
    if len(seeds) != len(layers):
        raise Refused(f"{len(seeds)} seeds are given; the generator has {len(layers)} layers, each needs one.")
    if not 0.0 <= truncation <= 2.0:
        raise Refused(
            f"The truncation is {truncation:g}; choose 0 (the mean style) to 1 (the style itself), at most 2."
        )
    own = {blend: model.style(blended(opened, blend)) for blend in set(seeds)}
    pulled = torch.stack([model.truncated(own[blend], truncation) for blend in seeds])
    pictures, activations = model.synthesise(pulled)
    shown = tuple(frozen(np.array(one[0].float().cpu().numpy())) for one in activations)
    return Styled(opened.shown(pictures), shown)


def blended(opened: PictureModel, blend: Blend) -> Tensor:
    """z (1, k) of a blend of seeds: sum w_i z_i / sqrt(sum w_i^2), standard normal as every z_i is."""
    size = math.sqrt(sum(weight * weight for _, weight in blend))
    if not size:
        raise Refused("A blend of seeds needs a weight that is not 0.")
    return torch.stack([opened.latents.drawn(1, seed) * (weight / size) for seed, weight in blend]).sum(dim=0)
