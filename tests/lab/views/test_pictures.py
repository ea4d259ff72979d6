"""What a training of pictures shows: samples from the same noise, held-out pictures beside their reconstructions."""

from __future__ import annotations

import numpy as np
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.lab.run import Run
from dgm_studio.lab.watcher import show

SAMPLES, AGAIN = Ask("picture_samples", count=5), Ask("reconstructions", count=4)


def run(family: str, design: dict[str, object]) -> Run:
    """A tiny model of forty grey pictures of 8 x 8."""
    pixels = np.random.default_rng(0).integers(0, 255, (40, 1, 8, 8), dtype=np.uint8)
    own = PictureSet(pixels, np.zeros(40, dtype=np.int64), (), "tiny", "made by hand")
    return Run(Recipe(family, "", design, {"batch": 4}, {}, DataSpec("tiny", pictures=own), 3), "cpu")  # type: ignore[arg-type]


def shown(model: Run, ask: Ask) -> Picture:
    *_, last = show(model.scene(), ask)
    assert isinstance(last, Picture)
    return last


def test_samples_come_from_the_same_noise_and_change_with_the_model() -> None:
    model = run("vae", {"latent": 3, "width": 8, "blocks": 1, "prior": "standard"})
    first = shown(model, SAMPLES).arrays["pictures"]
    assert first.shape == (5, 1, 8, 8)
    assert first.dtype == np.uint8
    assert (shown(model, SAMPLES).arrays["pictures"] == first).all()
    for _ in model.steps(3):
        pass
    assert (shown(model, SAMPLES).arrays["pictures"] != first).any()


def test_reconstructions_are_decoded_codes_of_held_out_pictures() -> None:
    model = run("vqvae", {"codes": 8, "code_dim": 4, "width": 8, "blocks": 1})
    picture = shown(model, AGAIN)
    real, made = picture.arrays["pictures"], picture.arrays["reconstructed"]
    assert real.shape == made.shape == (4, 1, 8, 8)
    scene = model.scene()
    assert all(any((row == one.ravel()).all() for row in scene.held_out.numpy()) for one in real)  # type: ignore[attr-defined]
    with torch.no_grad():
        x = scene.model.seen(torch.tensor(real.reshape(4, -1)))
        again = scene.model.decode_codes(scene.model.codes(x))  # type: ignore[operator]
    assert (to_bytes(again.numpy()).reshape(made.shape) == made).all()
    assert np.isclose(picture.numbers["error"], np.sqrt(np.mean((real / 255.0 - made / 255.0) ** 2)))


def test_a_generator_without_an_encoder_says_why_it_reconstructs_nothing() -> None:
    *_, last = show(run("gan", {"latent": 4, "width": 8}).scene(), AGAIN)
    assert isinstance(last, Refusal)
    assert "no encoder" in last.reason
