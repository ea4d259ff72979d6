"""The figures of a model of pictures, one by one: what it reconstructs, how likely it finds, how it draws."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import CLASSES, Score
from dgm_studio.data.laws.points_law import PointsLaw
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.families.parts.elbo_surgery import Surgery, surgery
from dgm_studio.families.pictures.capabilities import EncodesLatent, HasCodes
from dgm_studio.families.vae import VAE
from dgm_studio.lab.pictures.drawing import drawing, how_many
from dgm_studio.lab.pictures.judge import finding_judge
from dgm_studio.lab.pictures.latent_space import TOGETHER
from dgm_studio.lab.pictures.nearest import finding
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.lab.pictures.teaching_classifier import judging
from dgm_studio.measures.frechet import MEASURE as FRECHET
from dgm_studio.measures.measure import Measure
from dgm_studio.measures.measuring import Asked, measuring
from dgm_studio.measures.precision import MEASURE as PRECISION
from dgm_studio.measures.recall import MEASURE as RECALL

WIDE = 1.96
"""Standard errors to either side that make 95 %."""
LOOKED = 2_000
"""Training pictures whose codes make up the aggregated posterior."""
MOST = 1_000
"""Held-out pictures that samples are compared with: as many others are left for the floor."""
JUDGED_BY = "on features of a small classifier taught on these data (this is no FID: that has another network)"

Telling = Generator[Score | None, None, None]

COMPARED: tuple[tuple[Measure, str, str], ...] = (
    (FRECHET, "Fréchet distance on features", f"Squared, between samples and held-out pictures, {JUDGED_BY}."),
    (PRECISION, "Precision on features", f"Share of samples within reach of held-out pictures, {JUDGED_BY}."),
    (RECALL, "Recall on features", f"Share of held-out pictures within reach of samples, {JUDGED_BY}."),
)


def scoring(opened: PictureModel, seed: int = 0) -> Generator[Score | None, None, None]:
    """Each figure as it becomes known, None for each slice; the same id again with its interval and floor.

    Held-out pictures are judged where there are any, else training pictures. Refused where the data are not here.
    """
    data, model = opened.pictures, opened.model
    held = torch.tensor(np.array(data.held_out if len(data.held_out) else data.points[: 2 * MOST]), device=model.device)
    labels = torch.tensor(np.array(data.held_labels if len(data.held_out) else data.labels[: 2 * MOST]))
    parts: list[tuple[int, Telling]] = []
    if isinstance(model, HasCodes | EncodesLatent):
        parts.append((1, _reconstruction(model, model.seen(held))))
    if isinstance(model, HasLogProb):
        parts.append((2, _likelihood(model, model.seen(held), opened.sampling, seed)))
    if isinstance(model, VAE):
        learnt = torch.tensor(np.array(data.points[:LOOKED]), device=model.device)
        parts.append((3, _surgery(model, model.seen(learnt), seed)))
    told = CLASSES in opened.can
    judged = len(COMPARED) + told if data.shape.classes > 1 else 0
    parts.append((1 + judged, _samples(opened, held, labels, seed, told)))
    total, known = sum(count for count, _ in parts), set[str]()
    for _, part in parts:
        for score in part:
            if score is not None:
                known.add(score.id)
            yield None if score is None else replace(score, done=len(known), total=total)


def _reconstruction(model: HasCodes | EncodesLatent, held: Tensor) -> Telling:
    """Root mean square error, its interval by that of the mean square."""
    squares = []
    for x in torch.split(held, TOGETHER):
        with torch.no_grad():
            again = model.decode_codes(model.codes(x)) if isinstance(model, HasCodes) else model.decode(
                model.encode(x)[0]
            )  # fmt: skip
        squares.append((again - x).square().mean(1) / 4)  # a grey level of [0, 1] is half of one of [-1, 1]
        yield None
    low, middle, high = mean_interval(torch.cat(squares))
    yield _score(
        "reconstruction", "Reconstruction error", math.sqrt(middle), math.sqrt(max(low, 0.0)), math.sqrt(high),
        "grey levels", "Root mean square between held-out pictures and their reconstructions; black is 0, white 1.",
        len(held),
    )  # fmt: skip


def _likelihood(model: Any, held: Tensor, sampling: Any, seed: int) -> Telling:
    """log p or its bound of pictures with uniform noise of a byte's width, whose density bounds the probability of the
    bytes (Theis et al., 2016): in nats a picture, and in bits a dimension, log2(127.5) - nats / (dim log 2)."""
    generator = torch.Generator(held.device).manual_seed(seed)
    noise = torch.rand(held.shape, generator=generator, device=held.device) - 0.5
    bound = model.log_prob_kind == "bound"
    if hasattr(sampling, "importance_samples"):
        sampling = replace(sampling, importance_samples=1)
    slow = model.log_prob(held + noise / 127.5, sampling, generator)
    while True:
        try:
            next(slow)
        except StopIteration as end:
            nats: Tensor = end.value
            break
        yield None
    low, middle, high = mean_interval(nats)
    whose = "ELBO, a bound of log p(x)," if bound else f"log p(x) ({model.log_prob_kind})"
    title = "ELBO" if bound else "Log-likelihood"
    yield _score(
        "likelihood", title, middle, low, high, "nats",
        f"Mean {whose} of held-out pictures, as a density of numbers in [−1, 1]; larger is better.", len(held),
    )  # fmt: skip
    least, most, usual = (math.log2(127.5) - one / (held.shape[1] * math.log(2)) for one in (high, low, middle))
    yield _score(
        "bits", "Bits per dimension", usual, least, most, "bits",
        f"What a pixel's byte costs at most by this {title}: 8 is no model at all, smaller is better.", len(held),
    )  # fmt: skip


def _surgery(model: VAE, points: Tensor, seed: int) -> Telling:
    """The ELBO of training pictures in its three parts (Hoffman and Johnson, 2016), the same draws in each."""
    slow = surgery(model, points, torch.Generator(points.device).manual_seed(seed), rows=model.rows)
    while True:
        try:
            next(slow)
        except StopIteration as end:
            found: Surgery = end.value
            break
        yield None
    whole = f"ELBO {found.elbo:.2f} = {found.reconstruction:.2f} − {found.mutual_information:.2f} − "
    whole += f"{found.marginal_kl:.2f} nats, of {found.n:,} training pictures."
    for id, title, value, help in (
        ("surgery-reconstruction", "ELBO: reconstruction", found.reconstruction, "Mean log p(x|z), z from q(z|x)."),
        ("surgery-information", "ELBO: mutual information", found.mutual_information,
         f"What z tells of which picture it encodes; at most log n = {math.log(found.n):.2f}."),
        ("surgery-marginal", "ELBO: marginal KL", found.marginal_kl,
         "KL of these pictures' codes together from the prior; n pictures leave gaps, which it counts too."),
    ):  # fmt: skip
        yield _score(id, title, value, math.nan, math.nan, "nats", f"{help} {whole}", found.draws)


def _samples(opened: PictureModel, held: Tensor, labels: Tensor, seed: int, told: bool) -> Telling:
    """What is of samples: features compared, classes met, and how near the training pictures are."""
    data, device = opened.pictures, opened.model.device
    samples, asked = yield from drawing(opened, how_many(opened), seed, told)
    judge = yield from finding_judge(opened.recipe.data_now(), data, device)
    if judge is not None:
        real, of_real = yield from judging(judge.net, held)
        drawn, of_drawn = yield from judging(judge.net, samples.to(device))
        if told:
            right, usual = (found.argmax(1).cpu() == own for found, own in ((of_drawn, asked), (of_real, labels)))
            yield _share("in-class", "Samples in their class", right, float(usual.double().mean()))
        for measure, title, help in COMPARED:
            yield from _compared(measure, title, help, (real, drawn), seed)
    _, apart = yield from finding(samples.numpy(), data.points, 1)
    _, usual_apart = yield from finding(held[:MOST].cpu().numpy(), data.points, 1)
    low, middle, high = _median(apart[:, 0])
    yield _score(
        "nearest", "Distance to the nearest training picture", middle, low, high, "grey levels",
        "Median over samples of the root mean square distance; far below that of held-out ones the model copies.",
        len(samples), float(np.median(usual_apart)) if len(data.held_out) else math.nan,
    )  # fmt: skip


def _compared(measure: Measure, title: str, help: str, features: tuple[Tensor, Tensor], seed: int) -> Telling:
    """A measure of the features (n, k) of held-out pictures and of samples; where it has no value, why."""
    id = measure.card.id
    try:
        names = ("The held-out pictures' features", "The samples' features")
        p, q = (PointsLaw(one.double().cpu().numpy(), name) for one, name in zip(features, names, strict=True))
        for found in measuring(measure, Asked(p, q, MOST, seed)):
            if found is None:
                yield None
                continue
            low, high = (found.low, found.high) if found.bounded else (math.nan, math.nan)
            floor = math.nan if found.floor is None else found.floor
            yield _score(id, title, found.value, low, high, "", help, found.n, floor)
    except Refused as refusal:  # samples that are all one picture have no spread to compare
        yield _score(id, title, math.nan, math.nan, math.nan, "", str(refusal), len(features[1]))


def _share(id: str, title: str, right: Tensor, floor: float) -> Score:
    """A share with Wilson's interval (1927)."""
    n, share = len(right), float(right.double().mean())
    middle = (share + WIDE**2 / (2 * n)) / (1 + WIDE**2 / n)
    half = WIDE / (1 + WIDE**2 / n) * math.sqrt(share * (1 - share) / n + (WIDE / (2 * n)) ** 2)
    help = "Share of samples that the classifier puts in the class that was asked for."
    return _score(id, title, share, middle - half, middle + half, "", help, n, floor)


def mean_interval(values: Tensor) -> tuple[float, float, float]:
    """Low, mean and high of a 95 % interval."""
    numbers = values.detach().double().cpu()
    middle = float(numbers.mean())
    half = WIDE * float(numbers.std()) / math.sqrt(len(numbers)) if len(numbers) > 1 else math.nan
    return middle - half, middle, middle + half


def _median(values: Array) -> tuple[float, float, float]:
    """Low, median and high: order statistics whose ranks hold the median with 95 %."""
    ordered, n = np.sort(values), len(values)
    half = WIDE * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return float(ordered[low]), float(np.median(ordered)), float(ordered[high])


def _score(
    id: str, title: str, value: float, low: float, high: float, unit: str, help: str, n: int, floor: float = math.nan
) -> Score:
    return Score(id, title, value, low, high, floor, unit, help, n, 0, 0)
