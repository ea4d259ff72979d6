"""Copies of the weights: every wrapper of the study comes off, and each average lies on the names it averages."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.checkpoints.candidates.weight_sets import weight_sets
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import WeightSet
from tests.checkpoints.fixtures import made
from tests.checkpoints.held import Held

EXPECTED: dict[str, dict[str, tuple[str, ...]]] = {
    "torch-zip": {"raw": ()},
    "lightning": {"raw": ("state_dict", "model.")},
    "ddp-compiled": {"raw": ("model", "module.", "_orig_mod.")},
    "ema-dict": {"ema": ("ema",), "raw": ("net",)},
    "params-ema": {"ema": ("params_ema",), "raw": ("params",)},
    "lucidrains": {"ema": ("ema", "ema_model.", "model."), "raw": ("model", "model.")},
    "guided-diffusion": {"ema-0.9999": ()},
    "torchcfm": {"ema": ("ema_model", "module."), "raw": ("net_model", "module.")},
    "k-diffusion": {"ema": ("model_ema",), "raw": ("model",)},
    "mdlm": {"ema": ("ema", "shadow_params"), "raw": ("state_dict", "backbone.")},
    "sedd": {"ema": ("ema", "shadow_params"), "raw": ("model", "module.")},
    "meta-flow-matching": {"ema": ("model", "shadow_params."), "raw": ("model", "model.")},
    "latent-diffusion": {
        "ema": ("state_dict", "model_ema."),
        "raw": ("state_dict", "model.", "diffusion_model."),
        "vae": ("state_dict", "first_stage_model."),
    },
    "gan-pair": {"generator-ema": ("g_ema",), "generator": ("generator",), "discriminator": ("discriminator",)},
    "stylegan-pickle": {"generator-ema": ("G_ema",), "generator": ("G",), "discriminator": ("D",)},
    "edm-pickle": {"ema": ("ema",)},
    "whole-module": {"raw": ("net.",)},
    "diffusers-ddpm": {"unet": ()},
    "diffusers-unet": {"raw": ()},
    "diffusers-sharded": {"raw": ()},
    "diffusers-ema": {"unet-ema": (), "unet": ()},
    "diffusers-dit": {"transformer": (), "vae": ()},
    "optimizer-only": {},
    "native-pictures": {"ema": ("fit.", "model.")},
}


def sets_of(name: str) -> dict[str, WeightSet]:
    opened = open_checkpoint(made(name))
    try:
        return {one.id: one for one in weight_sets(opened)}
    finally:
        opened.close()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_wrappers_come_off_in_order_and_averages_come_first(name: str) -> None:
    found = sets_of(name)
    assert {one.id: one.stripped for one in found.values()} == EXPECTED[name]
    assert list(found) == list(EXPECTED[name])
    assert all(one.names for one in found.values())


@pytest.mark.parametrize("name", ["mdlm", "sedd", "meta-flow-matching", "latent-diffusion"])
def test_an_average_without_names_lies_on_the_weights_it_averages(name: str) -> None:
    """In these fixtures every averaged number is 0.9 of the raw one; buffers are the raw copy's."""
    opened = open_checkpoint(made(name))
    found = {one.id: one for one in weight_sets(opened)}
    averaged, raw = found["ema"], found["raw"]
    assert averaged.names.keys() == raw.names.keys()
    own = [one for one in averaged.names if averaged.names[one] != raw.names[one]]
    assert len(own) >= 4
    for one in own:
        theirs = opened.read(raw.names[one])
        assert np.allclose(opened.read(averaged.names[one]), 0.9 * theirs, rtol=1e-5), one
    opened.close()


def test_a_list_of_averages_that_fits_no_weights_is_left_out() -> None:
    arrays = {"net.weight": np.zeros((3, 2)), "ema.shadow_params.0": np.zeros((5, 5))}
    tree = {"net": {"weight": None}, "ema": {"shadow_params": [None]}}
    assert [one.id for one in weight_sets(Held(arrays, tree))] == ["raw"]


def test_lucidrains_buffers_keep_their_names_beside_the_network() -> None:
    names = sets_of("lucidrains")["raw"].names
    assert {"betas", "alphas_cumprod", "loss_weight", "init_conv.weight", "final_conv.bias"} <= names.keys()
    assert names["init_conv.weight"] == "model.model.init_conv.weight"


def test_a_transformer_with_a_head_beside_it_is_not_taken_apart() -> None:
    arrays = {name: np.zeros(2) for name in ("model.layers.0.weight", "model.norm.weight", "lm_head.weight")}
    (found,) = weight_sets(Held(arrays))
    assert found.names.keys() == arrays.keys()
    assert not found.stripped


def test_an_autoencoder_is_one_model() -> None:
    arrays = {name: np.zeros(2) for name in ("encoder.conv_in.weight", "decoder.conv_in.weight", "quant_conv.weight")}
    (found,) = weight_sets(Held(arrays))
    assert found.names.keys() == arrays.keys()


def test_a_single_layer_as_a_dict_is_part_of_the_model() -> None:
    arrays = {"fc1.weight": np.zeros((2, 2)), "fc1.bias": np.zeros(2), "fc2.weight": np.zeros((1, 2))}
    tree = {"fc1": {"weight": None, "bias": None}, "fc2": {"weight": None}}
    (found,) = weight_sets(Held(arrays, tree))
    assert found.names.keys() == arrays.keys()
