"""What the command line's verbs do: each takes plain values, returns a JSON-able result, raises Refused."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from tqdm import tqdm

from dgm_studio.core.arrays import Array
from dgm_studio.core.atomic import write_text, writing
from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.dataspec import Normalisation, PointSet
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.knobs import Value, fill, find_knob, knobs_of
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.starting import starting_recipe
from dgm_studio.core.table import ImportChoice
from dgm_studio.data.source import Resolved
from dgm_studio.families import all_families
from dgm_studio.lab.catalogue import build_catalogue
from dgm_studio.lab.checkpoints.foreign_points import of_others, opened_with
from dgm_studio.lab.desk import best_device, devices
from dgm_studio.lab.exact_source import exact_scene, known_data
from dgm_studio.lab.film import frame_of, model_states
from dgm_studio.lab.film_files import write_film, write_points_picture
from dgm_studio.lab.native import load, save
from dgm_studio.lab.pictures import commands as pictures
from dgm_studio.lab.run import LOOK, Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.teacher import with_teacher
from dgm_studio.lab.to_train import to_train
from dgm_studio.measures import measures

T = TypeVar("T")
CURVE_POINTS = 600
POINTS = 2_000
"""Points that are drawn, and followed, unless another number is asked for."""

DEFAULT_SECONDS = 20.0
STRAIGHT = "straight"
"""The path of an exact field, unless another is asked for."""


def list_room(room: str) -> list[dict[str, Any]]:
    """The cards of one room, each with its `id`; a measure's has its `estimators` too."""
    if room == "measures":
        ways = {name: [way.id for way in one.estimators] for name, one in measures().items()}
        return [{**one.card.as_json(), "estimators": ways[name]} for name, one in measures().items()]
    catalogue = build_catalogue(devices())
    cards = {
        "families": [entry.card for entry in (*catalogue.families.values(), *catalogue.texts.values())],
        "data": [
            *(entry.card for entry in catalogue.data.values()),
            *catalogue.corpora.values(),
            *(entry.card for entry in catalogue.picture_sets.values()),
        ],
        "solvers": list(catalogue.solvers.values()),
        "paths": list(catalogue.paths.values()),
    }[room]
    rows = [card.as_json() for card in cards]
    if room == "families":  # an id may stand for a family of points and for the same of pictures
        for row in rows:
            row["takes"] = all_families()[row["id"]].takes
        rows += [{**entry.card.as_json(), "takes": "pictures"} for entry in catalogue.pictures.values()]
    return rows


def train(
    family: str, preset: str, data: str, choice: ImportChoice, seed: int, assignments: Iterable[str],
    steps: int | None, seconds: float | None, out: str, quiet: bool, source: str = "", teacher: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Train a family (or a preset by its own id) and save it; by default for 20 seconds.

    `data` defaults to the teacher's, else to eight-gaussians, the King James Bible or Fashion-MNIST; `source` is what a
    family with such a knob carries to it; `teacher` is a checkpoint to begin with.
    """
    entry, preset, spec = to_train(build_catalogue(devices()), family, preset, data, choice)
    recipe = starting_recipe(entry, preset, spec, seed)
    if source:
        if not any(one.name == "source" for one in entry.design):
            raise Refused(f"{entry.card.title} starts from noise: leave out --source, or train pair-flow-matching.")
        assignments = (f"source={source}", *assignments)
    if teacher:
        recipe = with_teacher(recipe, teacher, own_data=bool(data))
    recipe = _with_knobs(recipe, entry, assignments)
    return train_recipe(recipe, steps, seconds, out, quiet)


def train_recipe(recipe: Recipe, steps: int | None, seconds: float | None, out: str, quiet: bool) -> dict[str, Any]:
    """Run a recipe from step 0, its edits included, and save it; `steps` defaults to the step it had reached."""
    if steps is None and seconds is None:
        steps, seconds = (recipe.step, None) if recipe.step else (None, DEFAULT_SECONDS)
    _check_out(out, (".safetensors", ""))
    run = Run(recipe, best_device())
    start = time.perf_counter()
    with tqdm(total=steps, unit=" steps", disable=quiet, mininterval=0.2) as bar:
        try:
            for beat in run.beats():
                bar.update(beat.ends_step)
                enough = (steps is not None and run.fit.step >= steps) or (
                    seconds is not None and time.perf_counter() - start >= seconds
                )
                if beat.ends_step and enough:
                    break
        except Diverged as diverged:
            run.go_back()
            raise Refused(
                f"Training diverged: the loss became {diverged.value:.3g} at step {diverged.step:,}. The weights of "
                f"step {diverged.kept_step:,} are in {save(run, out)}; train again with a smaller learning_rate."
            ) from diverged
    took = time.perf_counter() - start
    path = save(run, out)
    data = run.recipe.data_now()
    return {
        "family": recipe.family,
        "data": data.title,
        **(_imported(data.points) if data.points is not None else {}),
        **({"source": data.pictures.source} if data.pictures is not None else {}),
        "steps": run.fit.step,
        "seconds": round(took, 3),
        "steps_per_second": round(run.fit.step / took, 1),
        "losses": {name: values[-1] for name, (_, values) in run.losses.items()},
        "out": str(path),
    }


def _imported(points: PointSet) -> dict[str, Any]:
    """What became of a file's columns and units: never silent."""
    units = points.normalisation
    return {"source": points.source, "model_units": {"shift": units.shift, "scale": units.scale}}


def sample(
    checkpoint: str, n: int | None, seed: int, assignments: Iterable[str], out: str, quiet: bool
) -> dict[str, Any]:
    """n samples in the data's own units as .npy, .csv or .png; of a model of pictures as .npy or .png."""
    if pictures.of_pictures(checkpoint):
        _check_out(out, (".npy", ".png"))
        return pictures.sample(checkpoint, n, seed, assignments, out, quiet)
    n = n or POINTS
    suffix = _check_out(out, (".npy", ".csv", ".png"))
    filmed = _filmed(checkpoint, assignments)
    *_, last = _frames(filmed.scene, n, seed, quiet)
    points = filmed.units.to_data(last.x)
    if suffix == ".npy":
        _write_npy(out, points)
    elif suffix == ".csv":
        head = ",".join(f"x{i + 1}" for i in range(points.shape[1]))
        rows = "\n".join(",".join(f"{value:.9g}" for value in row) for row in points)
        write_text(out, f"{head}\n{rows}\n")
    else:
        write_points_picture(points, out, data=filmed.data, curve=filmed.curve)
    return {"n": n, "evaluations": last.evaluations, "units": "data", "out": out}


def trace(
    checkpoint: str, n: int | None, seed: int, assignments: Iterable[str], out: str, quiet: bool, exact: str = "",
    path: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Every frame from noise to data in the data's own units: .npz, .gif, .mp4, or a .png strip of six. Without a
    checkpoint along the exact field of the data `exact` on `path` (straight by default), in float64."""
    _check_out(out, (".npz", ".gif", ".mp4", ".png"))
    if checkpoint and pictures.of_pictures(checkpoint):
        return pictures.trace(checkpoint, n, seed, assignments, out, quiet)
    n = n or POINTS
    filmed = _filmed(checkpoint, assignments) if checkpoint else _known(exact, path or STRAIGHT, assignments)
    frames = [_in_units(frame, filmed.units) for frame in _frames(filmed.scene, n, seed, quiet)]
    writing_film = write_film(Film.of(frames), out, data=filmed.data, curve=filmed.curve)
    for _ in _bar(writing_film, len(frames), "frames written", quiet):
        pass
    told = {"n": n, "frames": len(frames), "evaluations": frames[-1].evaluations, "units": "data", "out": out}
    return {**told, **({"note": filmed.note} if filmed.note else {})}


def interpolate(
    checkpoint: str, points: Iterable[str], frames: int, mode: str, closed: bool, label: int, gamma: float, fps: float,
    out: str, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    """See lab.pictures.commands."""
    _check_out(out, (".png", ".gif", ".mp4", ".npz"))
    return pictures.interpolate(checkpoint, points, frames, mode, closed, label, gamma, fps, out, quiet)


def logprob(checkpoint: str, points_file: str, out: str, quiet: bool) -> dict[str, Any]:
    """log p at points (n, d) in the data's own units, in nats, with its kind; Refused where the family has none."""
    _check_out(out, (".npy",))
    run = load(checkpoint, best_device())
    units = run.points_data.normalisation
    scene = run.scene()
    card = scene.model.card
    if "log_prob" not in card.shows:
        raise Refused(f"{card.title} has no likelihood: it only samples. Choose a flow, a diffusion or a VAE.")
    points = _read_points(points_file, run.model.dim)
    own = torch.tensor(units.to_model(points), dtype=torch.float32, device=scene.device)
    generator = torch.Generator(scene.device).manual_seed(run.recipe.seed + LOOK)
    values: torch.Tensor = _finish(scene.model.log_prob(own, scene.sampling, generator), "slices", quiet)  # type: ignore[operator]
    nats = values.detach().cpu().double().numpy() + units.log_jacobian
    _write_npy(out, nats)
    kind = str(scene.model.log_prob_kind)
    return {"n": len(nats), "mean": float(nats.mean()), "kind": kind, "unit": "nats", "out": out}


def _curve(data: Resolved) -> Array | None:
    """Places and their exact densities (k, 2) across data of a line, None where there is no such curve."""
    law, points = data.data_set, data.points
    if law is None or points.shape[1] != 1:
        return None
    room = 0.1 * float(np.ptp(points))
    x = np.linspace(points.min() - room, points.max() + room, CURVE_POINTS)
    log_density = law.log_density(x[:, None])
    return None if log_density is None else np.stack([x, np.exp(log_density)], axis=1)


class _Filmed(NamedTuple):
    """A model of points to be filmed: in which units, over which data and curve (None where they are not known), and
    what to know of it."""

    scene: Scene
    units: Normalisation
    data: Array | None
    curve: Array | None
    note: str = ""


def _filmed(checkpoint: str, assignments: Iterable[str]) -> _Filmed:
    """The model of a file, the studio's own or another program's, sampled as assigned."""
    values = dict(_assignment(text) for text in assignments)
    if of_others(checkpoint):
        scene = opened_with(checkpoint, values, best_device())
        return _Filmed(scene, Normalisation.none(scene.model.dim), None, None)
    run = load(checkpoint, best_device())
    knobs = type(run.model).entry().sampling
    scene = run.scene()
    scene.sampling = run.sampling_with({name: find_knob(knobs, name).parse(text) for name, text in values.items()})
    units = run.points_data.normalisation
    return _Filmed(scene, units, units.to_data(run.points_data.points), _curve(run.points_data))


def _known(data: str, path: str, assignments: Iterable[str]) -> _Filmed:
    """The exact field of data along a path, in float64, sampled as assigned."""
    known = known_data(data)
    scene = exact_scene(known, path, torch.float64, "cpu")  # neither needs a GPU, and Apple's has no float64
    knobs = knobs_of(type(scene.sampling))
    own = {name: find_knob(knobs, name).parse(text) for name, text in map(_assignment, assignments)}
    scene.sampling = fill(type(scene.sampling), own)
    units = known.resolved.normalisation
    return _Filmed(scene, units, units.to_data(known.resolved.points), _curve(known.resolved), known.remark)


def _frames(scene: Scene, n: int, seed: int, quiet: bool) -> Iterator[Frame]:
    if n < 1:
        raise Refused(f"The number of points is {n}; it must be at least 1.")
    generator = torch.Generator(scene.device).manual_seed(seed)
    total, states = model_states(scene, n, None, generator)
    for state in _bar(states, total, "frames", quiet):
        if not bool(torch.isfinite(state.x).all()):
            raise Refused(f"Sampling left the finite numbers at t = {state.t:.3f}. Take more steps or another solver.")
        yield frame_of(scene, state)


def _in_units(frame: Frame, units: Normalisation) -> Frame:
    clean = None if frame.x1_hat is None else units.to_data(frame.x1_hat)
    velocity = None if frame.velocity is None else frame.velocity * np.asarray(units.scale)
    return Frame(frame.t, units.to_data(frame.x), clean, frame.evaluations, frame.label, velocity)


def _with_knobs(recipe: Recipe, entry: FamilyEntry, assignments: Iterable[str]) -> Recipe:
    sets: dict[str, dict[str, Value]] = {
        "design": dict(recipe.design), "training": dict(recipe.training), "sampling": dict(recipe.sampling)
    }  # fmt: skip
    for text in assignments:
        name, value = _assignment(text)
        one = find_knob((*entry.design, *entry.training, *entry.sampling), name)
        group = next(group for group in sets if one in getattr(entry, group))
        sets[group][name] = one.parse(value)
    return replace(recipe, **sets)  # type: ignore[arg-type]


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise Refused(f"'{text}' sets nothing: write --set knob=value.")
    return name.strip(), value.strip()


def _check_out(out: str, suffixes: tuple[str, ...]) -> str:
    """The suffix, Refused before any work is done if it is not one of `suffixes` or the folder is missing."""
    path = Path(out)
    if path.suffix.lower() not in suffixes:
        raise Refused(f"'{out}' cannot be written: end its name in {' or '.join(s for s in suffixes if s)}.")
    if not path.resolve().parent.is_dir():
        raise Refused(f"There is no folder '{path.parent}' to write '{path.name}' to. Make it, or choose another.")
    return path.suffix.lower()


def _read_points(name: str, dim: int) -> Array:
    try:
        points = np.load(name, allow_pickle=False)
        if not isinstance(points, np.ndarray):
            raise ValueError("it is an archive of several arrays")
    except (OSError, ValueError, EOFError) as error:
        raise Refused(f"'{name}' cannot be read as points: {error}. Give a .npy file of shape (n, {dim}).") from error
    if points.ndim != 2 or points.shape[1] != dim or points.dtype.kind not in "fiu" or len(points) == 0:
        raise Refused(f"'{name}' holds {points.dtype} of shape {points.shape}; numbers of shape (n, {dim}) are needed.")
    if not np.isfinite(points).all():
        raise Refused(
            f"'{name}' holds {int((~np.isfinite(points)).sum())} values that are NaN or infinite. Remove them."
        )
    return np.asarray(points, dtype=np.float64)


def _write_npy(out: str, array: Array) -> None:
    with writing(out) as file:
        np.save(file, array, allow_pickle=False)


def _bar(slow: Iterable[T], total: int, unit: str, quiet: bool) -> Iterator[T]:
    return iter(tqdm(slow, total=total, unit=f" {unit}", disable=quiet))


def _finish(slow: Any, unit: str, quiet: bool) -> Any:
    """Exhaust a slow generator under a progress bar; the value it returns."""
    with tqdm(unit=f" {unit}", disable=quiet) as bar:
        while True:
            try:
                next(slow)
                bar.update()
            except StopIteration as stop:
                return stop.value
