"""The PyTorch tutorial's generator: the same numbers as its own Sequential, and a real file of faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, Candidate
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from dgm_studio.lab.pictures.commands import sample
from tests.checkpoints.wheels import unpacked

ID = "pytorch-dcgan"


def tutorial(latent: int = 6, width: int = 4, channels: int = 3) -> nn.Sequential:
    """The tutorial's layers at 16 pixels, with batch norms that have seen data."""
    generator = torch.Generator().manual_seed(0)
    net = nn.Sequential(
        nn.ConvTranspose2d(latent, 2 * width, 4, 1, 0, bias=False), nn.BatchNorm2d(2 * width), nn.ReLU(True),
        nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
        nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(0.1 + torch.rand(tensor.shape, generator=generator))
    return net.eval()


def written(folder: Path, tensors: dict[str, Tensor]) -> Path:
    save_file(tensors, folder / "net.safetensors")
    return folder / "net.safetensors"


def answer(path: Path) -> Candidate:
    return next(one for one in inspect(path).candidates if one.id == ID)


def test_the_same_pictures(tmp_path: Path) -> None:
    net = tutorial()
    path = written(tmp_path, {f"main.{name}": tensor for name, tensor in net.state_dict().items()})
    found = answer(path)
    assert found.verdict == MATCH
    assert [found.setting(name) for name in ("latent", "size", "channels")] == [6, 16, 3]
    model = finish(rebuilding(path, {}, "cpu"))
    assert isinstance(model, Decoder)
    z = torch.randn((3, 6), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(model.decode(z), net(z[:, :, None, None]), atol=1e-6)
    assert not any(one.is_meta for one in model.net.state_dict().values())


def test_a_discriminator_is_named(tmp_path: Path) -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 4, 2, 1, bias=False), nn.LeakyReLU(0.2), nn.Conv2d(4, 8, 4, 2, 1, bias=False),
        nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 4, 1, 0, bias=False),
    )  # fmt: skip
    found = answer(written(tmp_path, {f"main.{name}": tensor for name, tensor in net.state_dict().items()}))
    assert found.verdict == NOT_MINE
    assert "discriminator" in found.reasons[0]


def test_channels_that_do_not_chain(tmp_path: Path) -> None:
    tensors = {f"main.{name}": tensor for name, tensor in tutorial().state_dict().items()}
    found = answer(written(tmp_path, {**tensors, "main.3.weight": torch.zeros(7, 4, 4, 4)}))
    assert found.verdict == BROKEN
    assert "main.0.weight gives 8 channels" in found.reasons[0]


def test_48_faces(tmp_path: Path) -> None:
    """gan-face-generate 1.1.1: 48 different pictures of 64 x 64 in full range, and as different as faces are."""
    weights = unpacked("gan-face-generate==1.1.1") / "gan_face_generate" / "weights.tar"
    out = tmp_path / "faces.npy"
    told = sample(str(weights), 48, 0, (), str(out), quiet=True)
    x = np.load(out)
    assert told["n"] == 48
    assert x.shape == (48, 3, 64, 64)
    flat = x.reshape(48, -1)
    assert flat.std(1).min() > 0.1
    assert (np.abs(flat[:, None] - flat[None]).mean(-1) + np.eye(48)).min() > 0.1
    # Faces look at the camera: their middles are more alike than their backgrounds' corners.
    assert x[:, :, 24:40, 24:40].std(0).mean() < x[:, :, :12, :12].std(0).mean()


def test_a_seed_is_a_face(tmp_path: Path) -> None:
    net = tutorial()
    path = written(tmp_path, dict(net.state_dict()))
    for name in ("a", "b"):
        sample(str(path), 4, 3, ("truncation=0.5",), str(tmp_path / f"{name}.npy"), quiet=True)
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))
    z = 0.5 * torch.randn((4, 6), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        want = net(z[:, :, None, None]).numpy()
    assert np.allclose(np.load(tmp_path / "a.npy"), want, atol=1e-6)


@pytest.mark.parametrize("knob", ["steps=4", "truncation=9"])
def test_knobs_that_it_has_not(knob: str, tmp_path: Path) -> None:
    path = written(tmp_path, dict(tutorial().state_dict()))
    with pytest.raises(Exception, match=knob.partition("=")[0]):
        sample(str(path), 1, 0, (knob,), str(tmp_path / "x.npy"), quiet=True)


def test_choices_on_the_command_line(tmp_path: Path) -> None:
    """What is chosen of the file is kept apart from the knobs; a choice of a setting that it has not does nothing."""
    path = written(tmp_path, dict(tutorial().state_dict()))
    for name, words in (("a", ("truncation=0.5",)), ("b", ("truncation=0.5", "choice.prediction=sample"))):
        sample(str(path), 2, 3, words, str(tmp_path / f"{name}.npy"), quiet=True)
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))
    with pytest.raises(Exception, match="can run this file"):
        sample(str(path), 1, 0, ("choice.candidate=x",), str(tmp_path / "c.npy"), quiet=True)
