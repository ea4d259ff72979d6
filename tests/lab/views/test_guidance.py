"""Three arrows of guidance: they are the fields that the model's own samples follow, at any scale."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views
from tests.lab.recipes import go, small
from tests.lab.views.scenes import fit_of, scene_of

VIEW = views()["guidance"]
BOX = (-2.0, 2.0, -1.0, 1.0)


def scene(family: str, **sampling: object) -> Scene:
    run = Run(small(family, classes=2))
    go(run, 3)
    made = run.scene()
    made.sampling = run.sampling_with(sampling)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("family", "sampling"),
    [("diffusion", {}), ("classifier-guidance", {"kind": "classifier-free"}), ("classifier-guidance", {})],
)
def test_the_third_arrow_is_the_field_that_is_walked(family: str, sampling: dict[str, object]) -> None:
    """Sampled anew with each scale; two evaluations tell them all."""
    shown = scene(family, label=1, guidance=2.5, **sampling)
    arrows = finish(VIEW.compute(shown, Ask("guidance", box=BOX, t=0.4)))
    x, free, told = (torch.tensor(arrows.arrays[name]) for name in ("x", "free", "told"))
    assert arrows.numbers == {"gamma": 2.5, "label": 1.0}
    assert arrows.note == ""
    assert x.shape == (8 * 15, 2)
    assert len(set(x[:, 0].tolist())) == 15, "in squares"
    model, t, asked = shown.model, torch.tensor(0.4), torch.tensor([1])
    assert isinstance(model, Diffusion)
    assert not torch.allclose(free, told, atol=1e-4)
    for gamma in (0.0, 1.0, 2.5, 6.0):
        followed = model.guided(asked, type(shown.sampling)(**{**vars(shown.sampling), "guidance": gamma}))
        torch.testing.assert_close(free + gamma * (told - free), followed.velocity(x, t), rtol=1e-3, atol=1e-4)
        if not isinstance(followed, ClassifierFree):
            continue
        own = ClassifierFree(model, asked, gamma).velocity(x, t)
        torch.testing.assert_close(free + gamma * (told - free), own, rtol=1e-3, atol=1e-4)


def test_without_a_label_it_is_the_first_and_says_so() -> None:
    shown = finish(VIEW.compute(scene("diffusion"), Ask("guidance", box=BOX, t=1.0)))
    assert shown.numbers["label"] == 0
    assert "towards class 0" in shown.note


def test_what_has_no_classes_says_so() -> None:
    for family, words in (("diffusion", "built without classes"), ("gan", "not told classes")):
        assert words in VIEW.refuses(scene_of(fit_of(family)), Ask("guidance"))
    unknown = scene("diffusion", label=7)
    assert "no training point has" in VIEW.refuses(unknown, Ask("guidance"))
    with pytest.raises(Refused, match="not told classes"):
        finish(VIEW.compute(scene_of(fit_of("vae")), Ask("guidance")))
