"""Train the checkpoints of pictures that ship: resources/checkpoints/NAME.safetensors.

    python packaging/train_pictures.py                 all of them, one after the other
    python packaging/train_pictures.py fashion-vae [--steps N] [--to FOLDER]

Seeds are fixed and one thread computes, so that the same machine writes the same weights again. Each file is slim:
averaged weights in half precision, the recipe, and figures on the held-out pictures.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value, fill
from dgm_studio.core.latents import ALIGNS
from dgm_studio.core.picture_requests import Align
from dgm_studio.core.slow import finish
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.pictures.capabilities import EncodesLatent, HasCodes, HearsCaptions
from dgm_studio.families.pictures.denoising import DenoisingFamily
from dgm_studio.families.pictures.token_pictures import TokenPictures
from dgm_studio.lab.native import SUFFIX, save
from dgm_studio.lab.picture_data import PictureData
from dgm_studio.lab.pictures.alignment import aligning
from dgm_studio.lab.pictures.picture_model import of_run
from dgm_studio.lab.pictures.scores import scoring
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import PictureScene
from dgm_studio.lab.teacher import with_teacher

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "checkpoints"
SEED = 0
JUDGED = 200
"""Held-out pictures at a time."""
ALIGNED = 200
"""Captions of held-out pictures that are drawn."""
TOKENS_JUDGED = 50
"""The same where a transformer reads their tokens."""


class Plan(NamedTuple):
    """What one checkpoint is: family, preset, set of pictures, steps, knobs that differ from the preset's, and the
    checkpoint in the same folder that its first stage comes from."""

    family: str
    preset: str
    data: str
    steps: int
    design: Mapping[str, Value] = {}
    training: Mapping[str, Value] = {}
    teacher: str = ""


PLANS: dict[str, Plan] = {
    "fashion-vqvae": Plan("vqvae", "vqvae", "fashion-mnist", 9_000, {"blocks": 5}, {"batch": 24, "ema": 0.999}),
    "fashion-masked-codes": Plan(
        "masked-codes",
        "masked-codes",
        "fashion-mnist",
        9_000,
        training={"decay": 9_000, "ema": 0.999},
        teacher="fashion-vqvae",
    ),
    "fashion-vae": Plan("vae", "vae", "fashion-mnist", 10_000, {"blocks": 3}, {"ema": 0.999}),
    "fashion-dcgan": Plan(
        "gan", "dcgan", "fashion-mnist", 9_000, {"spread": True}, {"ema": 0.999, "r1": 0.3, "learning_rate": 3e-4}
    ),
    "fashion-style-gan": Plan("gan", "style", "fashion-mnist", 6_000, training={"ema": 0.999}),
    "fashion-dit": Plan("diffusion", "dit", "fashion-mnist", 16_000, training={"ema": 0.9995}),
    "fashion-latent-flow": Plan("latent-diffusion", "latent-flow", "fashion-mnist", 11_000, teacher="fashion-vae"),
    "fashion-unet": Plan("diffusion", "unet-flow", "fashion-mnist", 8_000, training={"ema": 0.9995}),
    "fashion-autoregressive-codes": Plan(
        "autoregressive-codes",
        "autoregressive-codes",
        "fashion-mnist",
        7_000,
        training={"decay": 7_000, "ema": 0.999},
        teacher="fashion-vqvae",
    ),
    "fashion-next-scale": Plan(
        "next-scale", "next-scale", "fashion-mnist", 9_000, training={"decay": 7_000, "ema": 0.999}
    ),
    "fashion-vqvae-2": Plan(
        "vqvae-2", "vqvae-2", "fashion-mnist", 10_000, training={"batch": 4, "decay": 8_000, "ema": 0.999}
    ),
    "fashion-pixels": Plan(
        "pixel-autoregressive", "image-gpt", "fashion-mnist", 9_000, training={"decay": 9_000, "ema": 0.999}
    ),
    "glyph-text-flow": Plan("text-to-picture", "text-flow", "glyphs", 8_000, training={"batch": 32, "ema": 0.9995}),
}
"""In the order in which they need one another."""


def train(name: str, steps: int | None, folder: Path) -> None:
    """One of them, from step 0."""
    plan = PLANS[name]
    steps = steps or plan.steps
    recipe = starting_recipe(picture_families()[plan.family].entry(), plan.preset, DataSpec(plan.data), SEED)
    design, training = {**recipe.design, **plan.design}, {**recipe.training, **plan.training}
    recipe = replace(recipe, design=design, training=training)
    if plan.teacher:
        recipe = with_teacher(recipe, str(folder / f"{plan.teacher}{SUFFIX}"), own_data=True)
    run = Run(recipe)
    start = time.process_time()
    for beat in run.steps(steps):
        if beat.ends_step and beat.step % 500 == 0:
            told = {label: round(value, 4) for label, value in beat.values.items()}
            say(f"{name} step {beat.step:,} of {steps:,}, {time.process_time() - start:,.0f} s: {told}")
    run.figures = figures(run) or sample_figures(run)
    say(f"{name}: {save(run, folder / name, slim=True)} {run.figures}")


def figures(run: Run) -> dict[str, float]:
    """Of held-out pictures, where the model has these: root mean square error of reconstruction in grey levels of
    [0, 1], perplexity of the codes, ELBO in nats."""
    scene = run.scene()
    assert isinstance(scene, PictureScene)
    model: Any = scene.model
    x = model.seen(scene.held_out)
    found = {}
    if isinstance(model, HasCodes | EncodesLatent):
        squares = [(part - reconstructed(model, part)).square().mean() for part in torch.split(x, JUDGED)]
        found["reconstruction error"] = 0.5 * math.sqrt(float(torch.stack(squares).mean()))
    if isinstance(model, HasCodes):
        ids = torch.cat([model.codes(part).flatten() for part in torch.split(x, JUDGED)])
        shares = torch.bincount(ids) / len(ids)
        found["perplexity"] = float(torch.special.entr(shares).sum().exp())
    if isinstance(model, HasLogProb):
        generator = torch.Generator().manual_seed(SEED)
        sampling = fill(type(model).Sampling, {"importance_samples": 1})  # type: ignore[attr-defined]
        # Noise of a byte's width: the density of pictures so blurred bounds the probability of the bytes.
        noise = (torch.rand(x.shape, generator=generator) - 0.5) / 127.5
        elbo = float(finish(model.log_prob(x + noise, sampling, generator)).mean())
        found |= {"ELBO": elbo, "bits per dimension": math.log2(127.5) - elbo / (x.shape[1] * math.log(2))}
    if isinstance(model, TokenPictures):
        assert isinstance(run.data, PictureData)
        found |= token_costs(model, x, torch.tensor(run.data.held_labels))
    if isinstance(model, DenoisingFamily):
        assert isinstance(run.data, PictureData)
        told = torch.tensor(model.conditions(run.data.held_labels, run.data.held_told))
        held = zip(torch.split(x, JUDGED), torch.split(told, JUDGED), strict=True)
        generator = torch.Generator().manual_seed(SEED)
        found["held-out loss"] = float(torch.cat([model.loss_of(*part, generator) for part in held]).mean())
    if isinstance(model, HearsCaptions):
        found |= alignment_figures(run)
    return {label: round(value, 4) for label, value in found.items()}


def alignment_figures(run: Run) -> dict[str, float]:
    """How well drawn pictures go with their captions, beside real ones, where a joint embedding of such ships."""
    opened = of_run(run)
    if ALIGNS not in opened.can:
        return {}
    points = [
        one for one in aligning(opened, Align("", gammas=(1.0, 3.0), count=ALIGNED, seed=SEED)) if one is not None
    ]
    drawn = {f"alignment at γ = {one.gamma:g}": one.value for one in points}
    return {**drawn, "alignment of real pictures": points[-1].real}


def sample_figures(run: Run) -> dict[str, float]:
    """Of a model that reads no pictures: what its samples are like, on the classifier's features."""
    scores = [score for score in scoring(of_run(run), SEED) if score is not None]
    return {score.title: round(score.value, 4) for score in scores}


def token_costs(model: TokenPictures, x: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Nats a token of held-out pictures (n, dim)."""
    generator, totals = torch.Generator().manual_seed(SEED), dict[str, torch.Tensor]()
    for part, own in zip(torch.split(x, TOKENS_JUDGED), torch.split(labels, TOKENS_JUDGED), strict=True):
        for label, pair in model.held_out(part, own, generator).items():
            totals[label] = totals.get(label, torch.zeros(2)) + pair
    return {label: float(pair[0] / pair[1]) for label, pair in totals.items()}


@torch.no_grad()
def reconstructed(model: HasCodes | EncodesLatent, x: torch.Tensor) -> torch.Tensor:
    """What the decoder makes of the code of flat pictures (n, dim)."""
    return model.decode_codes(model.codes(x)) if isinstance(model, HasCodes) else model.decode(model.encode(x)[0])


def say(line: str) -> None:
    """A line at once, also into a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """See the file's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *PLANS], metavar="NAME")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--to", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.to.mkdir(parents=True, exist_ok=True)
    for name in options.names or PLANS:
        train(name, options.steps, options.to)


if __name__ == "__main__":
    main()
