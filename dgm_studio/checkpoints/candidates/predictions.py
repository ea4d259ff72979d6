"""What a denoising network predicts, by the names of diffusers, and the words others have for it."""

from __future__ import annotations

from typing import Any

EPSILON, SAMPLE, V_PREDICTION, VELOCITY, NOISE_TO_DATA = "epsilon", "sample", "v_prediction", "eps-x0", "x0-eps"
"""Of flows: noise minus data, or data minus noise."""

TARGETS = (EPSILON, SAMPLE, V_PREDICTION)
"""What a network of a discrete chain may predict."""

WORDS = {
    "epsilon": EPSILON, "eps": EPSILON, "noise": EPSILON, "pred_noise": EPSILON, "pred_epsilon": EPSILON,
    "sample": SAMPLE, "x0": SAMPLE, "x_0": SAMPLE, "xstart": SAMPLE, "x_start": SAMPLE, "start_x": SAMPLE,
    "pred_x0": SAMPLE, "pred_xstart": SAMPLE, "data": SAMPLE,
    "v": V_PREDICTION, "v_prediction": V_PREDICTION, "v-prediction": V_PREDICTION, "pred_v": V_PREDICTION,
    "v_pred": V_PREDICTION, "vpred": V_PREDICTION,
    "eps-x0": VELOCITY, "x0-eps": NOISE_TO_DATA, "flow_prediction": VELOCITY,
}  # fmt: skip
"""Words in scheduler configs, modelspec and hyper-parameters."""

KEYS = (
    "prediction_type", "parameterization", "objective", "modelspec.prediction_type", "model_mean_type", "pred_type",
    "prediction", "predict_type", "target_type", "mean_type",
)  # fmt: skip
"""Under which they stand."""


def named(word: Any) -> str:
    """The prediction that a word of another program names, "" where it names none."""
    return WORDS.get(word.strip().lower().rpartition(".")[2] if isinstance(word, str) else "", "")
