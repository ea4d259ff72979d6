"""Fit: what mutates while a model trains, against plain torch."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.knobs import knob
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.nets.init import init
from dgm_studio.solvers.solver import State


@dataclass(frozen=True)
class Knobs:
    learning_rate: float = knob(1e-2, "Learning rate", "Step.", low=1e-6, high=1.0)
    batch: int = knob(8, "Batch", "Points.", low=1, high=100)
    ema: float = knob(0.9, "EMA", "Decay.", low=0.0, high=1.0)
    clip: float = knob(0.0, "Clip", "Norm.", low=0.0, high=1.0)
    first_beats: int = knob(2, "First beats", "Beats.", low=1, high=9)


class Line(Family):
    """y = w x with a loss that can be poisoned: a real family, small enough to compute by hand."""

    card = Card("line", "Line", "A line.")
    Design = Training = Sampling = Knobs
    presets = ()

    def __init__(self) -> None:
        super().__init__(Knobs(), 2)
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        self.poison = 1.0

    def beats(self, training: Any) -> tuple[str, ...]:
        return ("first",) * int(training.first_beats) + ("second",)

    def groups(self) -> Mapping[str, Any]:
        return {"first": self.first.parameters(), "second": self.second.parameters()}

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        x = fit.batch()
        loss = self.poison * (self.second(self.first(x)) - x).square().mean()
        fit.descend(loss, name)
        return {"loss": loss.detach(), "constant": 1.0}

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randn((n, 2), generator=generator)

    def frames(self, sampling: Any) -> int:
        return 1

    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        yield State(1.0, self.second(self.first(start)))


def made(training: Knobs | None = None) -> tuple[Line, Fit]:
    with torch.device("meta"):
        model = Line()
    init(model, torch.Generator().manual_seed(0))
    data = torch.randn((64, 2), generator=torch.Generator().manual_seed(1))
    labels = torch.arange(64)
    return model, Fit(model, training or Knobs(), data, labels, torch.Generator().manual_seed(2))


def test_one_beat_moves_one_group_by_adam() -> None:
    model, fit = made()
    twin, _ = made()
    second = [weight.clone() for weight in model.second.parameters()]
    beat = next(fit.beats())
    assert (beat.name, beat.step, beat.ends_step, beat.values["constant"]) == ("first", 1, False, 1.0)
    which = torch.randint(64, (8,), generator=torch.Generator().manual_seed(2))
    x = fit.points[which]
    adam = torch.optim.Adam(twin.first.parameters(), lr=1e-2)
    (twin.second(twin.first(x)) - x).square().mean().backward()
    adam.step()
    torch.testing.assert_close(list(model.first.parameters()), list(twin.first.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(second, model.second.parameters(), strict=True))
    assert all(weight.grad is None for weight in model.second.parameters())


def test_beats_count_steps() -> None:
    _, fit = made()
    beats = fit.beats()
    seen = [next(beats) for _ in range(7)]
    assert [beat.name for beat in seen] == ["first", "first", "second", "first", "first", "second", "first"]
    assert [beat.step for beat in seen] == [1, 1, 1, 2, 2, 2, 3]
    assert (fit.step, fit.beat) == (2, 1)


def test_a_live_edit_holds_from_the_next_beat_and_still_closes_the_step() -> None:
    model, fit = made()
    beats = fit.beats()
    next(beats), next(beats)
    fit.training = Knobs(first_beats=1, learning_rate=1e-6)
    before = model.second.weight.detach().clone()
    assert next(beats).name == "second"
    assert float((model.second.weight.detach() - before).abs().max()) <= 1.1e-6
    assert [next(beats).name for _ in range(2)] == ["first", "second"]


def test_the_average_is_the_warmed_up_recursion() -> None:
    model, fit = made(Knobs(first_beats=1))
    beats, expected = fit.beats(), None
    for k in range(-1, 20):
        next(beats), next(beats)
        weight = model.first.weight.detach().clone()
        if expected is None:
            expected = weight
        else:
            decay = min(0.9, (1 + k) / (10 + k))
            expected = decay * expected + (1 - decay) * weight
    assert expected is not None
    shadow = fit.shadow()
    assert isinstance(shadow, Line)
    torch.testing.assert_close(shadow.first.weight, expected)
    assert not shadow.training
    assert model.training
    fit.training = Knobs(first_beats=1, ema=0.0)
    next(beats), next(beats)
    same = fit.shadow(into=shadow)
    assert same is shadow
    assert torch.equal(shadow.first.weight, model.first.weight)
    assert shadow.first.weight.data_ptr() != model.first.weight.data_ptr()


def test_clipping_bounds_the_gradient() -> None:
    _, fit = made(Knobs(clip=1e-3))
    next(fit.beats())
    # After one step the mean is (1 - 0.9) g, so that g can be read back from it.
    means = [one.flatten() for name, one in fit.state()[0].items() if name.endswith("exp_avg") and "first" in name]
    assert float(torch.cat(means).norm()) / (1 - 0.9) == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), 1e9])
def test_a_lost_loss_touches_no_weight_and_can_be_undone(poison: float) -> None:
    model, fit = made()
    beats = fit.beats()
    for _ in range(3 * 100 + 5):
        next(beats)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.poison = poison
    with pytest.raises(Diverged) as caught:
        collections.deque(fit.beats(), maxlen=0)
    assert caught.value.kept_step == 100
    assert (fit.step, fit.beat) == (101, 2)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model.state_dict().items())
    model.poison = 1.0
    fit.go_back()
    assert (fit.step, fit.beat) == (100, 0)
    twin, other = made()
    clock = other.beats()
    for _ in range(300):
        next(clock)
    for mine, theirs, _ in zip(fit.beats(), clock, range(9), strict=False):
        assert mine == theirs
    assert torch.equal(model.first.weight, twin.first.weight)


def test_a_bad_state_is_not_kept() -> None:
    model, fit = made(Knobs(learning_rate=1e-6))
    beats = fit.beats()
    for _ in range(300):
        next(beats)
    assert fit.kept_step == 100
    model.poison = 1e3
    for _ in range(300):
        next(beats)
    assert fit.kept_step == 100
    model.poison = 1.0
    with torch.no_grad():
        model.first.weight[0, 0] = float("inf")
    assert not fit.keyframe()
    assert fit.kept_step == 100


def test_new_data_and_labels_are_drawn_together() -> None:
    _, fit = made()
    points = torch.stack([torch.arange(50.0), torch.zeros(50)], dim=1)
    fit.set_data(points, torch.arange(50))
    x, labels = fit.batch_with_labels()
    assert x.shape == (8, 2)
    assert torch.equal(x[:, 0].long(), labels)
    with pytest.raises(Refused, match="2 columns"):
        fit.set_data(torch.zeros(5, 3), torch.zeros(5))


def test_a_foreign_state_is_refused_in_one_sentence() -> None:
    _, fit = made()
    tensors, meta = fit.state()
    for wrong in (
        {name: tensor for name, tensor in tensors.items() if name != "generator"},
        {**tensors, "model.first.weight": torch.zeros(3, 3)},
    ):
        with pytest.raises(Refused, match="does not fit this model"):
            fit.restore(wrong, meta)


def test_normal_and_uniform_come_from_the_generator() -> None:
    _, fit = made(replace(Knobs(), batch=4))
    twin = torch.Generator().manual_seed(2)
    assert torch.equal(fit.normal(3, 2), torch.randn((3, 2), generator=twin))
    assert torch.equal(fit.uniform(5), torch.rand((5,), generator=twin))
