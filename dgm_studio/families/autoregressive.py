"""The autoregressive model: one coordinate after another, each given those before it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.extent import Extent
from dgm_studio.families.parts.heads import GAUSSIANS, HEADS, LOGISTICS, SOFTMAX, head
from dgm_studio.families.showing import Bars, Fact
from dgm_studio.nets.init import uniform_
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

FORWARD, BACKWARD = "forward", "backward"
CHUNK = 2048


@dataclass(frozen=True)
class Design:
    """What is built."""

    head: str = knob(GAUSSIANS, "Conditional", "The law of one coordinate given those before it.", choices=HEADS)
    components: int = knob(
        8, "Components", "Bells in each conditional.", low=1, high=64, log=True, when=("head", (GAUSSIANS, LOGISTICS))
    )
    bins: int = knob(
        48,
        "Bins",
        "Bins of each conditional over the data's box.",
        low=2,
        high=256,
        log=True,
        when=("head", (SOFTMAX,)),
    )
    order: int = knob(
        8, "Markov order", "How many coordinates before it each one sees; 0 makes all of them independent.",
        low=0, high=8,
    )  # fmt: skip
    axes: str = knob(
        FORWARD, "Order of the axes", "Which coordinate comes first; the model is another, the data's law is not.",
        choices=(
            Choice(FORWARD, "x, then y", "From the first column to the last."),
            Choice(BACKWARD, "y, then x", "From the last column to the first."),
        ),
    )  # fmt: skip
    width: int = knob(128, "Width", "Hidden units per layer of each conditional's network.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers of each conditional's network.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(512)
    ema: float = gradient_knobs.ema(0.995)
    clip: float = gradient_knobs.clip(10.0)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    temperature: float = knob(
        1.0, "Temperature", "Below 1 each draw keeps to what is likely, above 1 it strays.", low=0.05, high=2.0
    )


class Table(nn.Module):
    """The numbers of a coordinate that sees none before it: parameters in place of a network."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.raw = nn.Parameter(torch.empty(outputs))

    def fill(self, generator: torch.Generator) -> None:
        """Near 0: the head's own start."""
        uniform_(self.raw, 0.1, generator)

    def forward(self, x: Tensor) -> Tensor:
        """The same row (n, outputs) for every x (n, 0)."""
        return self.raw.expand(len(x), -1)


class Autoregressive(Family):
    """log p(x) = sum_j log p(x_j | x_{j-d}, ..., x_{j-1}), d the Markov order (lecture 1); the loss is -E log p(x).

    Each conditional has a network of its own (a table where it sees nothing). Coordinates are measured in the data's
    box, which settles at the first beat, and anew when data leave it: a binned softmax has no density outside.
    """

    card = Card(
        id="autoregressive",
        title="Autoregressive model",
        summary="The chain rule: p(x₁), then p(x₂ given x₁); sampled one coordinate at a time.",
        lecture="1",
        paper="Bengio and Bengio, 2000",
        formula="p(x) = Π_j p(x_j | x_{1:j-1})",
        shows=("log_prob", "facts", "bars"),
        facts=(
            ("loss", "L = −E Σ_j log p(x_j | x_{1:j-1})"),
            ("kin", "AR"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "autoregressive", "Autoregressive", "Each conditional is a mixture of eight Gaussians.", "1",
            "Bishop, 1994; Bengio and Bengio, 2000",
        ),
        Preset(
            "binned-autoregressive", "Binned softmax", "Classification of bins, as PixelRNN does with grey levels.",
            "1", "van den Oord et al., 2016", {"head": SOFTMAX},
        ),
        Preset(
            "logistic-autoregressive", "Mixture of logistics", "The head of PixelCNN++, on continuous values.", "1",
            "Salimans et al., 2017", {"head": LOGISTICS},
        ),
        Preset(
            "independent", "Independent coordinates", "Markov order 0: the product of the marginals, and its ghosts.",
            "1", "Bengio and Bengio, 2000", {"order": 0},
        ),
    )  # fmt: skip
    log_prob_kind = "exact"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.box = Extent(dim)
        self.head = head(design.head, design.bins, design.components)
        self.nets = nn.ModuleList(self._network(seen) for seen in (min(k, design.order) for k in range(dim)))

    def _network(self, seen: int) -> nn.Module:
        if seen == 0:
            return Table(self.head.outputs)
        return MLP(seen, self.head.outputs, self.design.width, self.design.layers)

    # The model.

    def turn(self, k: int) -> int:
        """The column that is drawn k-th."""
        return k if self.design.axes == FORWARD else self.dim - 1 - k

    def _raw(self, u: Tensor, k: int) -> Tensor:
        """The k-th conditional's numbers (n, outputs), given places u (n, d) of which only the earlier are read."""
        seen = [self.turn(i) for i in range(max(0, k - self.design.order), k)]
        raw: Tensor = self.nets[k](4 * u[:, seen] - 2)  # near unit scale, as networks like it
        return raw

    def log_conditionals(self, x: Tensor) -> Tensor:
        """log p(x_j | those before it) (n, d) in nats, in the order in which they are drawn; differentiable."""
        u = self.box.to_unit(x)
        found = []
        for k in range(self.dim):
            column = self.turn(k)
            found.append(self.head.log_density(self._raw(u, k), u[:, column]) - self.box.size[column].log())
        return torch.stack(found, 1)

    def conditional(self, x: Tensor, axis: int, values: Tensor) -> Tensor:
        """p(x_axis = values | the columns before it as in x) (m,) on a lattice values (m,), for one point x (d,)."""
        k = self.turn(axis)  # going through the columns backwards is its own inverse
        raw = self._raw(self.box.to_unit(x[None]), k).expand(len(values), -1)
        side = self.box.size[axis]
        return self.head.log_density(raw, (values - self.box.low[axis]) / side).exp() / side

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of maximum likelihood."""
        self.box.settle(fit.points)
        losses = -self.log_conditionals(fit.batch()).sum(1)
        loss = losses.mean()
        fit.note(losses=losses)
        fit.descend(loss)
        return {"negative log-likelihood": loss.detach()}

    # Sampling and density.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform in the data's box, (n, d): the quantile of each coordinate within its bin or component."""
        return self.box.draw(n, generator)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The start, then one coordinate after another takes its drawn value; t = k / d is the share drawn."""
        yield State(0.0, start)
        place = self.box.to_unit(start)
        u = place.clone()
        for k in range(self.dim):
            column = self.turn(k)
            u = u.clone()
            u[:, column] = self.head.draw(self._raw(u, k), place[:, column], sampling.temperature, generator)
            yield State((k + 1) / self.dim, self.box.from_unit(u), evaluations=k + 1)

    def frames(self, sampling: Any) -> int:
        """The start, and the state after each coordinate."""
        return self.dim + 1

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p(x) (n,) in nats, exact; only at t = 1. The temperature, a change of the sampler, is not in it."""
        refuse_noised(self.card, t)
        return (yield from self._log_conditionals(x)).sum(1)

    def _log_conditionals(self, x: Tensor) -> Generator[None, None, Tensor]:
        found = []
        for part in torch.split(x, CHUNK):
            with torch.no_grad():
                found.append(self.log_conditionals(part))
            yield
        return torch.cat(found)

    # What it shows.

    def names(self) -> tuple[str, ...]:
        """Each conditional in the order of drawing, as it is written."""
        out = []
        for k in range(self.dim):
            seen = [f"x{self.turn(i) + 1}" for i in range(max(0, k - self.design.order), k)]
            out.append(f"x{self.turn(k) + 1}" + (f" | {', '.join(seen)}" if seen else ""))
        return tuple(out)

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """What each coordinate costs given those before it: the chain rule of -log p."""
        cost = -(yield from self._log_conditionals(points)).mean(0)
        return Bars(
            "Chain rule", cost, self.names(), note=f"-log p(x) = {float(cost.sum()):.3f} nats, coordinate by coordinate"
        )

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Likelihood, and its parameters beside a full table's: the curse of dimensionality and the way round it."""
        log_p = yield from self.log_prob(points, sampling, generator)
        own = sum(weight.numel() for weight in self.parameters())
        bins, dim = self.design.bins, self.dim
        seen = [min(k, self.design.order) for k in range(dim)]
        table = sum((bins - 1) * bins**k for k in seen)
        return (
            Fact("Factors", " · ".join(f"p({name})" for name in self.names()), "In the order of drawing."),
            Fact("Log-likelihood", f"{float(log_p.mean()):.3f} nats", "Average log p(x) of the training points."),
            Fact("Parameters", f"{own:,}", "Weights of all conditionals."),
            Fact(
                "Tables would need", f"{table:,}" if table < 10**6 else f"{table:.1e}",
                f"Free numbers of the same factors as plain tables of {bins} bins an axis; all of p(x) in one: "
                f"{bins}^{dim} - 1.",
            ),
        )  # fmt: skip


FAMILY = Autoregressive
