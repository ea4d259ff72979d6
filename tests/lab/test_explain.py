"""Exceptions as sentences."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.reports import Failure
from dgm_studio.lab.explain import explain


def caught(error: BaseException) -> Failure:
    """The failure of an error that was really raised."""
    try:
        raise error
    except type(error) as raised:
        return explain(raised, 17)


def real_out_of_memory() -> BaseException:
    """What torch raises when the CPU has no such memory."""
    try:
        torch.empty(2**60)
    except RuntimeError as error:
        return error
    raise AssertionError("this machine has an exabyte")


@pytest.mark.parametrize(
    "error",
    [
        real_out_of_memory(),
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    ],
    ids=["real", "python", "cuda", "mps", "cpu"],
)
def test_out_of_memory_is_recognised(error: BaseException) -> None:
    failure = caught(error)
    assert "not enough memory" in failure.sentence
    assert "smaller batch" in failure.sentence
    assert failure.request == 17
    assert "Traceback" in failure.details


def test_a_shape_error_is_not_taken_for_out_of_memory() -> None:
    with pytest.raises(RuntimeError) as error:
        torch.zeros(2, 3) @ torch.zeros(2, 3)
    failure = explain(error.value)
    assert "does not know" in failure.sentence
    assert "RuntimeError" in failure.sentence
    assert "memory" not in failure.sentence
    assert "cannot be multiplied" in failure.sentence


def test_divergence_offers_its_remedy() -> None:
    failure = caught(Diverged(1234, float("nan"), 1200))
    assert failure.remedy == "halve-learning-rate"
    assert "1,234" in failure.sentence
    assert "1,200" in failure.sentence


def test_a_refusal_is_its_own_sentence() -> None:
    failure = caught(Refused("No."))
    assert (failure.sentence, failure.remedy, failure.request) == ("No.", "", 17)
