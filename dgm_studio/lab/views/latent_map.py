"""Where the encoder puts the data: posterior means and widths in the latent plane."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasLatent
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.view import Shown, View

MOST = 400


class LatentMapView(View):
    """means (n, 2) and stds (n, 2) of q(z | x) for 400 training points with their labels (n,): the two widest latent
    axes (one axis: the second column is 0)."""

    card: ClassVar[Card] = Card(
        "latent_map", "Latent map", "Posterior means and one-sigma ellipses of the data.", "3-4", needs=("latent",)
    )

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        model = scene.model
        if not isinstance(model, HasLatent):
            raise Refused(self.refuses(scene, ask))
        mean, log_variance = model.encode(scene.points[:MOST])
        std = (0.5 * log_variance).exp().expand_as(mean)
        yield
        if mean.shape[1] == 1:
            mean, std = (torch.cat([part, torch.zeros_like(part)], dim=1) for part in (mean, std))
        widest = mean.var(dim=0).topk(2).indices.sort().values
        labels = frozen(scene.labels[:MOST].cpu().numpy().astype(np.int64))
        note = "" if mean.shape[1] == 2 else f"axes {int(widest[0]) + 1} and {int(widest[1]) + 1} of {mean.shape[1]}"
        return Shown({"means": plain(mean[:, widest]), "stds": plain(std[:, widest]), "labels": labels}, note=note)


VIEW = LatentMapView()
