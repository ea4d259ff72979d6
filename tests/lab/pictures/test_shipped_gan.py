"""The GANs that ship: many kinds of clothes, and in one of them a style for each layer."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.resources import resource
from dgm_studio.families.pictures.capabilities import HasStyles
from dgm_studio.lab.native import load_pictures
from dgm_studio.lab.pictures.classifier import classifier_of


@pytest.mark.parametrize(("name", "layers"), [("fashion-dcgan", 1), ("fashion-style-gan", 5)])
def test_it_draws_many_kinds_of_clothes(name: str, layers: int) -> None:
    path = resource("checkpoints", f"{name}.safetensors")
    assert path.stat().st_size < 8e6
    opened = load_pictures(path)
    assert isinstance(opened.model, HasStyles)
    model: Any = opened.model
    assert len(opened.model.style_layers) == layers
    samples = model.sampled(200, model.Sampling(), torch.Generator().manual_seed(1))
    judge = classifier_of("fashion-mnist", PictureShape(*model.shape))
    assert judge is not None
    shares = torch.bincount(judge.classes_of(samples), minlength=10) / len(samples)
    assert float(torch.special.entr(shares).sum().exp()) > 5  # as many classes, if they were equally frequent
    assert opened.figures["Precision on features"] > 0.5
