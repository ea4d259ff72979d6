"""Findings: each sentence appears where the file gives the reason for it, and not elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.checkpoints.candidates import soundness
from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.core.inspection import ERROR, Finding, Inspection
from tests.checkpoints.fixtures import kinds, made
from tests.checkpoints.fixtures_families import dcgan
from tests.checkpoints.fixtures_torch_files import saved
from tests.checkpoints.held import Held

ONLY_IN = {
    "E15": {"lucidrains-spoilt"},
    "E20": {"diffusers-unknown-class"},
    "E21": {"with-nan"},
    "E06": set(),
    "E08": set(),
    "E13": set(),
}


def codes(inspection: Inspection) -> list[str]:
    return [one.code for one in inspection.findings]


def of(inspection: Inspection, code: str) -> Finding:
    (found,) = (one for one in inspection.findings if one.code == code)
    return found


@pytest.mark.parametrize("name", kinds())
def test_each_finding_is_where_it_belongs(name: str) -> None:
    found = codes(inspect(made(name)))
    for code, where in ONLY_IN.items():
        assert (code in found) == (name in where), code


def test_weights_that_are_not_finite_bar_sampling() -> None:
    found = of(inspect(made("with-nan")), "E21")
    assert found.level == ERROR
    assert found.text.startswith("2 tensors hold NaN or infinity: 2.weight, 4.bias.")


def test_a_damaged_tensor_is_named_and_bars_sampling(tmp_path: Path) -> None:
    path = saved({"0.weight": torch.full((64, 64), 3.0), "0.bias": torch.ones(64)}, tmp_path / "flipped.pt")
    body = bytearray(path.read_bytes())
    at = body.index(np.full(32, 3.0, np.float32).tobytes())
    body[at] ^= 1
    path.write_bytes(body)
    found = of(inspect(path), "E06")
    assert found.level == ERROR
    assert "0.weight" in found.text
    assert "1 of 2 tensors" in found.text


def test_more_than_the_free_memory_is_said_before_anybody_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "free_memory", lambda: 1000)
    assert "E08" in codes(inspect(Held({"a.weight": np.ones((100, 100), np.float32)})))
    assert "E08" not in codes(inspect(Held({"a.weight": np.ones((5, 5), np.float32)})))


def test_weights_alone_say_so() -> None:
    assert "without a description" in of(inspect(made("npy")), "E12").text


def test_what_looks_like_a_network_but_does_not_fit_says_which_tensor(tmp_path: Path) -> None:
    tensors = dcgan()
    tensors["main.3.weight"] = torch.zeros(5, 4, 4, 4)
    found = inspect(saved(tensors, tmp_path / "netG.pth"))
    assert of(found, "E13").text.startswith("Looks like DCGAN of the PyTorch tutorial, but it does not fit: main.0")


def test_an_assumed_prediction_is_called_assumed() -> None:
    assert "epsilon is assumed" in of(inspect(made("diffusers-unet")), "E14").text
    assert "E14" not in codes(inspect(made("diffusers-ddpm")))


def test_unknown_classes_of_a_pipeline_are_named_one_by_one() -> None:
    texts = [one.text for one in inspect(made("diffusers-unknown-class")).findings if one.code == "E20"]
    assert [("MyUNet" in one, "NoSuchThing" in one) for one in texts] == [(True, False), (False, True)]


def test_a_denoiser_of_latents_says_that_its_pictures_are_not_decoded() -> None:
    found = inspect(made("latent-diffusion"))
    assert [one for one in found.findings if "not decoded" in one.text]
    assert not [one for one in inspect(made("diffusers-dit")).findings if "not decoded" in one.text]
