"""Masked autoregressive flow, and its inverse: Gaussian autoregressive layers with MADE networks, stacked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.parts.flow import Flow, Layer, Sampling, Training, bounded_log_scale
from dgm_studio.families.showing import Fact
from dgm_studio.nets.made import MADE

MASKED, INVERSE = "maf", "iaf"

TIMED, REPEATS = 2000, 3
"""Points that are timed in each direction, and how often: the fastest counts."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    direction: str = knob(
        MASKED, "Direction", "Which way takes one pass of each network; the other takes one pass a coordinate.",
        choices=(
            Choice(MASKED, "MAF", "mu and sigma see the data x: density in one pass, sampling in d."),
            Choice(INVERSE, "IAF", "mu and sigma see the noise z: sampling in one pass, density (and training) in d."),
        ),
    )  # fmt: skip
    blocks: int = knob(8, "Flow layers", "Autoregressive layers; every second reverses the order.", low=1, high=16)
    width: int = knob(64, "Width", "Hidden units of each layer's network.", low=8, high=512, log=True)
    layers: int = knob(2, "Hidden layers", "Hidden layers of each network.", low=1, high=6)


Affine = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Noise or data, mu and log sigma, each (n, k), to the other side (n, k)."""


def expand(z: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """x = mu + sigma z."""
    return mu + log_sigma.exp() * z


def shrink(x: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """z = (x - mu) / sigma."""
    return (x - mu) * (-log_sigma).exp()


class Autoregressive(nn.Module):
    """u_j = (y_j - mu_j(y_1 .. y_{j-1})) / sigma_j(y_1 .. y_{j-1}): one pass for u, one pass a coordinate for y.

    Its Jacobian du/dy is triangular, so log|det du/dy| = -sum log sigma_j (Papamakarios et al., 2017, equations 3 to
    5). With `reverse` the coordinates are taken from the last to the first. MAF: y is nearer to the data. IAF
    (Kingma et al., 2016): y and u change places and the affine map is inverted, x_j = mu_j(z_<j) + sigma_j(z_<j) z_j.
    """

    def __init__(self, dim: int, width: int, layers: int, *, inverse: bool, reverse: bool) -> None:
        super().__init__()
        self.inverse, self.reverse = inverse, reverse
        self.passes = 1 if inverse else dim
        self.net = MADE(dim, 2, width, layers)

    def to_data(self, z: Tensor) -> Tensor:
        """One layer from noise towards data, (n, d)."""
        return (self._see_all(z, expand) if self.inverse else self._see_one_by_one(z, expand))[0]

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Its inverse (n, d), and log|det dz/dx| = -sum log sigma (n,)."""
        z, log_sigma = self._see_one_by_one(x, shrink) if self.inverse else self._see_all(x, shrink)
        return z, -log_sigma.sum(1)

    def parameters_at(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """mu and log sigma (n, d) of every coordinate given those before it, one pass."""
        mu, raw = self.net(y)
        return mu, bounded_log_scale(raw)

    def _see_all(self, y: Tensor, affine: Affine) -> tuple[Tensor, Tensor]:
        """The other side and log sigma (n, d), where the networks see what is given: one pass."""
        y = self._ordered(y)
        mu, log_sigma = self.parameters_at(y)
        return self._ordered(affine(y, mu, log_sigma)), log_sigma

    def _see_one_by_one(self, u: Tensor, affine: Affine) -> tuple[Tensor, Tensor]:
        """The other side and log sigma (n, d), where the networks see what is sought: d passes.

        Pass j knows coordinates before j, and gives the next; the rest are zeros that the masks hide.
        """
        u = self._ordered(u)
        found, log_sigmas = u[:, :0], u[:, :0]
        for j in range(u.shape[1]):
            mu, log_sigma = self.parameters_at(F.pad(found, (0, u.shape[1] - j)))
            found = torch.cat([found, affine(u[:, j : j + 1], mu[:, j : j + 1], log_sigma[:, j : j + 1])], dim=1)
            log_sigmas = torch.cat([log_sigmas, log_sigma[:, j : j + 1]], dim=1)
        return self._ordered(found), log_sigmas

    def _ordered(self, x: Tensor) -> Tensor:
        """x in this layer's order of the coordinates, or back from it: the same reversal."""
        return x.flip(1) if self.reverse else x


class MAF(Flow):
    """Stacked Gaussian autoregressive layers, trained by maximum likelihood in both directions.

    An IAF is made for variational inference, where its own samples are all it must score; trained by likelihood on
    data, as here, it pays d passes in every step. That is the lesson of the two timings.
    """

    card = Card(
        id="maf",
        title="Autoregressive flow (MAF)",
        summary="Each coordinate is a Gaussian given those before it; layers in turn reverse the order.",
        lecture="2",
        paper="Papamakarios et al., 2017; Kingma et al., 2016; Germain et al., 2015",
        formula="x_j = sigma_j(x_<j) z_j + mu_j(x_<j)",
        shows=("log_prob", "transport", "facts", "bars"),
        facts=(
            ("loss", "L = −E log p(x)"),
            ("kin", "NF"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "maf", "MAF", "Density in one pass, sampling one coordinate after the other.", "2",
            "Papamakarios et al., 2017",
        ),
        Preset(
            "iaf", "IAF", "Sampling in one pass, density one coordinate after the other.", "2",
            "Kingma et al., 2016", {"direction": INVERSE},
        ),
        Preset(
            "gaussian-ar", "One autoregressive layer", "x_2 is a Gaussian given x_1: why layers are stacked.", "2",
            "Germain et al., 2015", {"blocks": 1},
        ),
    )  # fmt: skip

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.blocks = nn.ModuleList(
            Autoregressive(
                dim, design.width, design.layers, inverse=design.direction == INVERSE, reverse=bool(k % 2)
            )
            for k in range(design.blocks)
        )  # fmt: skip

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """The first coordinate has nothing before it: with one column no weight would be used."""
        if dim >= 2:
            return ""
        return "In one column no coordinate comes before another; choose data with at least two, or the linear flow."

    def layers(self) -> list[Autoregressive]:
        """The layers from noise to data."""
        return [block for block in self.blocks if isinstance(block, Autoregressive)]

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Both directions timed on 2,000 points drawn by the flow itself, in ms of wall time, the fastest of three."""
        z = self.prior(TIMED, generator)
        there, back = [], []
        for _ in range(REPEATS):
            x, spent = yield from _timed([layer.to_data for layer in self.layers()], z)
            there.append(spent)
            _, spent = yield from _timed([_only_point(layer) for layer in reversed(self.layers())], x)
            back.append(spent)
        one, many = "1 pass", f"{self.dim} passes"
        iaf = self.design.direction == INVERSE
        return (
            Fact(
                f"Density of {TIMED:,} points", f"{many if iaf else one}, {1e3 * min(back):.1f} ms",
                "Passes of each layer's network from data to noise; every training step takes as many.",
            ),
            Fact(
                f"Sampling {TIMED:,} points", f"{one if iaf else many}, {1e3 * min(there):.1f} ms",
                "Passes of each layer's network from noise to data; one a coordinate where they must wait in turn.",
            ),
        )  # fmt: skip


def _only_point(layer: Layer) -> Callable[[Tensor], Tensor]:
    return lambda x: layer.to_noise(x)[0]


def _timed(maps: list[Callable[[Tensor], Tensor]], x: Tensor) -> Generator[None, None, tuple[Tensor, float]]:
    """x carried through the maps in order and the seconds they took; a yield after each is not counted."""
    spent = 0.0
    for carry in maps:
        begun = perf_counter()
        with torch.no_grad():
            x = carry(x)
        spent += perf_counter() - begun
        yield
    return x, spent


FAMILY = MAF
