"""Text to picture: captions are heard, dropped and guided by; the words travel with the weights."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import LENGTH
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.learned_field import ends
from dgm_studio.families.pictures.capabilities import Denoises, HearsCaptions
from dgm_studio.families.pictures.text_to_picture import TextToPicture
from dgm_studio.nets.init import init, normal_
from dgm_studio.paths.targets import from_clean_and_noise

SHAPE = PictureShape(1, 8, 8, 2)
TOLD = ("dark thin", "bright thin", "dark thick", "bright thick")


def seed(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def made(**knobs: object) -> TextToPicture:
    design = fill(TextToPicture.Design, {"width": 8, "text_width": 8, "text_layers": 1, "patch": 1, **knobs})
    model = init(TextToPicture(design, SHAPE), seed())
    model.begin(TOLD)
    return model


def learnt() -> TextToPicture:
    model = made()
    with torch.no_grad():
        for weight in model.parameters():
            normal_(weight, 0.25, seed(weight.numel()))
    return model.double().eval().requires_grad_(False)


def by_hand(model: TextToPicture, start: Tensor, steps: int, ids: Tensor | None) -> Tensor:
    """Euler's steps of the network's velocity, told these captions or none."""
    flow, x = model.flow, start
    for t, r in pairwise(torch.linspace(0, 1, steps + 1, dtype=torch.float64)):
        inside = t.clamp(*ends(flow.path)).expand(len(x))
        x = x + (r - t) * from_clean_and_noise("velocity", *flow.clean_and_noise(x, t, ids), inside, flow.path)
    return x


def test_guidance_at_1_is_the_conditional_and_at_0_the_unconditional_model() -> None:
    model = learnt()
    assert isinstance(model, Denoises)
    assert isinstance(model, HearsCaptions)
    ids = torch.tensor(model.conditions(np.zeros(2), ["dark thin", "bright thick"]))
    start, own = model.prior(2, seed()).double(), fill(TextToPicture.Sampling, {"steps": 5})
    *_, free = model.film(start, own, seed(), ids, 0.0)
    *_, told = model.film(start, own, seed(), ids, 1.0)
    torch.testing.assert_close(free.x, by_hand(model, start, 5, None))
    torch.testing.assert_close(told.x, by_hand(model, start, 5, ids))
    assert not torch.allclose(free.x, told.x)
    *_, mixed = model.film(start, own, seed(), torch.cat([ids[:1], torch.zeros_like(ids[:1])]), 3.0)
    torch.testing.assert_close(mixed.x[1], free.x[1])  # no caption: no guidance
    assert not torch.allclose(mixed.x[0], told.x[0])


def test_sampling_takes_its_caption_or_those_of_the_data() -> None:
    model = learnt()
    start, ids = model.prior(3, seed()).double(), torch.tensor(model.conditions(np.zeros(1), ["bright thin"]))
    own: Any = fill(TextToPicture.Sampling, {"steps": 4, "guidance": 2.0, "caption": "BRIGHT thin"})
    *_, last = model.walk(start, own, seed())
    *_, film = model.film(start, own, seed(), ids.expand(3, -1), 2.0)
    torch.testing.assert_close(last.x, film.x)
    assert {tuple(row) for row in model.examples.tolist()} == {
        tuple(row) for row in model.conditions(np.zeros(4), TOLD).tolist()
    }
    with pytest.raises(Refused, match="'loud' is no word that the model was told"):
        list(model.walk(start, fill(TextToPicture.Sampling, {"caption": "loud"}), seed()))


def test_the_words_travel_in_the_state_dict() -> None:
    own, other = made(), made(width=8)
    other.begin(("others", "more"))
    other.load_state_dict(own.state_dict())
    assert other.wording.words == own.wording.words == ("bright", "dark", "thick", "thin")
    ids = own.conditions(np.zeros(2), ["dark thin", ""])
    assert ids.shape == (2, LENGTH)
    assert ids.tolist() == [[2, 4, 0, 0, 0, 0, 0, 0], [0] * 8]
    with pytest.raises(Refused, match="set Words to 9"):
        made(words=8).begin([" ".join("abcdefgh"), "i"])
    with pytest.raises(Refused, match="too long a word"):
        own.begin(["x" * 25, "y"])
    assert TextToPicture.refuses_data(64, 0)
    assert not TextToPicture.refuses_data(64, 2)


def test_it_learns_what_words_say() -> None:
    """One says how bright, the other which half."""
    told = ("dark left", "bright left", "dark right", "bright right")
    captions = [told[k % 4] for k in range(96)]
    pixels = torch.zeros((96, 8, 8))
    for picture, text in zip(pixels, captions, strict=True):
        picture[:, slice(0, 4) if "left" in text else slice(4, 8)] = 90.0 if "dark" in text else 240.0
    grain = torch.randint(0, 15, pixels.shape, generator=seed(5))
    design = fill(TextToPicture.Design, {"width": 8, "text_width": 16, "text_layers": 1, "patch": 1})
    model = init(TextToPicture(design, SHAPE), seed())
    model.begin(captions)
    ids = torch.tensor(model.conditions(np.zeros(96), captions))
    training = fill(TextToPicture.Training, {"batch": 12, "ema": 0.0, "learning_rate": 5e-3})
    fit = Fit(model, training, (pixels + grain).to(torch.uint8).flatten(1), ids, seed(1))
    before = float(model.loss_of(model.seen(fit.points), ids, seed()).mean())
    for beat in fit.beats():
        if beat.step >= 90:
            break
    after: Any = fit.shadow()
    assert float(after.loss_of(after.seen(fit.points), ids, seed()).mean()) < 0.4 * before
    for text in told:
        own = fill(TextToPicture.Sampling, {"steps": 8, "guidance": 1.5, "caption": text})
        *_, last = after.walk(after.prior(6, seed(2)), own, seed())
        halves = last.x.view(6, 8, 2, 4).mean((1, 3))
        assert ((halves[:, 0] > halves[:, 1]) == ("left" in text)).float().mean() >= 0.8, text
        assert ((halves.amax(1) > 0.25) == ("bright" in text)).float().mean() >= 0.8, text
