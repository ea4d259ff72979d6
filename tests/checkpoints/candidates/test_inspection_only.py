"""Files that are looked at and not run: what their candidates read out of them, and when they call them broken."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dgm_studio.checkpoints.candidates.judging import examine, inspect
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, PICTURES, POINTS, Candidate
from tests.checkpoints.fixtures import made
from tests.checkpoints.fixtures_families import token_net
from tests.checkpoints.held import Held

SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "edm-pickle": ("edm", {"img_resolution": 8, "sigma_data": 0.5, "preconditioning": "EDM's own"}),
    "stylegan-pickle": ("stylegan", {"z_dim": 16, "img_channels": 3, "weights": "generator-ema"}),
    "k-diffusion": ("k-diffusion", {"sigma_data": 0.6162, "input_size": "28 x 28", "weights": "ema"}),
    "k-diffusion-safetensors": ("k-diffusion", {"type": "image_transformer_v2", "sigma_max": 80}),
    "mdlm": ("text-diffusion", {"tokens": 12, "mask": 11, "layers": 2, "parameterization": "subs", "length": 16}),
    "sedd": ("text-diffusion", {"tokens": 12, "width": 8}),
    "meta-flow-matching": ("meta-flow-matching", {"dataset": "cifar10", "ode_method": "midpoint"}),
    "gguf": ("gguf", {"general.architecture": "llama"}),
    "lora": ("adapter", {"rank": "4"}),
    "native-pictures": ("dgm-studio", {"family": "vae", "data": "fashion-mnist", "step": 10_000}),
}


def answer(opened: Held, id: str) -> Candidate:
    found = examine(opened).candidate(id)
    assert found is not None
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_inside_are_read_with_their_source(name: str) -> None:
    id, wanted = SETTINGS[name]
    (found,) = (one for one in inspect(made(name)).candidates if one.id == id)
    assert found.verdict == MATCH
    assert {key: found.setting(key) for key in wanted} == wanted
    assert all(one.source for one in found.settings)


def ours(**metadata: Any) -> Held:
    texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in metadata.items()}
    return Held({"fit.model.a.weight": np.ones((2, 2))}, {"metadata": {"format": "dgm-studio", "schema": "1", **texts}})


def test_our_own_files_are_told_apart_by_what_they_make() -> None:
    recipe = {"family": "gan", "design": {"width": 8}, "data": {"name": "moons"}}
    found = answer(ours(recipe=recipe, fit={"step": 3}), "dgm-studio")
    assert (found.verdict, found.makes, found.tier) == (MATCH, POINTS, 0)
    assert inspect(made("native-pictures")).best.makes == PICTURES  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "metadata",
    [{"recipe": {"family": "gan"}, "schema": "99"}, {"recipe": "{"}, {"recipe": {"no": 1}}, {}, {"schema": "x"}],
    ids=str,
)
def test_our_own_files_that_cannot_be_read_are_broken_and_say_why(metadata: dict[str, Any]) -> None:
    found = answer(ours(**metadata), "dgm-studio")
    assert found.verdict == BROKEN
    assert "schema" in found.reasons[0] or "recipe" in found.reasons[0]


def test_tokens_whose_sizes_do_not_belong_together_are_broken() -> None:
    arrays = {name: tensor.numpy() for name, tensor in token_net().items()}
    arrays["blocks.0.attn_qkv.weight"] = np.zeros((9, 9), np.float32)
    found = answer(Held(arrays), "text-diffusion")
    assert found.verdict == BROKEN
    assert "(9, 9)" in found.reasons[0]


def test_nobody_claims_a_strangers_weights() -> None:
    arrays = {"tower.first.kernel": np.zeros((3, 5, 7, 2)), "tower.second.kernel": np.zeros((4, 4, 4))}
    found = examine(Held(arrays)).inspection.candidates
    assert {one.id for one in found if one.verdict != NOT_MINE} == {"plain-weights"}
