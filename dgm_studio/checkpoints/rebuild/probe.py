"""The probe: what a network predicts, asked of itself, where no file says it.

The slope of its output on its input, over all entries, is at the (noisiest, cleanest) time 1 and about 0 for the noise,
0 and 1 for the clean sample, 0 and 0 for v; of flows +1 and -1 for noise minus data, -1 and +1 for data minus noise
(CHECKPOINTS.md 1.5, found on an exact 8-Gaussian posterior). Slopes, not correlations: at the noisy end the clean
sample and v hardly vary. The clean end is asked with pictures that the network draws itself under the hypothesis that
is tried: only if that is true are they like its data.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import (
    EPSILON,
    NOISE_TO_DATA,
    SAMPLE,
    V_PREDICTION,
    VELOCITY,
    Denoiser,
    Discrete,
    Flow,
    Rebuilt,
)

MARGIN = 0.5
"""How far the best hypothesis must lie before the next one; below it nothing is said."""
NEAR = 0.45
"""How far the slope of a true hypothesis may lie from the one that it promises."""
SEEN = 0.15
"""The least slope of a v network's output on v itself near the clean end."""
PICTURES, POINTS, STEPS = 4, 256, 8
"""Examples that are drawn, of pictures and of points, and the steps of a draw."""
ALMOST_CLEAN = 0.98
"""alphas_cumprod at which the clean end is asked."""
ASSUMED = "assumed"


@dataclass(frozen=True)
class Probed:
    """`prediction` is what the slopes say, "" where they say nothing; `noisy` is the slope at the noisiest time,
    `clean` that at the cleanest (by hypothesis, where it was asked)."""

    prediction: str
    noisy: float
    clean: dict[str, float]

    @property
    def sentence(self) -> str:
        """For the badge: where the conclusion comes from."""
        clean = f", {self.clean[self.prediction]:.2f} clean" if self.prediction in self.clean else ""
        return f"probe (strong: slope {self.noisy:.2f} noisy{clean})"


def settled(rebuilt: Rebuilt) -> Generator[None, None, Rebuilt]:
    """The model with the probe's prediction in place of an assumed one, where the probe is sure; else as it is."""
    told = next((one for one in rebuilt.settings if one.name == "prediction"), None)
    if not isinstance(rebuilt, Denoiser) or told is None or not told.source.startswith(ASSUMED):
        return rebuilt
    found = yield from probing(rebuilt, torch.Generator().manual_seed(0))
    if found is None or not found.prediction:
        return rebuilt
    own = replace(told, value=found.prediction, source=found.sentence)
    settings = tuple(own if one is told else one for one in rebuilt.settings)
    return replace(rebuilt, prediction=found.prediction, settings=settings)


def probing(rebuilt: Denoiser, generator: torch.Generator) -> Generator[None, None, Probed | None]:
    """What the network predicts by its slopes, one evaluation a slice; None for EDM, whose prediction is known."""
    shape, schedule = rebuilt.points or rebuilt.shape, rebuilt.schedule
    pixels = shape.height * shape.width
    count = PICTURES if pixels > 1 else POINTS
    device = next((one.device for one in rebuilt.net.parameters()), torch.device("cpu"))
    noise = torch.randn((count, shape.channels, shape.height, shape.width), generator=generator).to(device)
    labels = torch.full((count,), rebuilt.null, device=device, dtype=torch.int64)

    def ask(x: Tensor, told: float) -> Tensor:
        with torch.no_grad():
            out = rebuilt.predict(x, torch.full((count,), told, device=device), labels)
        return out[:, : shape.channels]

    if isinstance(schedule, Flow):
        noisy = slope(ask(noise, schedule.scale * float(schedule.reversed)), noise)
        yield
        return Probed(_nearest({VELOCITY: abs(noisy - 1), NOISE_TO_DATA: abs(noisy + 1)}), noisy, {})
    if not isinstance(schedule, Discrete):
        return None
    left = schedule.alphas_cumprod
    noisy = slope(ask(noise, (len(left) - 1) * schedule.scale), noise)
    yield
    if noisy > 1 - NEAR:
        return Probed(EPSILON, noisy, {})
    if abs(noisy) > NEAR:
        return Probed("", noisy, {})
    index = int(np.abs(np.asarray(left) - ALMOST_CLEAN).argmin())
    fresh = torch.randn(noise.shape, generator=generator).to(device)
    clean, seen = {}, False
    a, s = float(left[index]) ** 0.5, (1 - float(left[index])) ** 0.5
    for hypothesis in (SAMPLE, V_PREDICTION):
        drawn = yield from _drawn(hypothesis, ask, noise, schedule)
        x = a * drawn + s * fresh
        out = ask(x, index * schedule.scale)
        clean[hypothesis] = slope(out, x)
        # No slope at either end says v, and so does a network that has learnt nothing: v also follows the noise.
        seen = hypothesis == V_PREDICTION and slope(out, a * fresh - s * drawn) > SEEN
        yield
    misses = {SAMPLE: abs(clean[SAMPLE] - 1), V_PREDICTION: abs(clean[V_PREDICTION])}
    found = _nearest(misses)
    return Probed("" if found == V_PREDICTION and not seen else found, noisy, clean)


def slope(out: Tensor, x: Tensor) -> float:
    """cov(out, x) / var(x) over all entries of each channel together, (n, c, h, w)."""
    over = (0, 2, 3)
    x, out = (one - one.mean(dim=over, keepdim=True) for one in (x, out))
    return float((out * x).sum() / x.square().sum().clamp(min=1e-12))


def _nearest(misses: dict[str, float]) -> str:
    """The hypothesis with the smallest miss, "" where it is not near, or the next one is nearly as near."""
    first, second = sorted(misses, key=lambda name: misses[name])[:2]
    return first if misses[first] < NEAR and misses[second] - misses[first] > MARGIN else ""


def _drawn(
    hypothesis: str, ask: Callable[[Tensor, float], Tensor], noise: Tensor, schedule: Discrete
) -> Generator[None, None, Tensor]:
    """Clean samples from `noise` by a few steps of DDIM (Song et al., 2021) under the hypothesis."""
    left = np.asarray(schedule.alphas_cumprod, dtype=np.float64)
    places = np.linspace(len(left) - 1, 0, STEPS).round().astype(int)
    x, clean = noise, noise
    for at, place in enumerate(places):
        a, s = float(left[place]) ** 0.5, (1 - float(left[place])) ** 0.5
        out = ask(x, place * schedule.scale)
        clean = (out if hypothesis == SAMPLE else a * x - s * out).clamp(-4, 4)
        after = float(left[places[at + 1]]) if at + 1 < len(places) else 1.0
        x = after**0.5 * clean + (1 - after) ** 0.5 * (x - a * clean) / s
        yield
    return clean
