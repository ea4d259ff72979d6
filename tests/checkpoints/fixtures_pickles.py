"""Fixtures: pickles that name classes: NVIDIA's persistent ones, whole modules, namespaces, Hydra's settings."""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from tests.checkpoints.fixtures import fixture
from tests.checkpoints.fixtures_torch_files import drawn, mlp, saved, unknown


@contextmanager
def library(name: str, *classes: Any) -> Iterator[None]:
    """While it lasts, pickle finds these classes in a module of this name, as it would where the file was written."""
    parts = name.split(".")
    names = [".".join(parts[: at + 1]) for at in range(len(parts))]
    before = {one: sys.modules.get(one) for one in names}
    for one in names:
        sys.modules[one] = ModuleType(one)
    for kind in classes:
        kind.__module__ = name
        kind.__qualname__ = kind.__name__
        setattr(sys.modules[name], kind.__name__, kind)
    try:
        yield
    finally:
        for one, was in before.items():
            if was is None:
                del sys.modules[one]
            else:
                sys.modules[one] = was


def _reconstruct_persistent_obj(meta: Any) -> Any:
    raise AssertionError("nothing in a file may be called")


class EasyDict(dict[str, Any]):
    """A dict of NVIDIA's with attributes."""


class _Persistent(nn.Module):
    """Pickles itself as torch_utils.persistence does: the class as text, its name and the state."""

    named = ""

    def __init__(self, named: str, kwargs: dict[str, Any], tensors: dict[str, Any]) -> None:
        super().__init__()
        self.named = named
        self._init_args: tuple[Any, ...] = ()
        self._init_kwargs = EasyDict(kwargs)
        for name, tensor in tensors.items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(tensor))

    def __reduce__(self) -> Any:
        state = {name: value for name, value in self.__dict__.items() if name != "named"}
        meta = EasyDict(type="class", version=6, module_src="raise SystemExit", class_name=self.named, state=state)
        return _reconstruct_persistent_obj, (meta,)


def _persistent(path: Path, thing: Any) -> Path:
    with library("torch_utils.persistence", _reconstruct_persistent_obj), library("dnnlib.util", EasyDict):
        path.write_bytes(pickle.dumps(thing))
    return path


@fixture("edm-pickle")
def _edm(folder: Path) -> Path:
    settings = {"img_resolution": 8, "img_channels": 3, "label_dim": 0, "sigma_data": 0.5, "model_type": "SongUNet"}
    net = _Persistent("EDMPrecond", settings, {"weight": drawn(8, 3, 3, 3), "bias": drawn(8)})
    whole = {"ema": net, "loss_fn": None, "augment_pipe": None, "dataset_kwargs": EasyDict(resolution=8)}
    return _persistent(folder / "network-snapshot-000100.pkl", whole)


@fixture("stylegan-pickle")
def _stylegan(folder: Path) -> Path:
    settings = {"z_dim": 16, "w_dim": 16, "c_dim": 0, "img_resolution": 8, "img_channels": 3}
    parts = {"w_avg": drawn(16), "weight": drawn(16, 16)}
    judge = {"weight": drawn(8, 3, 1, 1)}
    whole = {
        "G": _Persistent("Generator", settings, parts),
        "D": _Persistent("Discriminator", {"img_resolution": 8, "img_channels": 3, "c_dim": 0}, judge),
        "G_ema": _Persistent("Generator", settings, {name: one * 0.9 for name, one in parts.items()}),
        "training_set_kwargs": None,
    }
    return _persistent(folder / "network-snapshot-000200.pkl", whole)


class TheirNet(nn.Module):
    """Somebody's own class of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
        self.register_buffer("scale", drawn(1))


@fixture("whole-module")
def _module(folder: Path) -> Path:
    with library("their_project.models", TheirNet):
        return saved(TheirNet(), folder / "whole.pth")


@fixture("meta-flow-matching")
def _meta(folder: Path) -> Path:
    args = argparse.Namespace(dataset="cifar10", use_ema=True, ode_method="midpoint", class_drop_prob=0.2, epochs=3)
    model = {f"model.{name}": tensor for name, tensor in unknown().items()}
    shadows = {f"shadow_params.{at}": one * 0.9 for at, one in enumerate(unknown().values())}
    whole = {"model": {**model, **shadows, "num_updates": drawn(1)}, "optimizer": {"state": {}}, "lr_schedule": {}}
    return saved({**whole, "epoch": 1, "scaler": {}, "args": args}, folder / "checkpoint-1.pth")


class DictConfig:
    """OmegaConf's container of settings, as its pickle has it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._metadata = None
        self._parent = None
        self._content = content


class AnyNode:
    """OmegaConf's single value."""

    def __init__(self, value: Any) -> None:
        self._val = value


@fixture("lightning-omegaconf")
def _omega(folder: Path) -> Path:
    config = DictConfig({"model": DictConfig({"hidden": AnyNode(16), "parameterization": AnyNode("x0")})})
    with library("omegaconf.dictconfig", DictConfig), library("omegaconf.nodes", AnyNode):
        sys.modules["omegaconf.dictconfig"] = ModuleType("omegaconf.dictconfig")
        sys.modules["omegaconf.dictconfig"].DictConfig = DictConfig  # type: ignore[attr-defined]
        return saved(
            {
                "pytorch-lightning_version": "2.4.0",
                "state_dict": {f"net.{name}": tensor for name, tensor in mlp().items()},
                "hyper_parameters": {"config": config},
            },
            folder / "hydra.ckpt",
        )
