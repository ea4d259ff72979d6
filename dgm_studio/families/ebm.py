"""The energy-based model: an unnormalised density, trained by contrastive divergence."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.box import Box
from dgm_studio.families.showing import Fact, Push
from dgm_studio.nets.mlp import ACTIVATIONS, MLP
from dgm_studio.solvers.langevin import langevin, shown_steps
from dgm_studio.solvers.solver import State

PERSISTENT, FROM_DATA, EXACT = "persistent", "from-data", "exact"

SMOOTH = tuple(choice for choice in ACTIVATIONS if "relu" not in choice.id)
"""The force -grad E of a piecewise linear energy would be piecewise constant: Langevin dynamics wants it smooth."""

CHUNK = 4096
"""Points whose energies are computed together, well under 50 ms."""

NODES = 48
"""Quadrature nodes per axis of the exact gradient."""

FRAMES, ARROWS = 60, 200


@dataclass(frozen=True)
class Design:
    """What is built."""

    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    activation: str = knob("silu", "Activation", "A smooth one, for the gradient of E is walked along.", choices=SMOOTH)
    buffer: int = knob(
        4096, "Replay buffer", "Chains that are kept from step to step (Du and Mordatch, 2019).",
        low=16, high=65536, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(8e-4)
    batch: int = gradient_knobs.batch(256, "Data and negatives per step.")
    negatives: str = knob(
        PERSISTENT, "Negatives", "Where the model's own points in the gradient of log Z come from.",
        choices=(
            Choice(PERSISTENT, "Replay buffer", "Chains that go on where they stood (persistent CD: Tieleman, 2008)."),
            Choice(FROM_DATA, "From data (CD-k)", "Chains that start at the batch itself (Hinton, 2002)."),
            Choice(EXACT, "Quadrature", "No chains: the exact gradient of log Z, summed over a grid of 48 per axis."),
        ),
    )  # fmt: skip
    chain_steps: int = knob(
        15, "Langevin steps", "Steps each chain takes between two gradients: the k of CD-k.",
        low=1, high=200, log=True, when=("negatives", (PERSISTENT, FROM_DATA)),
    )  # fmt: skip
    chain_step: float = knob(
        0.005, "Chain step size", "h of the chains: x + (h / 2) force + sqrt(h) noise.",
        low=1e-5, high=0.5, log=True, when=("negatives", (PERSISTENT, FROM_DATA)),
    )  # fmt: skip
    chain_noise: float = knob(
        1.0, "Chain noise", "Factor of the noise; 1 is Langevin dynamics, 0 plain descent of the energy.",
        low=0.0, high=2.0, when=("negatives", (PERSISTENT, FROM_DATA)),
    )  # fmt: skip
    reinit: float = knob(
        0.01, "Restart share", "Chains of a step that start anew in the box; many lift the energy far out without end.",
        low=0.0, high=1.0, when=("negatives", (PERSISTENT,)),
    )  # fmt: skip
    regularisation: float = knob(
        0.01, "Energy penalty", "alpha (E(data)^2 + E(negatives)^2) keeps energies near 0 (Du and Mordatch, 2019).",
        low=0.0, high=10.0,
    )  # fmt: skip
    clip: float = gradient_knobs.clip(0.0)
    ema: float = gradient_knobs.ema(0.999)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled, and how its partition function is summed."""

    steps: int = knob(300, "Steps", "Langevin steps from points uniform in the box.", low=1, high=1000, log=True)
    step_size: float = knob(0.005, "Step size", "h: x + (h / 2) force + sqrt(h) noise.", low=1e-5, high=0.5, log=True)
    noise: float = knob(1.0, "Noise", "1 samples the density, 0 descends to the nearest mode.", low=0.0, high=2.0)
    nodes: int = knob(
        64, "Quadrature nodes", "Per axis of the box, for the partition function Z.", low=16, high=256, log=True
    )


class EBM(Family):
    """p(x) = exp(-E(x)) / Z inside a box, 0 outside; Z = integral of exp(-E) over the box (lecture 6).

    grad of -E log p = E_data grad E - E_model grad E, the second mean over points of Langevin dynamics that is
    reflected at the walls. The box and the replay buffer are state: they are set from the data at the first beat, and
    again when data come that lie outside.
    """

    card = Card(
        id="ebm",
        title="Energy-based model",
        summary="An energy landscape pulled down at the data and pushed up where its own chains go.",
        lecture="6",
        paper="Du and Mordatch, 2019; Hinton, 2002",
        formula="p(x) = exp(-E(x)) / Z",
        shows=("log_prob", "energy", "facts", "push"),
        facts=(
            ("loss", "L = E_data E(x) − E_model E(x) + λ (E_data E(x)² + E_model E(x)²)"),
            ("push", "Force on the chains"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "ebm", "EBM, replay buffer", "Persistent chains, a few Langevin steps each.", "6",
            "Du and Mordatch, 2019",
        ),
        Preset(
            "cd-k", "EBM, CD-k", "Chains start at the data: far from them nothing lifts the energy.", "6",
            "Hinton, 2002", training={"negatives": FROM_DATA},
        ),
        Preset(
            "exact-gradient", "EBM, exact gradient", "Maximum likelihood by quadrature: what the chains aim at.", "6",
            "LeCun et al., 2006", training={"negatives": EXACT},
        ),
    )  # fmt: skip
    log_prob_kind = "quadrature"

    chains: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.net = MLP(dim, 1, design.width, design.layers, design.activation)
        self.box = Box(dim)
        self.register_buffer("chains", torch.empty(design.buffer, dim))

    def fill(self, generator: torch.Generator) -> None:
        """Chains uniform in the box as it is before data are seen."""
        self.box.fill(generator)
        self.chains.copy_(self.box.draw(len(self.chains), generator))

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Quadrature is for the plane."""
        return "" if dim <= 2 else "The partition function is summed on a grid; choose data of one or two columns."

    def energy(self, x: Tensor) -> Tensor:
        """E(x) (n,) at points x (n, d)."""
        out: Tensor = self.net(x)
        return out.squeeze(1)

    def force(self, x: Tensor) -> Tensor:
        """-grad E (n, d), the score of p inside the box; without a graph."""
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self.energy(at).sum(), at)
        return -slope

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Data down, negatives up."""
        x = fit.batch()
        self._settle(x, fit)
        negatives = self._negatives(x, fit)
        energies = self.energy(torch.cat((x, negatives)))
        data, model = energies[: len(x)], energies[len(x) :]
        # Nodes of a grid are weighted by their probability, so that the gradient is the likelihood's own.
        exact = fit.training.negatives == EXACT
        weight = torch.softmax(-model.detach(), 0) if exact else torch.full_like(model, 1 / len(model))
        gap = data.mean() - (weight * model).sum()
        loss = gap + fit.training.regularisation * (data.square().mean() + (weight * model.square()).sum())
        fit.descend(loss)
        return {"loss": loss.detach(), "energy gap": gap.detach()}

    def _settle(self, x: Tensor, fit: Fit) -> None:
        """Set the box from the data, and chains uniform in it, the first time and when a batch lies outside."""
        inside = bool(self.box.settled) and bool(self.box.holds(x).all())
        if not inside and self.box.settle(fit.points):
            self.chains.copy_(self.box.draw(len(self.chains), fit.generator))

    def _negatives(self, x: Tensor, fit: Fit) -> Tensor:
        """The model's points (m, d) for one gradient; those of the replay buffer go back to it."""
        training = fit.training
        if training.negatives == EXACT:
            return self.box.nodes(NODES)[0]
        if training.negatives == FROM_DATA:
            return self._walked(x, fit)
        which = torch.randperm(len(self.chains), generator=fit.generator, device=x.device)[: len(x)]
        start = self.chains[which]
        fresh = fit.uniform(len(start)) < training.reinit
        start = torch.where(fresh[:, None], self.box.draw(len(start), fit.generator), start)
        ended = self._walked(start, fit)
        self.chains[which] = ended
        return ended

    def _walked(self, start: Tensor, fit: Fit) -> Tensor:
        training = fit.training
        sizes = [training.chain_step] * training.chain_steps
        for visit in self._chain(start, sizes, fit.generator, training.chain_noise):
            start = visit.x
        return start

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform in the box, (n, d)."""
        return self.box.draw(n, generator)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Langevin dynamics from start (n, d), at most 61 of its states; t = k / steps is no time of the clock."""
        sizes = [sampling.step_size] * sampling.steps
        frames = set(shown_steps(sampling.steps, FRAMES))
        for k, visit in enumerate(self._chain(start, sizes, generator, sampling.noise)):
            if k in frames:
                yield State(k / sampling.steps, visit.x, evaluations=min(k + 1, sampling.steps))

    def frames(self, sampling: Any) -> int:
        """The start and at most 60 later states."""
        return len(shown_steps(sampling.steps, FRAMES))

    def _chain(self, start: Tensor, sizes: list[float], generator: torch.Generator, noise: float) -> Iterator[Any]:
        return langevin(lambda x, _: self.force(x), start, sizes, generator, noise=noise, inside=self.box.reflect)

    # Density.

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """-E(x) - log Z (n,) in nats inside the box, -inf outside; Z by the midpoint rule. Only at t = 1."""
        refuse_noised(self.card, t)
        log_z = yield from self.log_partition(sampling.nodes)
        energies = yield from self._energies(x)
        return torch.where(self.box.holds(x), -energies - log_z, -torch.inf)

    def log_partition(self, nodes: int) -> Generator[None, None, Tensor]:
        """log Z, 0-d, in nats: the midpoint rule on `nodes` cells per axis, spectrally accurate where p is smooth and
        gone at the walls."""
        x, log_cell = self.box.nodes(nodes)
        energies = yield from self._energies(x)
        return torch.logsumexp(-energies, 0) + log_cell

    def _energies(self, x: Tensor) -> Generator[None, None, Tensor]:
        found = []
        for part in torch.split(x, CHUNK):
            with torch.no_grad():
                found.append(self.energy(part))
            yield
        return torch.cat(found)

    # Showing.

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """log Z, the likelihood, and the energies that training holds against each other."""
        log_z = float((yield from self.log_partition(sampling.nodes)))
        data = float((yield from self._energies(points)).mean())
        chains = float((yield from self._energies(self.chains)).mean())
        box = " × ".join(f"[{a:g}, {b:g}]" for a, b in zip(self.box.low.tolist(), self.box.high.tolist(), strict=True))
        return (
            Fact("log Z", f"{log_z:.3f}", "The partition function over the box, by quadrature, in nats."),
            Fact("Log-likelihood", f"{-data - log_z:.3f} nats", "Mean over the training points: -E - log Z."),
            Fact("Energy of the data", f"{data:.3f}", "Mean E over the training points."),
            Fact("Energy of the chains", f"{chains:.3f}", "Mean E over the replay buffer, the model's own points."),
            Fact("Energy gap", f"{data - chains:+.3f}", "Data minus chains: 0 where the two have settled."),
            Fact("Box", box, "The density is zero outside."),
        )

    def push(self, points: Tensor, t: float, sampling: Any, generator: torch.Generator) -> Generator[None, None, Push]:
        """The force -grad E at chains of the replay buffer."""
        x = self.chains[:ARROWS].clone()
        yield
        return Push(x, self.force(x), f"-grad E at {len(x)} chains of the replay buffer")


FAMILY = EBM
