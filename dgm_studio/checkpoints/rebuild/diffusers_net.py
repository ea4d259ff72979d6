"""A diffusers network from its config read as data: the class from our table, never from_pretrained."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import EXTRA, KINDS
from dgm_studio.checkpoints.candidates.schedules import alphas_cumprod_of, chain, scheduler_config
from dgm_studio.checkpoints.rebuild.choosing import value_of
from dgm_studio.checkpoints.rebuild.extras import library
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Discrete, Flow
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Conclusion, RefusedFile, WeightSet

MODULES = {
    "UNet2DModel": "diffusers.models.unets.unet_2d",
    "UNet1DModel": "diffusers.models.unets.unet_1d",
    "DiTTransformer2DModel": "diffusers.models.transformers.dit_transformer_2d",
    "AutoencoderKL": "diffusers.models.autoencoders.autoencoder_kl",
    "VQModel": "diffusers.models.autoencoders.vq_model",
}
"""Every class of diffusers that is ever built here, and where it is defined."""

OLD = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
"""What attention's layers were called before diffusers 0.12, by what they are called now."""


def net_of(name: str, asked: Asked, config: Mapping[str, Any], device: str) -> Generator[None, None, nn.Module]:
    """The class of that name, built with those keys of the config that it knows, filled with the weight set's tensors.
    Refused where diffusers is not installed; RefusedFile E13 where config or shapes do not fit."""
    kind = _kind(name)
    own = _known_keys(kind, config)
    yield

    def build() -> nn.Module:
        try:
            return _built(kind, own)
        except RefusedFile:
            raise
        except Exception as error:  # whatever a strange config leads diffusers to
            raise RefusedFile(
                "E13",
                f"Its config.json does not make a {name} ({type(error).__name__}). It can be inspected; to run it, "
                "open a folder whose config belongs to its weights.",
            ) from error

    return (yield from filling(build, asked, _old_names(asked), device))


def component(asked: Asked, name: str) -> Asked:
    """The question of another component of the same folder ("vae"), by the names that its own tensors have there."""
    prefix = f"{name}."
    names = {one.removeprefix(prefix): one for one in asked.opened.tensors if one.startswith(prefix)}
    tensors = {own: asked.opened.tensors[file] for own, file in names.items()}
    config = asked.opened.tree[f"{name}/config.json"]
    return replace(asked, weights=WeightSet(name, name, names), tensors=tensors, config=config)


def schedule_of(asked: Asked, settings: tuple[Conclusion, ...]) -> Discrete | Flow:
    """The schedule as the settings have it: the scheduler's own chain, or the kind that a person chose."""
    config, _ = scheduler_config(asked.opened.tree)
    told = value_of(settings, "schedule", "")
    if told == "straight path":
        return Flow(scale=float(config.get("num_train_timesteps", 1000)), reversed=True)
    if told in KINDS:
        abar = alphas_cumprod_of({**config, "beta_schedule": told, "trained_betas": None})
    else:
        found = chain(asked.opened, asked.weights)
        abar = found[0] if found is not None else alphas_cumprod_of(config)
    if abar is None:
        raise Refused(f"The noise schedule '{told}' makes no chain with this scheduler's numbers. Choose another.")
    offset = config.get("steps_offset", 0)
    return Discrete(
        alphas_cumprod=abar,
        spacing=str(value_of(settings, "spacing", "leading")),
        steps_offset=offset if isinstance(offset, int) else 0,
        variance=str(value_of(settings, "variance", "fixed_small")),
        clip=float(value_of(settings, "clip", 0.0)),
        set_alpha_to_one=config.get("set_alpha_to_one", True) is not False,
    )


def _kind(name: str) -> Callable[..., nn.Module]:
    # diffusers says on its logger what it would warn a programmer of (an xformers too old); nothing of it is ours.
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    found: Callable[..., nn.Module] = getattr(library(MODULES[name], EXTRA, f"a {name}"), name)
    return found


def _known_keys(kind: Callable[..., nn.Module], config: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of the config that the class has; those with an underscore are diffusers' own notes. No dropout is built."""
    names = set(inspect.signature(kind.__init__).parameters) - {"self"}
    return {key: value for key, value in config.items() if key in names and not key.startswith("_")}


def _built(kind: Callable[..., nn.Module], config: dict[str, Any]) -> nn.Module:
    return kind(**config)


def _old_names(asked: Asked) -> dict[str, str]:
    """An old file's names of attention's layers, by those of today."""
    found = {}
    for name in asked.tensors:
        for now, then in OLD.items():
            if ".attentions." in name and f".{then}." in name:
                found[name.replace(f".{then}.", f".{now}.")] = name
    return found
