"""The prediction type's ladder: each rung by a file that has it, and the loss_weight buffer's test by its formulas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.checkpoints.candidates.evidence import weight_residuals
from dgm_studio.checkpoints.candidates.judging import examine
from dgm_studio.checkpoints.candidates.predictions import EPSILON, SAMPLE, V_PREDICTION
from dgm_studio.checkpoints.candidates.schedules import cosine_betas
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import Conclusion
from tests.checkpoints.fixtures import made
from tests.checkpoints.fixtures_families import sigmoid_betas
from tests.checkpoints.held import Held

RUNGS = {
    "diffusers-ddpm": (V_PREDICTION, "from scheduler_config.json"),
    "diffusers-flat-old": (EPSILON, "from scheduler_config.json (its class's default)"),
    "diffusers-ema": (SAMPLE, "from scheduler_config.json"),
    "safetensors-modelspec": (V_PREDICTION, "from the metadata's modelspec.prediction_type"),
    "safetensors-v-pred": (V_PREDICTION, "from the marker tensor v_pred"),
    "lightning": (V_PREDICTION, "from the file's 'hyper_parameters': parameterization"),
    "lightning-omegaconf": (SAMPLE, "from the file's 'hyper_parameters': parameterization"),
    "lucidrains": (V_PREDICTION, "from the loss_weight buffer"),
    "lucidrains-noise": (EPSILON, "from the loss_weight buffer"),
    "lucidrains-x0": (SAMPLE, "from the loss_weight buffer"),
}


def told(path: Path) -> Conclusion | None:
    opened = open_checkpoint(path)
    try:
        beside = examine(opened).asked().beside
    finally:
        opened.close()
    return next((one for one in beside if one.name == "prediction"), None)


@pytest.mark.parametrize("name", RUNGS)
def test_each_rung_tells_the_prediction_with_its_source(name: str) -> None:
    found = told(made(name))
    assert found is not None
    assert found.value == RUNGS[name][0]
    assert found.source.startswith(RUNGS[name][1])
    assert found.value in found.options
    assert len(found.options) == 3


@pytest.mark.parametrize("name", ["torch-zip", "guided-diffusion", "dcgan"])
def test_nothing_is_claimed_where_nothing_says_it(name: str) -> None:
    assert told(made(name)) is None


def test_a_yaml_beside_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(made("torch-zip").read_bytes())
    (tmp_path / "model.yaml").write_text("model:\n  params:\n    parameterization: v\n", "utf-8")
    found = told(path)
    assert found is not None
    assert found.value == V_PREDICTION
    assert "model.yaml" in found.source


def test_rungs_that_contradict_each_other_are_both_named() -> None:
    epsilon = np.ones(500)  # its weight without clipping
    arrays = {"a.weight": np.ones((2, 2)), "betas": np.linspace(1e-4, 0.02, 500), "loss_weight": epsilon}
    asked = examine(Held(arrays, {"hyper_parameters": {"objective": "pred_v"}})).asked()
    (found,) = (one for one in asked.beside if one.name == "prediction")
    assert found.value == V_PREDICTION
    assert "says epsilon" in found.source


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([EPSILON, SAMPLE, V_PREDICTION]),
    st.sampled_from(["linear", "cosine", "sigmoid"]),
    st.integers(20, 400),
    st.sampled_from([0.0, 1.0, 5.0]),
)
def test_the_loss_weight_tells_the_objective(objective: str, kind: str, steps: int, clip: float) -> None:
    betas = {
        "linear": np.linspace(0.1 / steps, min(20 / steps, 0.9), steps),
        "cosine": cosine_betas(steps),
        "sigmoid": sigmoid_betas(steps).numpy(),
    }[kind]
    left = np.cumprod(1 - betas)
    snr = left / (1 - left)
    c = np.minimum(snr, clip) if clip else snr
    weight = {EPSILON: c / snr, SAMPLE: c, V_PREDICTION: c / (snr + 1)}[objective].astype(np.float32)
    residuals = weight_residuals(weight.astype(np.float64), left)
    others = [residuals[name] for name in residuals if name != objective]
    assert residuals[objective] < 1e-5
    assert min(others) > 0.1


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=8))
def test_any_weights_are_answered(values: list[float]) -> None:
    left = np.cumprod(np.full(len(values), 0.9))
    assert set(weight_residuals(np.array(values), left)) == {EPSILON, SAMPLE, V_PREDICTION}
