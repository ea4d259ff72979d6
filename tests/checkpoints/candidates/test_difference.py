"""The difference of two checkpoints against numpy, in one go and tensor by tensor."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
import pytest

from dgm_studio.checkpoints.candidates import difference as module
from dgm_studio.checkpoints.candidates.difference import difference
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import Difference, RefusedFile, TensorDifference
from tests.checkpoints.fixtures import made
from tests.checkpoints.held import Held


def whole(
    going: Generator[TensorDifference | None, None, Difference],
) -> tuple[list[TensorDifference | None], Difference]:
    steps = []
    while True:
        try:
            steps.append(next(going))
        except StopIteration as done:
            return steps, done.value


def test_the_figures_are_those_of_the_whole_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 7)
    rng = np.random.default_rng(0)
    first = {"a.weight": rng.normal(size=(5, 4)), "b.weight": rng.normal(size=3), "gone": np.ones(2)}
    second = {"a.weight": rng.normal(size=(5, 4)), "b.weight": first["b.weight"], "new": np.ones(2)}
    steps, total = whole(
        difference(Held(first | {"c.weight": np.ones(2)}), Held(second | {"c.weight": np.ones((2, 1))}))
    )
    assert steps.count(None) == 2  # 20 numbers in chunks of 7
    row = total.rows[0]
    a, b = first["a.weight"].ravel(), second["a.weight"].ravel()
    assert row.norm == pytest.approx(np.linalg.norm(b - a))
    assert row.relative == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a))
    assert row.largest == pytest.approx(np.abs(b - a).max())
    assert row.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert total.equal == 1
    assert total.rows[1].norm == 0
    assert total.rows[1].cosine == pytest.approx(1)
    assert total.only_first == ("gone",)
    assert total.only_second == ("new",)
    assert total.shapes == (("c.weight", (2,), (2, 1)),)
    both_a = np.concatenate([a, first["b.weight"]])
    both_b = np.concatenate([b, second["b.weight"]])
    assert total.relative == pytest.approx(np.linalg.norm(both_b - both_a) / np.linalg.norm(both_a))
    assert total.cosine == pytest.approx(both_a @ both_b / np.linalg.norm(both_a) / np.linalg.norm(both_b))


def test_an_average_against_its_raw_copy() -> None:
    opened = open_checkpoint(made("sedd"))
    _, total = whole(difference(opened, opened, ("raw", "ema")))
    opened.close()
    assert len(total.rows) == 15
    assert total.relative == pytest.approx(0.1, rel=1e-4)
    assert total.cosine == pytest.approx(1)
    assert "as trained" in total.first
    assert "veraged" in total.second


def test_two_formats_of_the_same_weights_are_equal() -> None:
    first, second = open_checkpoint(made("torch-zip")), open_checkpoint(made("torch-legacy"))
    _, total = whole(difference(first, second))
    first.close()
    second.close()
    assert total.equal == len(total.rows) == 6
    assert total.norm == 0


def test_what_is_not_finite_is_left_out_of_the_sums() -> None:
    first, second = np.array([1.0, np.nan, 2.0, np.inf]), np.array([1.0, np.nan, 4.0, 5.0])
    _, total = whole(difference(Held({"a.weight": first}), Held({"a.weight": second})))
    assert total.rows[0].norm == 2
    assert total.equal == 0
    nan_only = {"a.weight": np.array([1.0, np.nan])}
    assert whole(difference(Held(nan_only), Held(nan_only)))[1].equal == 1


def test_zeros_and_nothing_in_common() -> None:
    _, total = whole(difference(Held({"a.weight": np.zeros(3)}), Held({"a.weight": np.ones(3)})))
    assert total.relative == math.inf
    assert math.isnan(total.cosine)
    _, none = whole(difference(Held({"a.weight": np.zeros(3)}), Held({"b.weight": np.ones(3)})))
    assert none.rows == ()
    assert none.relative == 0


def test_it_can_be_stopped_after_any_tensor_and_refuses_unknown_copies() -> None:
    opened = open_checkpoint(made("sedd"))
    going = difference(opened, opened, ("raw", "ema"))
    assert next(going) is not None
    going.close()
    with pytest.raises(RefusedFile, match="no weights 'third'"):
        next(difference(opened, opened, ("raw", "third")))
    opened.close()
