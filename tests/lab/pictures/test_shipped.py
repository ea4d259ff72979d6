"""The autoencoders that ship: slim files that draw what they are shown."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch

from dgm_studio.core.resources import resource
from dgm_studio.data.pictures import picture_sets
from dgm_studio.families.pictures.capabilities import EncodesLatent, HasCodes
from dgm_studio.lab.native import load_pictures

AUTOENCODERS = ("fashion-vae", "fashion-vqvae")


@cache
def shown() -> torch.Tensor:
    """Training pictures (120, 784), bytes: the file of them begins with these."""
    return torch.tensor(picture_sets()["fashion-mnist"].peek(120).pixels.reshape(120, -1))


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_it_is_small_and_draws_what_it_is_shown(name: str) -> None:
    path = resource("checkpoints", f"{name}.safetensors")
    assert 1e6 < path.stat().st_size < 8e6
    opened = load_pictures(path)
    model: Any = opened.model
    x = model.seen(shown())
    assert isinstance(model, HasCodes | EncodesLatent)
    with torch.no_grad():
        drawn = model.decode_codes(model.codes(x)) if isinstance(model, HasCodes) else model.decode(model.encode(x)[0])
    error = 0.5 * float((drawn - x).square().mean().sqrt())
    # About what the file says of the held-out pictures, and far less than the mean picture's.
    assert error == pytest.approx(opened.figures["reconstruction error"], rel=0.15)
    assert error < 0.4 * 0.5 * float((x - x.mean(0)).square().mean().sqrt())


def test_samples_of_the_vae_lie_where_pictures_do() -> None:
    """Their nearest of 120 pictures is hardly farther than that of another 120 pictures: not so for a z that is not
    from the learned prior, or for noise."""
    opened = load_pictures(resource("checkpoints", "fashion-vae.safetensors"))
    model: Any = opened.model
    known = model.seen(shown())[:60]

    def away(x: torch.Tensor) -> float:
        return float(torch.cdist(x, known).amin(1).median())

    with torch.no_grad():
        samples = model.decode(model.latent_prior_draw(60, torch.Generator().manual_seed(0)))
        others = model.decode(model.encode(model.seen(shown())[60:])[0])
        wild = model.decode(3 * torch.randn((60, model.latent_dim), generator=torch.Generator().manual_seed(0)))
    assert away(samples) < 1.25 * away(others)
    assert away(samples) < away(wild)
