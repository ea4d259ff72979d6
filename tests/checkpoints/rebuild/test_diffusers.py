"""diffusers folders rebuilt: old layouts, single components, and configs that do not belong to their weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Flow
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import BROKEN, MATCH, RefusedFile
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.rebuilding import made_by, rebuilding
from tests.checkpoints import diffusers_folders as folders
from tests.checkpoints.fixtures import made

PLACES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def rebuilt(path: Path, **choice: str) -> Denoiser:
    found = finish(rebuilding(path, choice, "cpu"))
    assert isinstance(found, Denoiser)
    return found


def edited(folder: Path, **own: Any) -> Path:
    """A U-Net's folder with other numbers in its config."""
    folders.unet().save_pretrained(folder)
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **own}))
    return folder


def settings(model: Denoiser) -> dict[str, tuple[Any, str]]:
    return {one.name: (one.value, one.source) for one in model.settings}


def test_the_flat_layout_of_2022_with_its_old_names(tmp_path: Path) -> None:
    """As google/ddpm-* was: a pickle, an alias of the class, other names in attention, a Python file beside."""
    net = folders.unet()
    old = {}
    for name, tensor in net.state_dict().items():
        for now, then in PLACES.items():
            name = name.replace(f".{now}.", f".{then}.")
        old[name] = tensor
    torch.save(old, tmp_path / "diffusion_pytorch_model.bin")
    config = {**net.config, "_class_name": "UNetUnconditionalModel"}
    scheduler = {"_class_name": "GaussianDDPMScheduler", "timesteps": 50, "variance_type": "fixed_large"}
    for name, content in {
        "config": config,
        "scheduler_config": scheduler,
        "model_index": {"_class_name": "DDPM"},
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "modeling_ddpm.py").write_text("raise SystemExit('this is never run')")
    model = rebuilt(tmp_path)
    x, told = torch.randn((2, 3, 8, 8), generator=torch.Generator().manual_seed(0)), torch.full((2,), 7.0)
    with torch.no_grad():
        assert torch.allclose(model.predict(x, told, torch.full((2,), -1)), net(x, 7).sample, atol=1e-6)
    assert isinstance(model.schedule, Discrete)
    assert len(model.schedule.alphas_cumprod) == 50
    assert settings(model)["variance"] == ("fixed_large", "from scheduler_config.json")
    assert not any(one.is_meta for one in model.net.state_dict().values())


def test_a_single_component_has_no_scheduler(tmp_path: Path) -> None:
    folders.unet().save_pretrained(tmp_path)
    own = settings(rebuilt(tmp_path))
    assert own["prediction"][0] == "epsilon"
    assert own["prediction"][1].startswith("assumed")
    assert own["size"] == ("8 x 8", "from config.json")


def test_what_a_person_chooses_instead(tmp_path: Path) -> None:
    folders.unet().save_pretrained(tmp_path)
    model = rebuilt(tmp_path, prediction="v_prediction", schedule="squaredcos_cap_v2", spacing="trailing")
    own = settings(model)
    assert own["prediction"] == ("v_prediction", "your choice")
    assert model.prediction == "v_prediction"
    schedule = model.schedule
    assert isinstance(schedule, Discrete)
    want = folders.lib.DDIMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod.numpy()
    assert abs(schedule.alphas_cumprod - want).max() < 1e-5
    assert schedule.spacing == "trailing"
    with pytest.raises(Refused, match="Prediction cannot be"):
        rebuilt(tmp_path, prediction="velocity")


def test_a_flow_matching_scheduler(tmp_path: Path) -> None:
    folders.unet().save_pretrained(tmp_path / "unet")
    (tmp_path / "scheduler").mkdir()
    text = json.dumps({"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000})
    (tmp_path / "scheduler" / "scheduler_config.json").write_text(text)
    model = rebuilt(tmp_path)
    assert model.schedule == Flow(scale=1000.0, reversed=True)
    assert model.prediction == "eps-x0"


def test_the_fixtures_are_recognised() -> None:
    for name, id in (
        ("diffusers-unet", "diffusers-unet2d"), ("diffusers-ddpm", "diffusers-unet2d"),
        ("diffusers-flat-old", "diffusers-unet2d"), ("diffusers-vae", "diffusers-autoencoder"),
    ):  # fmt: skip
        best = inspect(made(name)).best
        assert best is not None, name
        assert best.id == id, name
        assert best.extra == "diffusers"
        assert made_by(made(name)) == "pictures"


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({"block_out_channels": [16, 32]}, "conv_in.weight is"),
        ({"layers_per_block": 10**9}, "layers_per_block"),
        ({"block_out_channels": [8] * 5000}, "block_out_channels"),
        ({"sample_size": 10**6}, "sample_size"),
        ({"out_channels": 4}, "conv_out.weight is"),
        ({"time_embedding_type": "fourier"}, "Fourier"),
    ],
)
def test_a_config_of_another_network_is_broken_not_unknown(own: dict[str, Any], reason: str, tmp_path: Path) -> None:
    folder = edited(tmp_path, **own)
    found = next(one for one in inspect(folder).candidates if one.id == "diffusers-unet2d")
    assert found.verdict == BROKEN
    assert reason in found.reasons[0]
    with pytest.raises(RefusedFile) as refused:
        rebuilt(folder)
    assert refused.value.code == "E13"


@pytest.mark.parametrize("own", [{"layers_per_block": 2}, {"down_block_types": ["Nonsense", "DownBlock2D"]}])
def test_shapes_are_compared_before_anything_is_filled(own: dict[str, Any], tmp_path: Path) -> None:
    folder = edited(tmp_path, **own)
    best = inspect(folder).best
    assert best is not None
    assert best.verdict == MATCH
    with pytest.raises(RefusedFile) as refused:
        rebuilt(folder)
    assert refused.value.code == "E13"


def test_weights_without_their_config_say_what_is_missing(tmp_path: Path) -> None:
    folders.unet().save_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    found = next(
        one
        for one in inspect(tmp_path / "diffusion_pytorch_model.safetensors").candidates
        if one.id == "diffusers-unet2d"
    )
    assert found.verdict == BROKEN
    assert "open its folder" in found.reasons[0]
