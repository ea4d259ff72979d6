"""The VQ-VAE of pictures against brute force, autograd and the papers' own formulas, in float64."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.codebook import Codebook
from dgm_studio.families.pictures.capabilities import HasCodes
from dgm_studio.families.pictures.vqvae import DISCRIMINATOR, STEP, VQVAE, Design, Sampling, Training, through
from dgm_studio.families.vqvae import MOVING, STRAIGHT_THROUGH
from dgm_studio.nets.init import init
from tests.families.pictures.test_vae import SHAPE, noise, pictures


def made(shape: PictureShape = SHAPE, **design: Any) -> VQVAE:
    own: Any = fill(Design, {"codes": 9, "code_dim": 3, "width": 4, "blocks": 1, **design})
    with torch.device("meta"):
        model = VQVAE(own, shape)
    return init(model, torch.Generator().manual_seed(0)).double()


class Watched(Fit):
    """A fit that keeps the loss it descends and the gradient of it."""

    loss: Tensor
    gradients: tuple[Tensor | None, ...]

    def descend(self, loss: Tensor, group: str = "main", rate: float | None = None) -> None:
        self.loss = loss.detach()
        self.gradients = torch.autograd.grad(loss, list(self.model.parameters()), retain_graph=True, allow_unused=True)
        super().descend(loss, group, rate)


def fit_of(model: VQVAE, **training: Any) -> Watched:
    own: Any = fill(Training, {"batch": 16, "learning_rate": 5e-3, "ema": 0.0, "revive": 0.0, **training})
    labels = torch.zeros(64, dtype=torch.int64)
    return Watched(model, own, pictures(64), labels, torch.Generator().manual_seed(0))


def batch_of(fit: Fit) -> Tensor:
    """The pictures that the next beat draws."""
    state = fit.generator.get_state()
    x = fit.batch()
    fit.generator.set_state(state)
    return x


@settings(max_examples=12, deadline=None)
@given(codes=st.integers(2, 40), m=st.integers(1, 9), scale=st.floats(0.01, 100), seed=st.integers(0, 99))
def test_the_nearest_code_is_that_of_brute_force(codes: int, m: int, scale: float, seed: int) -> None:
    book = Codebook(codes, m).double()
    with torch.no_grad():
        book.codes.copy_(scale * noise(codes, m, seed=seed))
    z = scale * noise(50, m, seed=seed + 1)
    entries = book.codes.tolist()
    expected = [min(range(codes), key=lambda k: math.dist(row, entries[k])) for row in z.tolist()]
    assert book.nearest(z).tolist() == expected


def test_the_straight_through_gradient_is_the_identity() -> None:
    z, code = noise(2, 3), noise(2, 3, seed=4)
    torch.testing.assert_close(through(z, code), code)
    jacobian = torch.autograd.functional.jacobian(lambda at: through(at, code).flatten(), z)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(jacobian.reshape(6, 6), torch.eye(6, dtype=torch.float64))


@pytest.mark.parametrize("quantiser", [STRAIGHT_THROUGH, MOVING])
def test_the_loss_and_its_gradient_are_the_papers(quantiser: str) -> None:
    model = made()
    fit = fit_of(model, quantiser=quantiser, commitment=0.7)
    x = batch_of(fit)
    z = model.encodings(x)
    ids = torch.cdist(z.flatten(0, 2), model.codebook).argmin(1).view(z.shape[:3])
    torch.testing.assert_close(model.codes(x), ids)
    code = model.codebook[ids]
    # The decoder's gradient at the code, put onto z by hand.
    leaf = code.detach().requires_grad_()
    reconstruction = (x - model.drawn(leaf)).square().mean()
    (pull,) = torch.autograd.grad(reconstruction, leaf, retain_graph=True)
    commitment = 0.7 * (z - code.detach()).square().mean()
    follow = (z.detach() - code).square().mean() if quantiser == STRAIGHT_THROUGH else torch.zeros(())
    by_hand = (z * pull).sum() + reconstruction + commitment + follow
    expected = torch.autograd.grad(by_hand, list(model.parameters()), allow_unused=True)
    next(fit.beats())
    assert float(fit.loss) == pytest.approx(float((reconstruction + commitment + follow).detach()))
    for found, wanted in zip(fit.gradients, expected, strict=True):
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            torch.testing.assert_close(found, wanted)


def test_a_code_is_drawn_as_its_vectors_are() -> None:
    model = made(PictureShape(3, 8, 12))
    assert isinstance(model, HasCodes)
    x = model.seen(pictures(4, PictureShape(3, 8, 12)))
    ids = model.codes(x)
    assert ids.shape == (4, *model.code_shape) == (4, 2, 3)
    torch.testing.assert_close(model.decode_codes(ids), model.drawn(model.codebook[ids]))
    # One place changed by hand changes the picture, and the encoder's own vectors are drawn too.
    ids[0, 0, 0] = (ids[0, 0, 0] + 1) % 9
    assert not torch.equal(model.decode_codes(ids)[0], model.drawn(model.codebook[model.codes(x)])[0])
    assert model.drawn(model.encodings(x)).shape == x.shape


def test_dead_codes_move_onto_encodings_of_the_batch() -> None:
    model = made()
    with torch.no_grad():
        model.codebook[3] = 1e3
        model.book.usage[3] = 0.0
    fit = fit_of(model, revive=0.1)
    z = model.encodings(batch_of(fit)).flatten(0, 2).detach()
    next(fit.beats())
    assert float((z - model.codebook[3]).norm(dim=1).min().detach()) < 1e-12
    assert float(model.book.usage.sum()) == pytest.approx(1)


@pytest.mark.parametrize("quantiser", [STRAIGHT_THROUGH, MOVING])
def test_it_learns_from_bytes_and_uses_its_codes(quantiser: str) -> None:
    fit = fit_of(made().float(), quantiser=quantiser, revive=0.1, usage_decay=0.9)
    beats = fit.beats()
    first = next(beats).values
    for _ in range(150):
        last = next(beats).values
    assert last["reconstruction"] < 0.5 * first["reconstruction"]
    assert last["perplexity"] > 3


def test_sampling_draws_codes_as_often_as_they_are_used() -> None:
    model = made(PictureShape(1, 4, 4))
    usage = torch.tensor([0.0, 0.1, 0.4, 0.2, 0.0, 0.0, 0.3, 0.0, 0.0], dtype=torch.float64)
    model.book.usage.copy_(usage)
    n = 4_000
    start = (torch.arange(n, dtype=torch.float64)[:, None] + 0.5) / n

    def drawn(temperature: float) -> Tensor:
        sampling: Any = fill(Sampling, {"temperature": temperature})
        (state,) = model.walk(start, sampling, torch.Generator())
        singles = model.decode_codes(torch.arange(9)[:, None, None])
        return torch.bincount(torch.cdist(state.x, singles).argmin(1), minlength=9) / n

    torch.testing.assert_close(drawn(1.0).double(), usage, atol=1e-3, rtol=0)
    torch.testing.assert_close(drawn(0.5).double(), usage.square() / usage.square().sum(), atol=1e-3, rtol=0)
    (edge,) = model.walk(torch.ones((1, 1), dtype=torch.float64), Sampling(), torch.Generator())
    torch.testing.assert_close(edge.x, model.decode_codes(torch.tensor([[[6]]])).detach())


def test_usage_is_counted_on_the_training_pictures() -> None:
    model, points = made(), pictures(70)
    with torch.no_grad():
        model.codebook.copy_(model.encodings(model.seen(points[:20])).flatten(0, 2)[:9])
    bars = finish(model.bars(points, Sampling(), torch.Generator()))
    counts = torch.bincount(model.codes(model.seen(points)).flatten(), minlength=9)
    torch.testing.assert_close(bars.values, counts.double() / counts.sum())
    assert int((counts > 0).sum()) > 2
    used, perplexity, bits = finish(model.facts(points, Sampling(), torch.Generator()))
    assert used.text == f"{int((counts > 0).sum())} of 9"
    entropy = float(torch.distributions.Categorical(bars.values).entropy())  # type: ignore[no-untyped-call]
    assert perplexity.text == f"{math.exp(entropy):.1f}"
    assert bits.text == f"{4 * entropy / math.log(2):.0f}"


# VQ-GAN.


def test_the_players_of_vq_gan_take_turns_and_touch_only_their_own() -> None:
    model = made(discriminator=True)
    fit = fit_of(model, adversarial_from=0)
    beats = fit.beats()
    for player in (STEP, DISCRIMINATOR, STEP, DISCRIMINATOR):
        before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        beat = next(beats)
        moved = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
        assert beat.name == player
        assert {name.startswith("discriminator.") for name in moved} == {player == DISCRIMINATOR}
    assert not any(name.startswith("discriminator.") for name, _ in model.averaged())
    assert made().idle(fit.training).keys() == {"adversarial", "adversarial_from"}
    assert not model.idle(fit.training)


def test_the_discriminator_descends_the_hinge_loss() -> None:
    model = made(discriminator=True)
    fit = fit_of(model)
    next(fit.beats())
    assert model.discriminator is not None
    x = batch_of(fit)
    real, fake = model.discriminator(x), model.discriminator(model.decode_codes(model.codes(x)))
    expected = 0.5 * ((1 - real).clamp(min=0).mean() + (1 + fake).clamp(min=0).mean())
    assert next(fit.beats()).values["discriminator loss"] == pytest.approx(float(expected.detach()))


def test_the_adversarial_term_pulls_the_last_layer_as_hard_as_its_weight_says() -> None:
    model = made(discriminator=True)
    last = [name for name, _ in model.named_parameters()].index("decoder.last.weight")
    gradients = []
    for share in (0.0, 0.4):
        fit = fit_of(made(discriminator=True), adversarial=share, adversarial_from=0)
        next(fit.beats())
        found = fit.gradients[last]
        assert found is not None
        gradients.append(found)
    # VQ-GAN's lambda makes both gradients alike there, up to its guard against division by zero.
    assert float((gradients[1] - gradients[0]).norm() / gradients[0].norm()) == pytest.approx(0.4, rel=0.02)
    fit = fit_of(made(discriminator=True), adversarial=0.4, adversarial_from=5)
    next(fit.beats())
    found = fit.gradients[last]
    assert found is not None
    torch.testing.assert_close(found, gradients[0])
