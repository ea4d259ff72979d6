"""Knobs that do nothing are named with a reason, and do nothing; those not named do something."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value, knobs_of
from dgm_studio.families import families
from dgm_studio.lab.run import Run
from tests.lab.recipes import ALL, small


@pytest.mark.parametrize("family", ALL)
def test_idle_knobs_are_knobs_of_training_or_sampling_and_reasons_sentences(family: str) -> None:
    kind = families()[family]
    data = "gaussian" if not kind.refuses_data(2, 1) else "eight-gaussians"
    own = {one.name for one in (*knobs_of(kind.Training), *knobs_of(kind.Sampling))}
    report = Run(small(family, _data(data))).report()
    for reason in report.idle.values():
        assert reason.endswith(".")
    assert set(report.idle) <= own


def _data(name: str) -> DataSpec:
    return DataSpec(name, {}, 200)


def sampled(run: Run, **sampling: Value) -> torch.Tensor:
    """Samples with these knobs, always of the same noise."""
    scene, generator = run.scene(), torch.Generator().manual_seed(0)
    start = scene.model.prior(64, generator)
    *_, last = scene.model.walk(start, run.sampling_with(sampling), generator)
    return last.x


def test_without_classes_guidance_and_label_do_nothing() -> None:
    run = Run(small("diffusion"))
    assert set(run.report().idle) == {"label_drop", "guidance", "label"}
    assert "without classes" in run.report().idle["guidance"]
    assert torch.equal(sampled(run), sampled(run, guidance=7.0, label=3))


def test_with_classes_they_do_something() -> None:
    run = Run(small("diffusion", classes=2))
    assert run.report().idle == {}
    for _ in run.steps(20):
        pass
    assert not torch.equal(sampled(run, label=0), sampled(run, label=1))
    assert not torch.equal(sampled(run, label=0), sampled(run, label=0, guidance=5.0))


def test_only_guidance_distillation_has_a_use_for_guidance() -> None:
    run = Run(small("distillation", classes=2))
    assert set(run.report().idle) == {"guidance", "label"}
    assert "guidance distillation" in run.report().idle["label"]
    run.change_training("method", "guidance")
    assert run.report().idle == {}
    assert set(Run(small("distillation")).report().idle) == {"label_drop", "guidance", "label"}
    assert set(Run(small("reflow", pool=256)).report().idle) == {"label_drop"}


PREPARED = """
import sys
from dgm_studio.lab.run import Run
from tests.lab.recipes import small
def loaded(): return "scipy.optimize" in sys.modules
run = Run(small("pair-flow-matching"))
assert not loaded(), "paid where it is not chosen"
run.change_training("coupling", "optimal-transport")
assert loaded(), "left to the first beat"
next(run.beats())
"""


def test_what_a_beat_needs_is_imported_before_it() -> None:
    """In a process of its own: in this one SciPy is there already."""
    done = subprocess.run([sys.executable, "-c", PREPARED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
