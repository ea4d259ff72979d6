"""Flows that make pictures, in pixels and in a latent space: guidance, films, inversion, lessons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.classifier_guidance import CLASSIFIER, ClassifierGuidance
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.learned_field import ends
from dgm_studio.families.parts.solver_knobs import WITHOUT_DENSITY
from dgm_studio.families.pictures.capabilities import DecodesLatent, Denoises
from dgm_studio.families.pictures.denoising import NO_CLASSIFIER, UNTOLD, DenoisingFamily
from dgm_studio.families.pictures.diffusion import DIT, PictureDiffusion
from dgm_studio.families.pictures.latent_diffusion import MEASURED, LatentDiffusion
from dgm_studio.nets.init import init, normal_
from dgm_studio.paths.targets import from_clean_and_noise

SHAPE = PictureShape(1, 8, 8, 3)
DESIGNS: dict[str, tuple[type[DenoisingFamily], dict[str, Any]]] = {
    "unet": (PictureDiffusion, {"width": 4}),
    "dit": (PictureDiffusion, {"network": DIT, "width": 8, "layers": 1}),
    "latent": (LatentDiffusion, {"latent": 4, "width": 4, "blocks": 0, "flow_width": 16, "flow_layers": 2}),
}
each = pytest.mark.parametrize("name", list(DESIGNS))


def seed(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def made(name: str, shape: PictureShape = SHAPE, **knobs: object) -> Any:
    family, design = DESIGNS[name]
    return init(family(fill(family.Design, {**design, **knobs}), shape), seed())


def learnt(name: str, **knobs: object) -> Any:
    """As after training: no weight is zero, codes have their own scale."""
    model = made(name, SHAPE, **knobs)
    with torch.no_grad():
        for weight in model.parameters():
            normal_(weight, 0.25, seed(weight.numel()))
        if name == "latent":
            model.stage.fill_(1)
            model.centre.copy_(torch.tensor([0.5, -1.0, 0.0, 2.0]))
            model.square.copy_(model.centre.square() + torch.tensor([0.5, 1.0, 2.0, 0.1]))
    return model.double().eval().requires_grad_(False)


def sampling(model: DenoisingFamily, **knobs: object) -> Any:
    return fill(type(model).Sampling, {"steps": 6, **knobs})


def last(states: Iterator[Any]) -> Tensor:
    *_, end = states
    found: Tensor = end.x
    return found


def by_hand(model: DenoisingFamily, start: Tensor, steps: int, label: Tensor | None) -> Tensor:
    """Euler's steps of the network's velocity, told these labels or none."""
    flow, x = model.flow, start
    times = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    for t, r in pairwise(times):
        inside = t.clamp(*ends(flow.path)).expand(len(x))
        velocity = from_clean_and_noise("velocity", *flow.clean_and_noise(x, t, label), inside, flow.path)
        x = x + (r - t) * velocity
    return x


@each
def test_guidance_at_1_is_the_conditional_and_at_0_the_unconditional_model(name: str) -> None:
    model, labels = learnt(name), torch.tensor([0, 1, 2])
    start, own = model.prior(3, seed()).double(), sampling(model, solver="euler")
    free, told = by_hand(model, start, 6, None), by_hand(model, start, 6, labels)
    assert not torch.allclose(free, told)
    torch.testing.assert_close(last(model.film(start, own, seed(), labels, 0.0)), free)
    torch.testing.assert_close(last(model.film(start, own, seed(), labels, 1.0)), told)
    mixed = last(model.film(start, own, seed(), torch.tensor([-1, 1, -1]), 3.0))
    torch.testing.assert_close(mixed[[0, 2]], free[[0, 2]])  # no class: no guidance
    assert not torch.allclose(mixed[1], told[1])


@each
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_encoding_by_the_ode_and_going_forwards_again_gives_the_picture(name: str, gamma: float) -> None:
    """The round trip's error is the solver's: order 2 of Heun quarters it, order 4 makes it tiny."""
    model, labels = learnt(name), torch.tensor([0, 2])
    x = torch.rand((2, SHAPE.dim), generator=seed(3), dtype=torch.float64) * 2 - 1

    def error(solver: str, steps: int) -> float:
        own = sampling(model, solver=solver, steps=steps)
        states = list(model.inverted(x, own, labels, gamma))
        assert [states[0].t, states[-1].t] == [1.0, 0.0]
        again = last(model.film(states[-1].x, own, seed(), labels, gamma))
        return float((again - model.within(x)).abs().max())

    coarse, fine = error("heun", 40), error("heun", 80)
    assert fine < coarse / 3
    assert error("rk4", 80) < min(1e-3, fine)


def test_noise_is_standard_normal_whatever_the_path() -> None:
    """EDM's path begins at sigma = 10: a film gives that scale to its start, the inversion takes it away."""
    model, start = learnt("latent", path="edm", prediction="edm"), torch.ones((1, 4), dtype=torch.float64)
    own, none = sampling(model, solver="rk4", steps=60), torch.tensor([-1])
    states = list(model.film(start, own, seed(), none, 0.0))
    torch.testing.assert_close(states[0].x, 10 * start)
    model.within = lambda x: x  # begin with the point itself
    torch.testing.assert_close(last(model.inverted(states[-1].x, own, none, 0.0)), start, rtol=1e-3, atol=1e-3)


def test_the_round_trip_of_a_latent_model_is_its_decoders() -> None:
    model = learnt("latent")
    x = torch.rand((2, SHAPE.dim), generator=seed(3), dtype=torch.float64)
    torch.testing.assert_close(model.shown(model.within(x)), model.first.decode(model.first.encode(x)[0]))


@pytest.mark.parametrize("name", ["unet", "latent"])
def test_the_classifier_moves_the_score_along_its_gradient(name: str) -> None:
    """score(x, t | y) = score(x, t) + gamma grad log p(y | x_t), and nothing where there is no class."""
    model, labels, t = learnt(name), torch.tensor([2, -1]), torch.tensor(0.6, dtype=torch.float64)
    flow = model.flow
    assert isinstance(flow, ClassifierGuidance)
    x = model.prior(2, seed()).double().requires_grad_()
    log_p = flow.logits(x, t.expand(2)).log_softmax(1)[0, 2]
    (gradient,) = torch.autograd.grad(log_p, x)
    expected = flow.score(x, t) + 1.7 * gradient
    torch.testing.assert_close(model.towards(labels, CLASSIFIER, 1.7).score(x, t), expected)
    assert gradient[0].abs().max() > 0
    assert not gradient[1].any()


@each
@pytest.mark.parametrize("solver", [one.id for one in WITHOUT_DENSITY])
def test_every_state_of_a_film_tells_the_clean_point(name: str, solver: str) -> None:
    model = learnt(name, path="vp", prediction="epsilon")
    own = sampling(model, solver=solver, steps=3)
    states = list(model.film(model.prior(2, seed()).double(), own, seed(), torch.tensor([1, -1]), 1.5))
    assert len(states) == model.frames(own)
    assert all(state.x1_hat is not None and bool(state.x1_hat.isfinite().all()) for state in states)
    assert model.shown(states[-1].x).shape == (2, SHAPE.dim)


@each
def test_what_it_can(name: str) -> None:
    model = made(name)
    can = [protocol for protocol in (Denoises, DecodesLatent) if isinstance(model, protocol)]
    assert can == [Denoises]  # scrubbing goes along the ODE
    assert model.conditional
    assert model.has_classifier
    assert model.idle(None) == {}
    plain = made(name, classifier=False)
    assert plain.conditional
    assert plain.idle(None) == {"kind": NO_CLASSIFIER}
    for untold in (made(name, told=False), made(name, replace_classes(SHAPE, 0))):
        assert not untold.conditional
        assert set(untold.idle(None).values()) == {UNTOLD}
        free = last(untold.film(untold.prior(1, seed()), sampling(untold), seed(), torch.tensor([1]), 4.0))
        assert torch.equal(free, last(untold.film(untold.prior(1, seed()), sampling(untold), seed(), -TOLD, 0.0)))


TOLD = torch.tensor([1])


def replace_classes(shape: PictureShape, classes: int) -> PictureShape:
    return shape._replace(classes=classes)


def test_a_class_no_picture_has_is_refused() -> None:
    model = made("unet")
    with pytest.raises(Refused, match="no training point has"):
        list(model.walk(model.prior(1, seed()), sampling(model, label=7), seed()))


# Lessons: pictures that are dark, of class 0, or bright, of class 1, with a little grain.


def taught(name: str, steps: int, **knobs: object) -> Fit:
    labels = torch.arange(64) % 2
    grain = torch.randint(0, 30, (64, SHAPE.dim), generator=seed(5))
    pixels = (labels[:, None] * 160 + 30 + grain).to(torch.uint8)
    model = made(name, replace_classes(SHAPE, 2), **({} if name == "latent" else {"sigma_data": 0.7}))
    training = {"batch": 16, "ema": 0.0, "learning_rate": 5e-3, **knobs}
    fit = Fit(model, fill(type(model).Training, training), pixels, labels, seed(1))
    beats = fit.beats()
    while fit.step < steps:
        next(beats)
    return fit


@each
def test_it_learns_what_a_class_looks_like(name: str) -> None:
    fit = taught(name, 260 if name == "latent" else 120, **({"first_steps": 80} if name == "latent" else {}))
    model: Any = fit.shadow()
    labels = torch.tensor([0, 1]).repeat(6)
    for kind in ("classifier-free", CLASSIFIER):
        start, own = model.prior(12, seed(2)), sampling(model, kind=kind)
        bright = model.shown(last(model.film(start, own, seed(), labels, 2.0))).mean(1) > 0
        assert bright.long().eq(labels).float().mean() >= (1.0 if kind != CLASSIFIER else 0.75)
    walked = last(model.walk(model.prior(4, seed()), sampling(model, label=1), seed()))
    assert walked.shape == (4, SHAPE.dim)
    assert walked.mean() > 0


def test_the_held_out_loss_falls() -> None:
    def loss(steps: int) -> float:
        fit = taught("unet", steps)
        model: Any = fit.model
        return float(model.loss_of(model.seen(fit.points), fit.labels, seed()).mean())

    assert loss(60) < 0.5 * loss(0)


def test_the_second_stage_leaves_the_autoencoder_alone_and_measures_its_codes() -> None:
    fit = taught("latent", 1, first_steps=3)
    model: Any = fit.model
    assert model.beats(fit.training) == ("step",)
    assert last(model.walk(model.prior(2, seed()), sampling(model), seed())).shape == (2, SHAPE.dim)
    beats = fit.beats()
    while not model.in_second:
        next(beats)
    settled = {name: value.clone() for name, value in model.first.state_dict().items()}
    assert model.beats(fit.training) == ("denoiser", "classifier")
    while fit.step < 3 + MEASURED:
        next(beats)
    assert all(torch.equal(value, settled[name]) for name, value in model.first.state_dict().items())
    fit.training = replace(fit.training, batch=512)
    codes, _ = model.examples(fit)
    assert codes.mean(0).abs().max() < 0.2
    torch.testing.assert_close(codes.std(0), torch.ones(4), rtol=0.15, atol=0.0)
