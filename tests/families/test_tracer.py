"""The tracer: what it captures is what torch computes, and a beat that is looked at is the beat it would have been."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.modules import module as torch_module

from dgm_studio.core.errors import Diverged
from dgm_studio.families.fit import Fit
from dgm_studio.families.tracer import Descent, Tracer
from dgm_studio.lab.run import Run
from dgm_studio.nets.adam import EPSILON
from tests.lab.recipes import assert_same, go_beats, small

LEARNED = ["diffusion", "gan", "vae", "realnvp"]


class ByHand(Exception):
    """Carries the gradients out of the beat."""


class Backwards(Fit):
    """Where a Fit would descend, torch's other way to the gradient: backward(), read from .grad."""

    def descend(self, loss: Tensor, group: str = "main", rate: float | None = None) -> None:
        self.model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        raise ByHand


def traced(run: Run) -> Tracer:
    tracer = Tracer()
    with tracer.watching(run.fit):
        next(run.beats())
    return tracer


def descent_of(tracer: Tracer) -> Descent:
    assert tracer.descent is not None
    return tracer.descent


def gradients_by_hand(run: Run) -> dict[str, Tensor]:
    """Of the beat that comes next, on a copy."""
    fit = run.fit
    generator = torch.Generator().set_state(fit.generator.get_state())
    twin = Backwards(copy.deepcopy(fit.model), fit.training, fit.points, fit.labels, generator)
    twin.restore(*fit.state())
    with pytest.raises(ByHand):
        next(twin.beats())
    return {name: weight.grad for name, weight in twin.model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("family", LEARNED)
def test_the_captured_gradient_is_autograds(family: str) -> None:
    run = Run(small(family))
    go_beats(run, 4)
    expected = gradients_by_hand(run)
    weights = descent_of(traced(run)).weights
    assert weights
    assert {weight.name for weight in weights} <= set(expected)
    for weight in weights:
        torch.testing.assert_close(weight.gradient, expected[weight.name])


@pytest.mark.parametrize("family", LEARNED)
def test_the_update_is_the_weights_difference_and_adams(family: str) -> None:
    run = Run(small(family))
    go_beats(run, 3)
    before = {name: weight.detach().clone() for name, weight in run.model.named_parameters()}
    descent = descent_of(traced(run))
    after = dict(run.model.named_parameters())
    b1, b2 = descent.betas
    for weight in descent.weights:
        assert torch.equal(weight.before, before[weight.name])
        assert torch.equal(weight.after, after[weight.name])
        mean, square = (one.double() for one in (weight.mean, weight.square))
        step = mean / (1 - b1**descent.count) / ((square / (1 - b2**descent.count)).sqrt() + EPSILON)
        # A weight near 1 is kept to 6e-8, its step is that much less certain.
        torch.testing.assert_close(weight.update.double(), -descent.rate * step, rtol=1e-3, atol=1e-6)
    moved = {weight.name for weight in descent.weights}
    assert all(torch.equal(after[name], before[name]) for name in before if name not in moved)


def test_the_clipped_gradient_has_the_norm_of_the_knob() -> None:
    run = Run(small("realnvp", clip=0.01))
    descent = descent_of(traced(run))
    norms = [
        float(torch.linalg.vector_norm(torch.cat([getattr(w, name).flatten() for w in descent.weights])))
        for name in ("gradient", "clipped")
    ]
    assert descent.clip == 0.01
    assert norms[0] > 0.01
    assert norms[1] == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("family", [*LEARNED, "wgan", "ebm", "vqvae", "mixture", "neural-ode"])
def test_a_traced_beat_leaves_what_an_untraced_one_leaves(family: str) -> None:
    looked, alone = Run(small(family)), Run(small(family))
    for _ in range(6):
        traced(looked)
    go_beats(alone, 6)
    assert_same(looked, alone)


def test_the_batch_and_the_networks_are_what_they_were() -> None:
    run = Run(small("gan"))
    go_beats(run, 2)
    frozen = copy.deepcopy(run.model)
    tracer = traced(run)
    assert tracer.points is not None
    assert tracer.labels is not None
    held = {tuple(point) for point in run.fit.points.tolist()}
    assert len(tracer.points) == run.fit.training.batch == len(tracer.labels)
    assert all(tuple(point) in held for point in tracer.points.tolist())
    assert [call.name for call in tracer.calls] == ["generator", "discriminator", "discriminator"]
    made, real, fake = tracer.calls
    assert torch.equal(real.given, tracer.points)
    assert torch.equal(fake.given, made.answer)
    for call in tracer.calls:
        network: Any = getattr(frozen, call.name)
        torch.testing.assert_close(call.answer, network(call.given).detach())
        assert call.weights == sum(weight.numel() for weight in network.parameters())


def test_what_a_family_notes_adds_up() -> None:
    for family in ("diffusion", "realnvp"):
        tracer = traced(Run(small(family)))
        assert float(tracer.noted["losses"].mean()) == pytest.approx(tracer.losses[0], rel=1e-5)
    noted = traced(Run(small("diffusion"))).noted
    assert torch.equal(noted["miss"].square(), noted["losses"])


def test_without_gradients_the_numbers_that_changed_are_told() -> None:
    run = Run(small("mixture"))
    held = {name: buffer.clone() for name, buffer in run.model.named_buffers()}
    tracer = traced(run)
    assert tracer.descent is None
    assert tracer.buffers
    now = dict(run.model.named_buffers())
    for one in tracer.buffers:
        assert torch.equal(one.before, held[one.name])
        assert torch.equal(one.after, now[one.name])
        assert not torch.equal(one.before, one.after)


def test_nothing_is_left_behind_even_by_a_beat_that_diverges() -> None:
    run = Run(small("diffusion"))
    go_beats(run, 1)
    weight = next(run.model.parameters())
    with torch.no_grad():
        weight.fill_(float("nan"))
    tracer = Tracer()
    with pytest.raises(Diverged), tracer.watching(run.fit):
        next(run.fit.beats())
    assert run.fit.tracer is None
    assert tracer.descent is None
    assert not torch_module._global_forward_hooks
    assert not torch_module._global_forward_pre_hooks
