"""The gallery: pictures of one model after the other, each by the model's own way from the noise of its seed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import MOST_ROWS, MOST_TILES, GalleryModel, GalleryTile, Making, ShowGallery
from dgm_studio.core.knobs import fill
from dgm_studio.core.latents import CAPTION, CLASSES, GUIDED, UNCONDITIONAL
from dgm_studio.core.picture_requests import Denoise
from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.requests import Request
from dgm_studio.families.pictures.capabilities import Denoises
from dgm_studio.lab.film import without_grad
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.solvers.solver import State

Opener = Callable[[str, Mapping[str, str]], Generator[None, None, PictureModel]]
"""A model of a source and a choice, in slices."""


class GalleryTask:
    """Owns the pictures of one request. A model is opened when the first of its makings comes, and let go of when
    those of another begin."""

    weight = 1.0

    def __init__(self, request: ShowGallery, opener: Opener) -> None:
        rows = request.rows
        self._rows, self._opener = rows, opener
        self._total = sum(map(len, rows))
        if not rows or not all(rows) or len(rows) > MOST_ROWS or self._total > MOST_TILES:
            raise Refused(
                f"A gallery has 1 to {MOST_ROWS} rows, none of them empty, and at most {MOST_TILES} pictures in all."
            )
        self._key: Any = None
        self._model: PictureModel | Refused = Refused("")

    def reports(self) -> tuple[Report, ...]:
        """Nothing before the first model is open."""
        return ()

    def beats(self) -> Iterator[Beat | Report | None]:
        """Models and tiles as they are there, in reading order."""
        done, told = 0, set[Any]()
        for row, makings in enumerate(self._rows):
            for column, making in enumerate(makings):
                if making.model != self._key:
                    self._key = making.model
                    self._model = yield from self._opened(making)
                if self._key not in told:
                    told.add(self._key)
                    yield self._named(making)
                done += 1
                yield (yield from self._tile(row, column, making, done))

    def watch(self) -> Iterator[Report | None] | None:
        """Tiles show themselves."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It obeys only the engine's own commands."""
        return ()

    def close(self) -> None:
        """Let go of the model."""
        self._model = Refused("")

    def _opened(self, making: Making) -> Generator[None, None, PictureModel | Refused]:
        """A refusal is that model's alone."""
        try:
            return (yield from self._opener(making.source, making.choice))
        except Refused as refusal:
            return refusal

    def _named(self, making: Making) -> GalleryModel:
        model = self._model
        if isinstance(model, Refused):
            return GalleryModel(making.source, making.choice, None, str(model))
        return GalleryModel(making.source, making.choice, model.report())

    def _tile(self, row: int, column: int, making: Making, done: int) -> Generator[None, None, GalleryTile]:
        model = self._model
        try:
            if isinstance(model, Refused):
                raise model
            pixels, evaluations = None, 0
            for state in without_grad(partial(making_of, model, making)):
                pixels, evaluations = state.x, state.evaluations
                yield None
            if pixels is None or not bool(torch.isfinite(pixels).all()):
                raise Refused("The walk left the finite numbers. Take more steps, or a smaller γ.")
            shown = model.shown(pixels)[0]
            return GalleryTile(row, column, making, shown, evaluations, "", done, self._total)
        except Refused as refusal:
            return GalleryTile(row, column, making, None, 0, str(refusal), done, self._total)


def making_of(model: PictureModel, making: Making) -> Iterator[State]:
    """States on the way to one picture, the last one's x the picture (1, dim) in [-1, 1].

    A diffusion or flow goes as in a film of one picture with this seed (lab.pictures.picture_film_task): the same
    noise, the same steps. Every other model goes its own walk from one draw of its prior, told the class.
    """
    if isinstance(model.model, Denoises):
        told = making.label >= 0 or bool(making.sampling.get(CAPTION))
        column = GUIDED if told else UNCONDITIONAL
        film = Denoise("", "", (column,), making.label, making.gamma, 1, making.seed, dict(making.sampling))
        return PictureFilmTask(model, film).ends()
    told = CLASSES in model.can
    if making.label >= 0 and not told:
        raise Refused(f"{model.title} was told no classes: choose none.")
    own = {"label": making.label} if told else {}
    sampling: Any = fill(type(model.sampling), {**vars(model.sampling), **own, **making.sampling})
    generator = torch.Generator(model.model.device).manual_seed(making.seed)
    return model.model.walk(model.model.prior(1, generator), sampling, generator)
