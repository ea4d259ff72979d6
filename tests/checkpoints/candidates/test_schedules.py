"""Noise schedules: diffusers' own numbers, and what is noticed where two buffers do not belong together."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from dgm_studio.checkpoints.candidates.judging import examine
from dgm_studio.checkpoints.candidates.schedules import alphas_cumprod_of, betas_of, chain, curves_of, mended
from dgm_studio.checkpoints.candidates.weight_sets import weight_sets
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from tests.checkpoints.fixtures import made
from tests.checkpoints.held import Held

CONFIGS: tuple[dict[str, Any], ...] = (
    {},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    {"beta_schedule": "squaredcos_cap_v2", "num_train_timesteps": 50},
    {"beta_schedule": "sigmoid"},
    {"trained_betas": [0.1, 0.2, 0.3]},
    {"beta_schedule": "scaled_linear", "rescale_betas_zero_snr": True},
)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_a_schedulers_settings_give_the_numbers_diffusers_has(config: dict[str, Any]) -> None:
    theirs = import_module("diffusers").DDPMScheduler(**config)
    ours, left = betas_of(config), alphas_cumprod_of(config)
    assert ours is not None
    assert left is not None
    assert np.allclose(ours, theirs.betas.numpy(), atol=2e-6)
    assert np.allclose(left, theirs.alphas_cumprod.numpy(), atol=2e-6)


@pytest.mark.parametrize(
    "config",
    [
        {"beta_schedule": "of my own"},
        {"num_train_timesteps": 10**9},
        {"num_train_timesteps": "1000"},
        {"beta_start": "nan"},
        {"beta_end": 7.0},
        {"trained_betas": [0.1, "b"]},
        {"trained_betas": [0.1, 1.5]},
    ],
    ids=str,
)
def test_settings_that_name_no_chain_give_none(config: dict[str, Any]) -> None:
    assert betas_of(config) is None


def test_an_average_that_spoilt_its_schedule_takes_the_raw_copys() -> None:
    opened = open_checkpoint(made("lucidrains-spoilt"))
    sets, findings = mended(opened, weight_sets(opened))
    assert [one.code for one in findings] == ["E15"]
    assert "Using the schedule of the raw copy" in findings[0].text
    averaged, raw = sets
    assert (averaged.id, raw.id) == ("ema", "raw")
    assert averaged.names["alphas_cumprod"] == raw.names["alphas_cumprod"]
    assert averaged.names["init_conv.weight"] != raw.names["init_conv.weight"]
    opened.close()


@pytest.mark.parametrize("name", ["lucidrains", "latent-diffusion", "half-schedule", "diffusers-ddpm"])
def test_schedules_that_belong_together_are_left_alone(name: str) -> None:
    opened = open_checkpoint(made(name))
    assert mended(opened, weight_sets(opened))[1] == ()
    opened.close()


def test_a_raw_copy_that_contradicts_itself_is_said() -> None:
    betas = np.linspace(1e-4, 0.02, 50)
    opened = Held({"a.weight": np.ones((2, 2)), "betas": betas, "alphas_cumprod": np.cumprod(1 - 2 * betas)})
    (finding,) = mended(opened, weight_sets(opened))[1]
    gap = np.abs(np.cumprod(1 - 2 * betas) - np.cumprod(1 - betas)).max()
    assert finding.code == "E15"
    assert f"{gap:.2g}" in finding.text


def test_one_buffer_tells_the_chain() -> None:
    betas = np.linspace(1e-4, 0.02, 50)
    for name, values in (("betas", betas), ("alphas_cumprod", np.cumprod(1 - betas))):
        opened = Held({"net.a.weight": np.ones((2, 2)), name: values})
        found = chain(opened, weight_sets(opened)[0])
        assert found is not None
        assert np.allclose(found[0], np.cumprod(1 - betas))
        assert name in found[1]


def test_curves_are_shown_once_with_where_they_stand() -> None:
    opened = open_checkpoint(made("lucidrains"))
    curves = curves_of(opened, weight_sets(opened))
    assert sorted(one.name for one in curves) == ["alphas_cumprod", "betas", "loss_weight"]
    assert all(one.values.shape == (100,) and not one.values.flags.writeable for one in curves)
    opened.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("diffusers-ddpm", "linear (0.0001 to 0.02), 1,000 steps"),
        ("latent-diffusion", "scaled_linear (0.0015 to 0.0195), 1,000 steps"),
        ("lucidrains", "of its own, 100 steps"),
    ],
)
def test_a_chain_is_called_by_its_name(name: str, words: str) -> None:
    opened = open_checkpoint(made(name))
    asked = examine(opened).asked()
    assert next(one.value for one in asked.beside if one.name == "schedule") == words
    opened.close()
