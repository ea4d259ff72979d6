"""The native checkpoint: one .safetensors file with the recipe and everything that going on bit-exactly needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from dgm_studio import __version__
from dgm_studio.core.arrays import Array
from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import SCHEMA, Recipe
from dgm_studio.lab.run import Run

FORMAT = "dgm-studio"
SUFFIX = ".safetensors"


def save(run: Run, path: str | Path) -> Path:
    """Write the run's checkpoint atomically and return where; the suffix .safetensors is added if missing."""
    target = Path(path)
    if target.suffix != SUFFIX:
        target = target.with_name(target.name + SUFFIX)
    tensors, fit = run.fit.state()
    tensors = {f"fit.{name}": tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    for name, (steps, values) in run.loss_arrays().items():
        tensors[f"losses.steps.{name}"] = torch.tensor(steps)
        tensors[f"losses.values.{name}"] = torch.tensor(values)
    recipe = run.recipe
    for spec in _specs(recipe):
        if spec.points is not None:
            tensors[f"data.points.{spec.points.sha256}"] = torch.tensor(np.array(spec.points.points))
            tensors[f"data.labels.{spec.points.sha256}"] = torch.tensor(np.array(spec.points.labels))
    metadata = {
        "format": FORMAT,
        "schema": str(SCHEMA),
        "recipe": json.dumps(recipe.to_json(embed=False)),
        "fit": json.dumps(fit),
        "versions": json.dumps({"dgm-studio": __version__, "torch": torch.__version__}),
        "threads": str(torch.get_num_threads()),
        "device": str(run.device),
    }
    write_bytes(target, to_bytes(tensors, metadata))
    return target


def load(path: str | Path, device: str = "cpu") -> Run:
    """The run as it was saved, ready to go on; Refused with the reason if this is no checkpoint of ours."""
    metadata, tensors = _read(Path(path))
    if metadata.get("format") != FORMAT:
        raise Refused(
            f"'{Path(path).name}' is a safetensors file, but not a DGM Studio checkpoint: it holds no recipe. "
            "Choose a file that DGM Studio saved."
        )
    schema = metadata.get("schema", "")
    if not schema.isdigit() or int(schema) > SCHEMA:
        raise Refused(
            f"'{Path(path).name}' has schema '{schema}'; this version of DGM Studio reads up to {SCHEMA}. "
            "Update DGM Studio to open it."
        )
    try:
        recipe = Recipe.from_json(json.loads(metadata["recipe"]), _held(tensors))
        run = Run(_at_end(recipe), device)
        run.resume(recipe, _under("fit.", tensors), dict(json.loads(metadata["fit"])))
        for name, steps in _under("losses.steps.", tensors).items():
            run.record(name, steps.tolist(), tensors[f"losses.values.{name}"].tolist())
    except (KeyError, ValueError, TypeError) as error:
        what = f"its {error} is missing" if isinstance(error, KeyError) else f"a part cannot be read ({error})"
        raise Refused(f"'{Path(path).name}' is damaged: {what}. Choose another copy.") from error
    return run


def _at_end(recipe: Recipe) -> Recipe:
    """A recipe whose step 0 already has the last data and Training values: what the saved state belongs to."""
    return Recipe(
        recipe.family,
        recipe.preset,
        recipe.design,
        recipe.training_now(),
        recipe.sampling,
        recipe.data_now(),
        recipe.seed,
    )


def _read(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise Refused(f"There is no file '{path}'. Check the name.") from error
    except SafetensorError as error:
        raise Refused(
            f"'{path.name}' cannot be read as a checkpoint: it is truncated, damaged or of another kind ({error}). "
            "Choose another copy."
        ) from error
    except OSError as error:
        raise Refused(f"'{path}' cannot be read: {error.strerror or error}. Check the file.") from error


def _held(tensors: dict[str, torch.Tensor]) -> dict[str, tuple[Array, Array]]:
    labels = _under("data.labels.", tensors)
    return {sha: (points.numpy(), labels[sha].numpy()) for sha, points in _under("data.points.", tensors).items()}


def _specs(recipe: Recipe) -> list[DataSpec]:
    return [recipe.data, *(edit.value for edit in recipe.edits if isinstance(edit.value, DataSpec))]


def _under(prefix: str, tensors: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
