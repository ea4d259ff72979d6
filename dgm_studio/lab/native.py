"""The native checkpoint: one .safetensors file with the recipe and everything that going on bit-exactly needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from dgm_studio import __version__
from dgm_studio.core.arrays import Array
from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.recipe import Recipe
from dgm_studio.families import family_for
from dgm_studio.families.family import Family
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.migrations import SCHEMA, migrated
from dgm_studio.lab.run import Run
from dgm_studio.nets.init import init

Model = TypeVar("Model", bound=Family)

FORMAT = "dgm-studio"
SUFFIX = ".safetensors"


WHERE = {"points": "the Trajectories panel", "text": "the Text panel", "pictures": "the Latents panel"}
"""Where a model is looked at, by what its family takes."""

SLIM_LOSSES = 400
"""Points of each curve in a slim file."""

SLIM = "This file holds averaged weights only: it samples as ever, and training goes on with fresh moments of Adam."


def save(run: Run, path: str | Path, *, slim: bool = False) -> Path:
    """Write the run's checkpoint atomically and return where; the suffix .safetensors is added if missing.

    A `slim` one holds the averaged weights in half precision and no moments: it samples as the run did, and training
    goes on from it with fresh moments, another run than the one that was saved. `run.figures` travel along.
    """
    target = Path(path)
    if target.suffix != SUFFIX:
        target = target.with_name(target.name + SUFFIX)
    tensors, fit = run.fit.slim_state() if slim else run.fit.state()
    tensors = {f"fit.{name}": tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    for name, (steps, values) in run.loss_arrays().items():
        kept = slice(None, None, -(-len(steps) // SLIM_LOSSES)) if slim else slice(None)
        tensors[f"losses.steps.{name}"] = torch.tensor(steps[kept])
        tensors[f"losses.values.{name}"] = torch.tensor(values[kept])
    recipe, ahead = run.recipe, run.ahead
    for spec in (*_specs(recipe), *_specs(ahead)):
        if spec.text is not None:
            tensors[f"data.text.{spec.text.sha256}"] = torch.tensor(np.array(spec.text.packed))
        if spec.points is not None:
            tensors[f"data.points.{spec.points.sha256}"] = torch.tensor(np.array(spec.points.points))
            tensors[f"data.labels.{spec.points.sha256}"] = torch.tensor(np.array(spec.points.labels))
        if spec.pictures is not None:
            tensors[f"data.pixels.{spec.pictures.sha256}"] = torch.tensor(np.array(spec.pictures.pixels))
            tensors[f"data.labels.{spec.pictures.sha256}"] = torch.tensor(np.array(spec.pictures.labels))
    metadata = {
        "format": FORMAT,
        "schema": str(SCHEMA),
        "recipe": json.dumps(recipe.to_json(embed=False)),
        **({"ahead": json.dumps(ahead.to_json(embed=False))} if ahead.edits else {}),
        "fit": json.dumps(fit),
        "versions": json.dumps({"dgm-studio": __version__, "torch": torch.__version__}),
        "threads": str(torch.get_num_threads()),
        "device": str(run.device),
        **({"figures": json.dumps(run.figures)} if run.figures else {}),
    }
    write_bytes(target, to_bytes(tensors, metadata))
    return target


def load(path: str | Path, device: str = "cpu") -> Run:
    """The run as it was saved, ready to go on; Refused with the reason if this is no checkpoint of ours."""
    metadata, tensors = _opened(path)
    with _damage(path):
        recipe = Recipe.from_json(json.loads(metadata["recipe"]), _held(tensors))
        run = Run(_at_end(recipe), device)
        fit = dict(json.loads(metadata["fit"]))
        ahead = Recipe.from_json(json.loads(metadata["ahead"]), _held(tensors)).edits if "ahead" in metadata else ()
        run.resume(recipe, _under("fit.", tensors), fit, ahead)
        run.figures = _figures(metadata)
        run.remark = SLIM if fit.get("slim") else _elsewhere(metadata, run.device)
        for name, steps in _under("losses.steps.", tensors).items():
            run.record(name, steps.tolist(), tensors[f"losses.values.{name}"].tolist())
    return run


class Shadow(NamedTuple, Generic[Model]):
    """A checkpoint's model alone, as it samples (averaged weights where EMA is on), without the data it learnt from."""

    model: Model
    recipe: Recipe
    figures: dict[str, float]
    step: int


def load_model(path: str | Path, device: str = "cpu") -> Shadow[TextFamily]:
    """A family of text's model without its corpus, whose cutting takes a second; Refused as `load`, or where the model
    is of another kind."""
    metadata, tensors = _opened(path)
    with _damage(path):
        recipe, family = _family(metadata, tensors)
        if not issubclass(family, TextFamily):
            raise _of_another(path, family, "text")
        design: Any = fill(family.Design, recipe.design)
        return _alone(lambda: family(design, int(design.length)), recipe, metadata, tensors, device)


def has_average(path: str | Path) -> bool:
    """Whether the checkpoint holds an averaged copy of its weights beside the raw one."""
    try:
        with safe_open(path, framework="pt") as file:
            return any(name.startswith("fit.ema.") for name in file.keys())  # noqa: SIM118
    except (OSError, SafetensorError):
        return False  # who opens it says why


def load_pictures(path: str | Path, device: str = "cpu", *, raw: bool = False) -> Shadow[PictureFamily]:
    """A family of pictures' model without its data; its shape is in the file. With `raw` the weights as training left
    them. Refused as `load`, or where the model is of another kind."""
    metadata, tensors = _opened(path)
    with _damage(path):
        recipe, family = _family(metadata, tensors)
        if not issubclass(family, PictureFamily):
            raise _of_another(path, family, "pictures")
        design: Any = fill(family.Design, recipe.design)
        shape = PictureShape(*map(int, tensors["fit.model.frame"].tolist()))
        own = {name: one for name, one in tensors.items() if not (raw and name.startswith("fit.ema."))}
        return _alone(lambda: family(design, shape), recipe, metadata, own, device)


def _family(metadata: dict[str, str], tensors: dict[str, torch.Tensor]) -> tuple[Recipe, type[Family]]:
    recipe = Recipe.from_json(json.loads(metadata["recipe"]), _held(tensors))
    return recipe, family_for(recipe.family, recipe.data)


def _of_another(path: str | Path, family: type[Family], wanted: str) -> Refused:
    return Refused(
        f"'{Path(path).name}' holds a model of {family.takes}; choose a checkpoint of a family of {wanted} here, or "
        f"look at this one in {WHERE[family.takes]}."
    )


def _alone(
    build: Callable[[], Model], recipe: Recipe, metadata: dict[str, str], tensors: dict[str, torch.Tensor], device: str
) -> Shadow[Model]:
    with torch.device("meta"):
        model = build()
    init(model, torch.Generator(device), device)
    try:
        model.load_state_dict({**_under("fit.model.", tensors), **_under("fit.ema.", tensors)})
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    step = int(json.loads(metadata["fit"])["step"])
    return Shadow(model.eval().requires_grad_(False), recipe, _figures(metadata), step)


def _opened(path: str | Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Metadata and tensors of one of our checkpoints, as the present schema has them; Refused where it is none, or of a
    later schema."""
    metadata, tensors = _read(Path(path))
    if metadata.get("format") != FORMAT:
        raise Refused(
            f"'{Path(path).name}' is a safetensors file, but not a DGM Studio checkpoint: it holds no recipe. "
            "Choose a file that DGM Studio saved."
        )
    schema = metadata.get("schema", "")
    if not schema.isdigit() or not 1 <= int(schema) <= SCHEMA:
        raise Refused(
            f"'{Path(path).name}' has schema '{schema}'; this version of DGM Studio reads up to {SCHEMA}. "
            "Update DGM Studio to open it."
        )
    with _damage(path):
        return migrated(metadata, tensors)


@contextmanager
def _damage(path: str | Path) -> Iterator[None]:
    """A part that is missing or cannot be read, in one sentence."""
    try:
        yield
    except (KeyError, ValueError, TypeError) as error:
        what = f"its {error} is missing" if isinstance(error, KeyError) else f"a part cannot be read ({error})"
        raise Refused(f"'{Path(path).name}' is damaged: {what}. Choose another copy.") from error


def _figures(metadata: dict[str, str]) -> dict[str, float]:
    return {str(name): float(value) for name, value in json.loads(metadata.get("figures", "{}")).items()}


def _elsewhere(metadata: dict[str, str], device: torch.device) -> str:
    """Why going on here is not the same run bit for bit, "" where it is."""
    then, threads = metadata.get("device", str(device)), metadata.get("threads", "")
    now = str(torch.get_num_threads())
    if then != str(device):
        was, here = f"on {then}", f"it is on {device}"
    elif device.type == "cpu" and threads not in ("", now):
        was, here = f"with {threads} thread{'s' * (threads != '1')}", f"there {'is' if now == '1' else 'are'} {now}"
    else:
        return ""
    return f"This run was saved {was} and here {here}: it goes on from the same weights, but not bit for bit."


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
    own = {**_under("data.points.", tensors), **_under("data.pixels.", tensors)}
    held = {sha: (points.numpy(), labels[sha].numpy()) for sha, points in own.items()}
    texts = _under("data.text.", tensors)
    return {**held, **{sha: (packed.numpy(), np.zeros(0, dtype=np.int64)) for sha, packed in texts.items()}}


def _specs(recipe: Recipe) -> list[DataSpec]:
    return [recipe.data, *(edit.value for edit in recipe.edits if isinstance(edit.value, DataSpec))]


def _under(prefix: str, tensors: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
