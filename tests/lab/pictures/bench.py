"""Small models of pictures on disk, opened by a desk, and asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from dgm_studio.core.knobs import Value
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.picture_requests import OpenPictures
from dgm_studio.core.reports import Answer, Failure, Report
from dgm_studio.core.requests import Request
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.native import save
from dgm_studio.lab.pictures.picture_task import PictureTask
from dgm_studio.lab.run import Run
from tests.pictures import picture_recipe

KINDS: dict[str, tuple[str, dict[str, Value]]] = {
    "vae": ("vae", {}),
    "plane": ("vae", {"latent": 2}),
    "gan": ("gan", {"styles": True, "mapping": 1}),
    "codes": ("vqvae", {"codes": 8, "code_dim": 2}),
    "prior": ("masked-codes", {"codes": 8, "code_dim": 2, "token_width": 8, "token_layers": 1}),
    "flow": ("diffusion", {"layers": 1}),
    "words": ("text-to-picture", {"text_width": 8, "text_layers": 1, "patch": 1}),
    "latent-flow": ("latent-diffusion", {"flow_layers": 1, "flow_width": 8}),
}
"""A family and what makes it small, of each kind of model."""


def kept(kind: str, folder: Path, steps: int = 2) -> Path:
    """A checkpoint of that kind."""
    family, design = KINDS[kind]
    recipe = picture_recipe(family, design)
    run = Run(replace(recipe, sampling={**recipe.sampling, **({"steps": 3} if "steps" in recipe.sampling else {})}))
    shaken = torch.Generator().manual_seed(1)
    with torch.no_grad():  # a layer that begins at zero, as that of the class does, would hide what goes through it
        for weight in run.model.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=shaken))
    run.fit.restart_average()
    for _ in run.steps(steps):
        pass
    run.figures = {"reconstruction error": 0.25}
    return save(run, folder / kind)


def opened(desk: Desk, source: str, lane: str = "p") -> tuple[PictureTask, PictureModelReport]:
    """The lane's task and what it says first."""
    request = OpenPictures(lane, source)
    for _ in desk.prepare(request):
        pass
    task, (report,) = desk.open(request)
    assert isinstance(task, PictureTask)
    assert isinstance(report, PictureModelReport)
    return task, report


def told(task: PictureTask, request: Request) -> list[Report]:
    """All that a request makes it say."""
    said: list[Any] = list(task.receive(request))
    return said + [one for one in task.watch() or () if one is not None]


def answer(task: PictureTask, request: Request) -> Any:
    """The value of the one answer, or the sentence of the one failure."""
    (one,) = told(task, request)
    if isinstance(one, Failure):
        assert one.request == request.id
        return one.sentence
    assert isinstance(one, Answer)
    assert one.request == request.id
    return one.value
