"""ONNX graphs: recognised by the shapes of their inputs, run in a helper process, with the inputs a person says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import NodeProto, TensorProto, helper, save

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import NOISE_TO_DATA, Decoder, Denoiser, Discrete, Flow, Rebuilt
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import BROKEN, MATCH, PICTURES, POINTS, Candidate
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.foreign_points import opened_with
from dgm_studio.lab.checkpoints.rebuilding import rebuilding

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
Axes = list[int | str]


def written(
    path: Path, nodes: Sequence[NodeProto], inputs: dict[str, tuple[int, Axes]], outputs: dict[str, tuple[int, Axes]],
    constants: dict[str, list[float]] | None = None,
) -> Path:  # fmt: skip
    """A graph of these nodes; constants are 1-D float tensors."""
    graph = helper.make_graph(
        nodes, "graph",
        [helper.make_tensor_value_info(name, kind, axes) for name, (kind, axes) in inputs.items()],
        [helper.make_tensor_value_info(name, kind, axes) for name, (kind, axes) in outputs.items()],
        [helper.make_tensor(name, FLOAT, [len(numbers)], numbers) for name, numbers in (constants or {}).items()],
    )  # fmt: skip
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return path


def points(path: Path) -> Path:
    """velocity = centre - x + 0 t."""
    nodes = [
        helper.make_node("Sub", ["centre", "x"], ["d"]),
        helper.make_node("Mul", ["t", "zero"], ["nothing"]),
        helper.make_node("Add", ["d", "nothing"], ["velocity"]),
    ]
    inputs: dict[str, tuple[int, Axes]] = {"x": (FLOAT, ["n", 2]), "t": (FLOAT, ["n", 1])}
    return written(path, nodes, inputs, {"velocity": (FLOAT, ["n", 2])}, {"centre": [1.0, -2.0], "zero": [0.0]})


def pictures(path: Path) -> Path:
    """eps = sample + timestep (a scalar), two pictures at a time."""
    nodes = [
        helper.make_node("Cast", ["timestep"], ["t"], to=FLOAT),
        helper.make_node("Add", ["sample", "t"], ["eps"]),
    ]
    inputs: dict[str, tuple[int, Axes]] = {"sample": (FLOAT, [2, 3, 8, 8]), "timestep": (INT, [])}
    return written(path, nodes, inputs, {"eps": (FLOAT, [2, 3, 8, 8])})


def answer(path: Path) -> Candidate:
    return next(one for one in inspect(path).candidates if one.id == "onnx-graph")


def rebuilt(path: Path, **choice: str) -> Rebuilt:
    return finish(rebuilding(path, choice, "cpu"))


def test_a_velocity_of_points_is_filmed(tmp_path: Path) -> None:
    path = points(tmp_path / "flow.onnx")
    best = inspect(path).best
    assert best is not None
    assert (best.id, best.makes, best.tier, best.extra) == ("onnx-graph", POINTS, 2, "onnx")
    assert (best.setting("x"), best.setting("time"), best.setting("output")) == ("x", "t", "velocity")
    scene = opened_with(path, {"solver": "euler", "steps": "4", "prediction": "x0-eps"}, "cpu")
    start = torch.tensor([[3.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    *_, last = scene.model.walk(start, scene.sampling, torch.Generator().manual_seed(0))
    centre = torch.tensor([1.0, -2.0])
    torch.testing.assert_close(last.x, centre + (start - centre) * 0.75**4)


def test_a_fixed_batch_and_a_scalar_time_are_met(tmp_path: Path) -> None:
    made = rebuilt(pictures(tmp_path / "ddpm.onnx"), prediction="epsilon")
    assert isinstance(made, Denoiser)
    assert isinstance(made.schedule, Discrete)
    x = torch.randn((5, 3, 8, 8), generator=torch.Generator().manual_seed(1))
    out = made.predict(x, torch.full((5,), 7.0), torch.full((5,), -1))
    torch.testing.assert_close(out, x + 7)
    assert tuple(made.shape)[:3] == (3, 8, 8)


def test_an_assumed_prediction_is_probed(tmp_path: Path) -> None:
    made = rebuilt(points(tmp_path / "flow.onnx"))
    assert isinstance(made, Denoiser)
    assert (made.schedule, made.prediction) == (Flow(), NOISE_TO_DATA)
    assert next(one.source for one in made.settings if one.name == "prediction").startswith("probe (strong")


def test_noise_that_becomes_a_picture_is_a_decoder(tmp_path: Path) -> None:
    nodes = [helper.make_node("Expand", ["z", "shape"], ["wide"]), helper.make_node("Tanh", ["wide"], ["picture"])]
    graph_inputs: dict[str, tuple[int, Axes]] = {"z": (FLOAT, [1, 3, 1, 1])}
    nodes.insert(0, helper.make_node("Constant", [], ["shape"], value_ints=[1, 3, 4, 4]))
    path = written(tmp_path / "gan.onnx", nodes, graph_inputs, {"picture": (FLOAT, [1, 3, 4, 4])})
    assert (answer(path).verdict, answer(path).makes) == (MATCH, PICTURES)
    made = rebuilt(path)
    assert isinstance(made, Decoder)
    z = torch.randn((3, 3), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(made.decode(z), z.tanh()[:, :, None, None].expand(3, 3, 4, 4))


def test_what_it_cannot_be_told_is_refused(tmp_path: Path) -> None:
    path = points(tmp_path / "flow.onnx")
    with pytest.raises(Refused, match=r"one input is chosen twice|would be told nothing"):
        rebuilt(path, time="x")
    made = rebuilt(pictures(tmp_path / "ddpm.onnx"), prediction="epsilon")
    assert isinstance(made, Denoiser)
    with pytest.raises(Refused, match="cannot be run with"):
        made.predict(torch.zeros((2, 3, 4, 4)), torch.zeros(2), torch.zeros(2))


def test_a_graph_that_was_rewritten_is_not_run(tmp_path: Path) -> None:
    path = points(tmp_path / "flow.onnx")
    made = rebuilt(path, prediction="x0-eps")
    assert isinstance(made, Denoiser)
    path.write_bytes(path.read_bytes() + b"\n\x00")
    with pytest.raises(Refused, match="was rewritten"):
        made.predict(torch.zeros((1, 2, 1, 1)), torch.zeros(1), torch.zeros(1))


def test_no_role_and_operators_of_its_own_are_said(tmp_path: Path) -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    only: dict[str, tuple[int, Axes]] = {"x": (FLOAT, ["n", 4])}
    plain = written(tmp_path / "relu.onnx", nodes, only, {"y": (FLOAT, ["n", 4])})
    assert answer(plain).verdict == BROKEN
    assert "no time" in answer(plain).reasons[0]
    own = [helper.make_node("Relu", ["x"], ["y"], domain="com.someone")]
    custom = written(tmp_path / "own.onnx", own, only, {"y": (FLOAT, ["n", 4])})
    assert "com.someone" in answer(custom).reasons[0]
    assert np.isclose(answer(custom).score, 0.5)
