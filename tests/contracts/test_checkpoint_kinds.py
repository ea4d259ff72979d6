"""Claims over every architecture: what is said to run is rebuilt and answers; what bars sampling bars it."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Denoiser, Masked, Rebuilt
from dgm_studio.core.inspection import MATCH, NOTHING, RefusedFile
from dgm_studio.lab.checkpoints.rebuilding import rebuilders, rebuilding
from tests.checkpoints.fixtures import made

RUN = {
    "torch-zip": "plain-mlp",
    "lucidrains": "lucidrains-unet",
    "torchcfm": "guided-unet",
    "dcgan": "pytorch-dcgan",
    "diffusers-ddpm": "diffusers-unet2d",
    "diffusers-dit": "diffusers-dit",
    "diffusers-vq": "diffusers-autoencoder",
    "diffusers-unet1d": "diffusers-unet1d",
    "transformers-bert": "transformers-masked",
}
"""A file for each architecture that runs."""

DO_NOT = ("with-nan", "optimizer-only", "lora", "k-diffusion", "gguf", "edm-pickle", "whole-module", "npy")
"""Files of which nothing can be sampled."""


def rebuilt(name: str) -> Rebuilt:
    going = rebuilding(made(name), {}, "cpu")
    while True:
        try:
            next(going)
        except StopIteration as done:
            found: Rebuilt = done.value
            return found


@pytest.mark.parametrize("name", RUN)
def test_what_is_said_to_run_runs(name: str) -> None:
    best = inspect(made(name)).best
    assert best is not None
    assert best.id == RUN[name]
    assert best.verdict == MATCH
    assert best.makes != NOTHING
    assert best.id in rebuilders()
    model = rebuilt(name)
    assert not [one for one in model.net.parameters() if one.is_meta]
    assert not [one for one in model.net.modules() if one.training and not list(one.children())]
    with torch.no_grad():
        answers(model)


def answers(model: Rebuilt) -> None:
    """What comes out has the shape that was promised, and is finite."""
    if isinstance(model, Denoiser):
        shape = model.points or model.shape
        x = torch.zeros(2, shape.channels, shape.height, shape.width)
        out = model.predict(x, torch.full((2,), 0.5), torch.full((2,), model.null))
        assert out.shape[0] == 2
        assert out.shape[1] in (shape.channels, 2 * shape.channels)
        assert out.shape[2:] == x.shape[2:]
        assert bool(out.isfinite().all())
    elif isinstance(model, Decoder):
        out = model.decode(torch.zeros(2, model.latent))
        assert out.shape == (2, model.shape.channels, model.shape.height, model.shape.width)
        assert bool(out.isfinite().all())
    else:
        assert isinstance(model, Masked)
        logits = model.logits(torch.full((1, min(5, model.length)), model.mask))
        assert logits.shape[-1] == len(model.words)


@pytest.mark.parametrize("name", DO_NOT)
def test_what_cannot_be_sampled_says_why(name: str) -> None:
    with pytest.raises(RefusedFile) as refusal:
        rebuilt(name)
    assert refusal.value.sentence.endswith(".")
