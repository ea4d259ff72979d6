"""The GAN of pictures: its game's value, truncation's ends, and which layers a style reaches."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.gan import DISCRIMINATOR, LEAST_SQUARES, LOSSES
from dgm_studio.families.pictures.capabilities import DecodesLatent, EncodesLatent, HasStyles
from dgm_studio.families.pictures.gan import GAN, Design, Sampling, Training
from dgm_studio.nets.adain import StyledNorm
from dgm_studio.nets.init import init

SHAPE = PictureShape(1, 8, 8)


def made(styles: bool, seed: int = 0, **design: Any) -> GAN:
    own: Any = fill(Design, {"latent": 5, "width": 4, "mapping": 2, "styles": styles, **design})
    with torch.device("meta"):
        model = GAN(own, SHAPE)
    return init(model, torch.Generator().manual_seed(seed)).double().eval()


def fit_of(model: GAN, **training: Any) -> Fit:
    pictures = torch.full((200, 64), 200, dtype=torch.uint8)
    pictures += torch.randint(40, pictures.shape, generator=torch.Generator().manual_seed(4)).byte()
    own: Any = fill(Training, {"batch": 16, **training})
    return Fit(model, own, pictures, torch.zeros(200, dtype=torch.int64), torch.Generator().manual_seed(2))


def latents(n: int, seed: int = 1) -> Tensor:
    return torch.randn((n, 5), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("styles", [False, True])
def test_truncation_ends_at_the_mean_style_and_at_the_style_itself(styles: bool) -> None:
    model = made(styles)
    w = model.style(latents(3))
    assert torch.equal(model.truncated(w, 1.0), w)
    mean = model.truncated(w, 0.0)
    expected = model.style(latents(20_000, seed=9)).mean(0) if styles else torch.zeros(5, dtype=torch.float64)
    torch.testing.assert_close(mean, expected.expand(3, -1), atol=0.1, rtol=0)
    assert torch.equal(mean[0], mean[1])
    torch.testing.assert_close(model.truncated(w, 0.5), 0.5 * (mean + w))
    (middle,) = model.walk(latents(3), Sampling(truncation=0.0), torch.Generator())
    torch.testing.assert_close(middle.x[0], middle.x[2])
    (whole,) = model.walk(latents(3), Sampling(), torch.Generator())
    torch.testing.assert_close(whole.x, model.decode(latents(3)))
    assert not torch.allclose(whole.x[0], whole.x[2])


def test_a_layers_style_reaches_only_from_that_layer_on() -> None:
    model = made(True)
    w, other = model.style(latents(2)), model.style(latents(2, seed=7))
    layers = len(model.style_layers)
    own = w.expand(layers, -1, -1)
    pictures, before = model.synthesise(own)
    for changed in range(layers):
        mixed = own.clone()
        mixed[changed] = other
        drawn, after = model.synthesise(mixed)
        reached = [not torch.equal(one, two) for one, two in zip(before, after, strict=True)]
        assert reached == [layer >= changed for layer in range(layers)]
        assert not torch.allclose(drawn, pictures)


def test_each_layer_has_the_mean_and_the_spread_of_its_style() -> None:
    model = made(True)
    styles = torch.stack([model.style(latents(2, seed=layer)) for layer in range(len(model.style_layers))])
    _, activations = model.synthesise(styles)
    norms = [one for one in model.generator.modules() if isinstance(one, StyledNorm)]
    for norm, w, seen in zip(norms, styles, activations, strict=True):
        scale, shift = norm.told(w)
        torch.testing.assert_close(seen.mean((2, 3)), shift)
        torch.testing.assert_close(seen.std((2, 3), correction=0), scale.abs(), rtol=0.02, atol=1e-3)


def test_mixed_fakes_change_their_style_once() -> None:
    model = made(True)
    fit = fit_of(model, mixing=1.0)
    twin = torch.Generator().manual_seed(2)
    first, second = model.style(torch.randn((12, 5), generator=twin, dtype=torch.float64)).chunk(2)
    change = 1 + (torch.rand(6, generator=twin, dtype=torch.float64) * 4).floor().long()
    styles = [torch.stack([(second if layer >= change[n] else first)[n] for n in range(6)]) for layer in range(5)]
    torch.testing.assert_close(model.made(fit, 6), model.synthesise(torch.stack(styles))[0])
    assert set(change.tolist()) <= {1, 2, 3, 4}
    plain = fit_of(model, mixing=0.0)
    twin = torch.Generator().manual_seed(2)
    z = torch.randn((6, 5), generator=twin, dtype=torch.float64)
    torch.testing.assert_close(model.made(plain, 6), model.decode(z))


@pytest.mark.parametrize("styles", [False, True])
def test_pictures_do_not_depend_on_their_neighbours(styles: bool) -> None:
    model = made(styles)
    assert isinstance(model, DecodesLatent)
    assert isinstance(model, HasStyles)
    assert not isinstance(model, EncodesLatent)
    whole = model.decode(latents(6))
    assert whole.shape == (6, 64)
    assert bool((whole.abs() <= 1).all())
    torch.testing.assert_close(model.decode(latents(6)[2:4]), whole[2:4])


@pytest.mark.parametrize("loss", LOSSES)
def test_the_first_beat_plays_the_games_value(loss: str) -> None:
    model = made(False)
    fit = fit_of(model, generator_loss=loss)  # training mode: batch norm by the batch
    twin = torch.Generator().manual_seed(2)
    real = model.seen(fit.points[torch.randint(200, (16,), generator=twin)])
    with torch.no_grad():
        fake = model.generator(torch.randn((16, 5), generator=twin, dtype=torch.float64))
        raw_real, raw_fake = model.discriminator(real), model.discriminator(fake)
    if loss == LEAST_SQUARES:
        expected = 0.5 * float((raw_real - 1).square().mean() + raw_fake.square().mean())
    else:
        expected = -float(raw_real.sigmoid().log().mean() + (1 - raw_fake.sigmoid()).log().mean())
    beat = next(fit.beats())
    assert beat.name == DISCRIMINATOR
    assert beat.values["discriminator loss"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("styles", [False, True])
def test_it_learns_how_bright_the_pictures_are(styles: bool) -> None:
    model = made(styles)
    fit = fit_of(model, learning_rate=4e-3, ema=0.9)
    before = float(model.sampled(64, Sampling(), torch.Generator().manual_seed(0)).mean())
    for beat in fit.beats():
        if beat.step == 80:
            break
    shadow: Any = fit.shadow()
    after = float(shadow.sampled(64, Sampling(), torch.Generator().manual_seed(0)).mean())
    data = float(model.seen(fit.points).mean())
    assert abs(after - data) < 0.35 * abs(before - data)
    told = finish(shadow.facts(fit.points, Sampling(), torch.Generator().manual_seed(0)))
    assert [fact.label for fact in told] == ["D on data", "D on fakes", "Told apart"]


def test_a_discriminator_that_sees_the_spread_tells_one_picture_from_many() -> None:
    pictures = torch.rand((6, 64), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    for spread in (False, True):
        net = made(False, spread=spread).discriminator
        alone = torch.cat([net(one.expand(6, -1))[:1] for one in pictures])
        assert torch.allclose(net(pictures), alone) is not spread


def test_knobs_that_do_nothing_say_so() -> None:
    assert "mixing" in made(False).idle(Training())
    assert not made(True).idle(Training())
    assert not {"unrolled", "unrolled_rate"} & {knob.name for knob in knobs_of(Training)}


def test_sides_that_cannot_be_halved_twice_are_refused() -> None:
    with pytest.raises(Refused, match="10 x 8"), torch.device("meta"):
        GAN(fill(Design, {}), PictureShape(1, 8, 10))
