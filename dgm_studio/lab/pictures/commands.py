"""What the verbs interpolate, sample and trace do with a model of pictures, headless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from dgm_studio.core.arrays import Array
from dgm_studio.core.atomic import writing
from dgm_studio.core.checkpoint_head import head_of
from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import CHOICE
from dgm_studio.core.inspection import CONSENT, POINTS, TEXT
from dgm_studio.core.knobs import fill, find_knob, knobs_of
from dgm_studio.core.latents import DATA, FILE, MODES, SEED, Spot
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures.folder import read_picture
from dgm_studio.export.pictures import sheet
from dgm_studio.export.png import write_png
from dgm_studio.export.strip import write_strip
from dgm_studio.lab.checkpoints.rebuilding import made_by
from dgm_studio.lab.desk import best_device
from dgm_studio.lab.pictures.interpolation import path_through
from dgm_studio.lab.pictures.latent_space import TOGETHER
from dgm_studio.lab.pictures.picture_model import PictureModel, opening
from dgm_studio.lab.pictures.places import placing
from dgm_studio.lab.text_model import checkpoint
from dgm_studio.solvers.solver import State

SAMPLES, TRACED = 64, 8
"""Pictures that are drawn, and followed, unless another number is asked for."""

COLUMNS, SCALE = 8, 4
"""Pictures of a row of a sheet, and how often a pixel is enlarged."""

SAID_AS = {"gamma": "guidance"}
"""Names that a knob of Sampling is set by, too: the guidance scale is gamma everywhere else."""

KINDS = {"seed": SEED, "data": DATA, "image": FILE}
"""What a point begins with on the command line."""


def of_pictures(source: str) -> bool:
    """Whether a checkpoint (a path, or the bare name of one that ships) holds a model of pictures; also where another
    program's file holds nothing that runs: who opens it then says why."""
    try:
        path = checkpoint(source)
        head = head_of(path)
        return head.pictures or (not head.family and made_by(path) not in (POINTS, TEXT))
    except Refused:
        return False  # the verb says what is wrong with it


def interpolate(
    source: str, points: Iterable[str], frames: int, mode: str, closed: bool, label: int, gamma: float, fps: float,
    out: str, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    """Exactly `frames` pictures through points like seed:1, data:42, image:FILE, as .png, .gif, .mp4, or .npz with x
    (frames, c, h, w) in [-1, 1] and z (frames, k)."""
    if mode not in {one.id for one in MODES}:
        raise Refused(f"There is no mode '{mode}'; choose {', '.join(one.id for one in MODES)}.")
    opened = _open(source)
    words = tuple(points)
    placed = finish(placing(opened, tuple(spot_of(word, opened, label) for word in words), gamma))
    path = path_through(placed.latents, frames, mode, closed)
    latents = torch.tensor(path, dtype=opened.model.dtype, device=opened.model.device)
    with tqdm(total=frames, unit=" frames", disable=quiet) as bar:
        x = np.concatenate(list(_floats(opened, latents, label, gamma, bar)))
    if out.lower().endswith(".npz"):
        with writing(out) as file:
            np.savez_compressed(file, x=x, z=path.astype(np.float32))
    else:
        _finish(write_strip(out, to_bytes(x), frames_per_second=fps), len(x), quiet)
    errors = {word: float(error) for word, error in zip(words, placed.error, strict=True) if np.isfinite(error)}
    told = {"model": opened.title, "frames": len(x), "mode": mode, "points": list(words)}
    return {**told, **({"reconstruction_error": errors} if errors else {}), "out": out}


def sample(source: str, n: int | None, seed: int, assignments: Iterable[str], out: str, quiet: bool) -> dict[str, Any]:
    """n pictures as .npy (n, c, h, w) in [-1, 1], or as one .png."""
    knobs, choice = _parted(assignments)
    opened, n = _open(source, choice), n or SAMPLES
    *_, last = _states(opened, n, seed, knobs, quiet)
    x = _stood(opened, last.x)
    if out.lower().endswith(".npy"):
        with writing(out) as file:
            np.save(file, x, allow_pickle=False)
    else:
        write_png(out, sheet(to_bytes(x), COLUMNS, SCALE))
    return {"n": n, "evaluations": last.evaluations, "out": out}


def trace(source: str, n: int | None, seed: int, assignments: Iterable[str], out: str, quiet: bool) -> dict[str, Any]:
    """Every frame from noise to n pictures: .npz with x (frames, n, c, h, w) in [-1, 1], t and evaluations (frames,);
    .gif or .mp4 of one sheet a frame; .png a sheet with a frame a row."""
    knobs, choice = _parted(assignments)
    opened, n = _open(source, choice), n or TRACED
    states = list(_states(opened, n, seed, knobs, quiet))
    x = np.stack([_stood(opened, state.x) for state in states])
    calls = [state.evaluations for state in states]
    if out.lower().endswith(".npz"):
        with writing(out) as file:
            np.savez_compressed(file, x=x, t=np.array([state.t for state in states]), evaluations=np.array(calls))
    elif out.lower().endswith(".png"):
        write_png(out, sheet(to_bytes(x.reshape(-1, *x.shape[2:])), n, SCALE))
    else:
        sheets = [np.asarray(sheet(to_bytes(frame), COLUMNS, 1)) for frame in x]
        grey = sheets[0].ndim == 2
        pixels = np.stack([one[None] if grey else one.transpose(2, 0, 1) for one in sheets])
        _finish(write_strip(out, pixels), len(x), quiet)
    return {"n": n, "frames": len(x), "evaluations": calls[-1], "out": out}


def spot_of(word: str, opened: PictureModel, label: int) -> Spot:
    """A point as the command line has it: seed:S, data:INDEX, image:FILE."""
    kind, sign, value = word.partition(":")
    if not sign or kind not in KINDS or not value:
        raise Refused(f"'{word}' is no point: write seed:1, data:42 (a training picture) or image:FILE.")
    if KINDS[kind] == FILE:
        shape = opened.model.shape
        return Spot(FILE, pixels=read_picture(value, shape.height, shape.channels), label=label, title=value)
    if not value.isdecimal():
        raise Refused(f"'{word}' is no point: '{value}' is not a whole number from 0 on.")
    return Spot(KINDS[kind], seed=int(value), index=int(value), label=label)


def _parted(assignments: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """What is set of the sampling, and what is chosen of a file that others wrote: choice.prediction=v_prediction;
    consent=SHA256 is no setting of any sampling."""
    words = [f"{CHOICE}{word}" if word.startswith(f"{CONSENT}=") else word for word in assignments]
    chosen = [word.removeprefix(CHOICE).partition("=") for word in words if word.startswith(CHOICE)]
    return [word for word in words if not word.startswith(CHOICE)], {name: value for name, _, value in chosen}


def _open(source: str, choice: Mapping[str, str] | None = None) -> PictureModel:
    return finish(opening(checkpoint(source), best_device(), source, choice))


def _floats(opened: PictureModel, latents: Tensor, label: int, gamma: float, bar: Any) -> Iterator[Array]:
    for part in torch.split(latents, TOGETHER):
        yield _stood(opened, finish(opened.latents.decoding(part, opened.told([label] * len(part)), gamma)))
        bar.update(len(part))


def _stood(opened: PictureModel, flat: Tensor) -> Array:
    """Flat pictures (n, dim) as float32 (n, c, h, w) in [-1, 1]."""
    numbers = flat.detach().to("cpu", torch.float32).clamp(-1, 1).numpy()
    shape = opened.model.shape
    return np.array(numbers.reshape(-1, shape.channels, shape.height, shape.width))


def _states(opened: PictureModel, n: int, seed: int, assignments: Iterable[str], quiet: bool) -> Iterator[State]:
    """The model's own walk from noise to n pictures."""
    model, own = opened.model, dict(vars(opened.sampling))
    knobs = knobs_of(type(model).Sampling)
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign:
            raise Refused(f"'{text}' sets nothing: write --set knob=value.")
        one = find_knob(knobs, SAID_AS.get(name.strip(), name.strip()))
        own[one.name] = one.parse(value.strip())
    sampling: Any = fill(type(model).Sampling, own)
    generator = torch.Generator(model.device).manual_seed(seed)
    walk = model.walk(model.prior(n, generator), sampling, generator)
    for state in tqdm(walk, total=model.frames(sampling), unit=" frames", disable=quiet):
        if not bool(torch.isfinite(state.x).all()):
            raise Refused(f"Sampling left the finite numbers at t = {state.t:.3f}. Take more steps or another solver.")
        yield state


def _finish(slow: Iterable[Any], total: int, quiet: bool) -> None:
    for _ in tqdm(slow, total=total, unit=" frames written", disable=quiet):
        pass
