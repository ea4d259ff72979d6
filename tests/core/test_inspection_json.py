"""An inspection through JSON and back is the same one."""

from __future__ import annotations

import json
import math

import numpy as np

from dgm_studio.core.inspection import (
    MATCH,
    WARNING,
    Candidate,
    Conclusion,
    Curve,
    Difference,
    Finding,
    Inspection,
    TensorDifference,
    TensorEntry,
    TensorStats,
    Totals,
    WeightSet,
)
from dgm_studio.core.inspection_json import (
    difference_from,
    difference_to,
    inspection_from,
    inspection_to,
    plain,
    stats_from,
    stats_to,
)

INSPECTION = Inspection(
    kind="torch-zip",
    title="PyTorch file",
    path="/a/b.pt",
    size=123,
    candidates=(
        Candidate(
            "mlp",
            "MLP",
            MATCH,
            0.5,
            ("It chains.",),
            "points",
            1,
            "",
            (Conclusion("p", "P", "v", "probe", ("v", "x")),),
        ),
    ),
    tensors=(TensorEntry("a.b", "float32", (2, 3), 24, "f", 64, "0"), TensorEntry("c", "int64", (), 8)),
    totals=Totals(2, 7, 32, {"float32": 1, "int64": 1}),
    weights=(WeightSet("raw", "Raw", {"b": "a.b"}, ("state_dict",)),),
    curves=(Curve("betas", "Betas", np.array([0.1, math.inf, 0.3]), "buffer"),),
    findings=(Finding("E05", WARNING, "Extra bytes."),),
    metadata={"epoch": 3, "deep": [{"x": None}], "odd \ud800": "\x00"},
    files=("a", "b"),
)


def test_an_inspection_comes_back_as_it_went() -> None:
    text = json.dumps(inspection_to(INSPECTION), allow_nan=False)
    back = inspection_from(json.loads(text))
    np.testing.assert_array_equal(back.curves[0].values, INSPECTION.curves[0].values)
    for name in ("kind", "path", "size", "candidates", "tensors", "totals", "weights", "findings", "metadata", "files"):
        assert getattr(back, name) == getattr(INSPECTION, name), name
    assert inspection_to(INSPECTION, tensors=False)["tensors"] == []


def test_figures_that_json_has_not_come_back() -> None:
    stats = TensorStats("a", -math.inf, 0.5, math.inf, math.nan, 1.0, 0.25, 3, 4)
    back = stats_from(json.loads(json.dumps(stats_to(stats), allow_nan=False)))
    assert (back.low, back.high, back.nans, back.infs) == (-math.inf, math.inf, 3, 4)
    assert math.isnan(back.std)
    row = TensorDifference("a", (2,), 1.0, math.inf, 1.0, 0.5)
    change = Difference("a", "b", (row,), ("c",), (), (("d", (1,), (2,)),), 1.0, 0.5, 1.0, 0.25, 7)
    assert difference_from(json.loads(json.dumps(difference_to(change), allow_nan=False))) == change


def test_what_is_no_plain_data_stands_in_angle_brackets() -> None:
    odd = {1: (np.float32(2), np.arange(2), {3}, object(), math.nan)}
    assert plain(odd) == {"1": [2.0, [0, 1], [3], "<object>", "nan"]}
