"""The lane of an open model of pictures: it answers at once what is short, and in slices what is not."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.latents import Decoded, Directions, LatentMap, StripPart
from dgm_studio.core.picture_requests import (
    Align,
    Assess,
    Decode,
    DrawCode,
    FindCode,
    FindDirections,
    FindNearest,
    Interpolate,
    Manifold,
    MapLatents,
    Place,
    ReadCode,
    ShowCodeBook,
    ShowData,
    Style,
)
from dgm_studio.core.reports import Answer, Beat, Report
from dgm_studio.core.requests import Request
from dgm_studio.lab.explain import explain
from dgm_studio.lab.pictures.alignment import aligning
from dgm_studio.lab.pictures.code_book import Codes
from dgm_studio.lab.pictures.directions import directions
from dgm_studio.lab.pictures.encoded import Encoded, encoding
from dgm_studio.lab.pictures.interpolation import path_through
from dgm_studio.lab.pictures.latent_map import latent_map
from dgm_studio.lab.pictures.latent_space import TOGETHER
from dgm_studio.lab.pictures.manifold import grid
from dgm_studio.lab.pictures.nearest import nearest
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.lab.pictures.places import placing
from dgm_studio.lab.pictures.scores import scoring
from dgm_studio.lab.pictures.strip import checked, decoding
from dgm_studio.lab.pictures.styles import styled

Work = Iterator[Report | None]

RANKS: dict[type[Request], int] = {
    Decode: 0, Place: 1, ReadCode: 1, Interpolate: 2, FindCode: 2, FindNearest: 2, Manifold: 3, MapLatents: 3,
    FindDirections: 4, ShowCodeBook: 4, Align: 9, Assess: 9,
}  # fmt: skip
"""What waits is done in this order: first what follows the hand, last what takes minutes."""

REPLACED = (Interpolate, Manifold, Align, Assess)
"""A new one of these ends the one before."""

MAP_COUNT, SLOW_COUNT = MapLatents("").count, 96
"""Codes that directions are found from where there is no map yet; fewer where each is an ODE."""


@dataclass(frozen=True, eq=False)
class Job:
    """What is still to be done of a request."""

    request: Request
    work: Work

    @property
    def rank(self) -> int:
        """The least goes first."""
        return RANKS[type(self.request)]


class PictureTask:
    """Owns an open model for one lane. It has no clock: all it does is asked for."""

    weight = 1.0

    def __init__(self, opened: PictureModel) -> None:
        self.opened = opened
        self.closed = False
        self._jobs: list[Job] = []
        self._encoded: dict[int, Encoded] = {}
        self._codes: Codes | None = None

    def reports(self) -> tuple[Report, ...]:
        """What is open."""
        return (self.opened.report(),)

    def beats(self) -> Iterator[Beat | Report | None]:
        """None."""
        return iter(())

    def watch(self) -> Iterator[Report | None] | None:
        """What was asked and takes long, in slices."""
        return self._slices() if self._jobs else None

    def receive(self, request: Request) -> Iterable[Report]:
        """All requests of core.picture_requests that go to a lane of pictures."""
        match request:
            case ShowData():
                return (Answer(request.id, self._shown(request)),)
            case DrawCode(ids=ids):
                return (Answer(request.id, self._book().draw(ids)),)
            case Style(seeds=seeds, truncation=truncation):
                return (Answer(request.id, styled(self.opened, seeds, truncation)),)
            case Assess(on=False) | Align(on=False):
                self._drop(type(request))
                return ()
        if type(request) not in RANKS:
            return ()
        if isinstance(request, REPLACED):
            self._drop(type(request))
        job = Job(request, self._work(request))
        if self._short(request):
            return [report for report in job.work if report is not None]
        self._jobs.append(job)
        return ()

    def move(self, device: str) -> None:
        """Go on on another device."""
        self.opened.model.to(device)
        self._encoded = {}

    def close(self) -> None:
        """Forget what was asked."""
        self.closed = True
        self._drop(Request)

    # What is done in slices.

    def _slices(self) -> Iterator[Report | None]:
        while self._jobs:
            job = min(self._jobs, key=lambda one: one.rank)
            try:
                yield next(job.work)
            except StopIteration:
                self._end(job)
            except Exception as error:  # noqa: BLE001 -- told: one request's fault ends no other
                self._end(job)
                yield explain(error, job.request.id)

    def _end(self, job: Job) -> None:
        self._jobs = [one for one in self._jobs if one is not job]

    def _drop(self, kind: type[Request]) -> None:
        self._jobs = [job for job in self._jobs if not isinstance(job.request, kind)]

    def _short(self, request: Request) -> bool:
        """Whether it is done before the next beat."""
        space = self.opened.space
        match request:
            case Decode(latents=latents):
                return space is not None and space.at_once and len(latents) <= TOGETHER
            case Place(spots=spots):
                return space is not None and space.at_once and len(spots) <= TOGETHER
        return False

    def _work(self, request: Request) -> Work:
        match request:
            case Interpolate(latents=latents, frames=frames, mode=mode, closed=closed, label=label, gamma=gamma):
                given = checked(self.opened, latents).cpu().numpy()
                return decoding(self.opened, path_through(given, frames, mode, closed), label, gamma, request.id)
            case Manifold(basis=basis, centre=centre, extent=extent, side=side, label=label, gamma=gamma):
                return decoding(self.opened, grid(basis, centre, extent, side), label, gamma, request.id)
            case Decode(latents=latents, label=label, gamma=gamma):
                return _answered(request, self._decoded(decoding(self.opened, latents, label, gamma, request.id)))
            case Place(spots=spots, gamma=gamma):
                return _answered(request, placing(self.opened, spots, gamma))
            case MapLatents(axes=axes, count=count):
                return _answered(request, self._mapped(axes, count))
            case FindDirections():
                return _answered(request, self._directions())
            case ReadCode(spot=spot):
                return _answered(request, self._book().read(spot))
            case ShowCodeBook():
                return _answered(request, self._book().book())
            case FindCode(code=code, count=count):
                return _answered(request, self._book().uses(code, count))
            case FindNearest(pixels=pixels, count=count):
                data = self.opened.pictures
                return _answered(request, nearest(pixels, data.points, self.opened.model.shape, count))
            case Assess(seed=seed):
                return scoring(self.opened, seed)
            case Align():
                return aligning(self.opened, request)
        raise TypeError(f"a lane of pictures knows no {type(request).__name__}")

    def _decoded(self, parts: Iterator[StripPart | None]) -> Generator[None, None, Decoded]:
        made = []
        for part in parts:
            if part is not None:
                made.append(part.pixels)
            yield
        return Decoded(made[0] if len(made) == 1 else frozen(np.concatenate(made)))

    def _mapped(self, axes: tuple[int, int] | None, count: int) -> Generator[None, None, LatentMap]:
        encoded = yield from self._codes_of_data(count)
        return latent_map(encoded, axes)

    def _directions(self) -> Generator[None, None, Directions]:
        known = next(iter(self._encoded), MAP_COUNT if self.opened.latents.at_once else SLOW_COUNT)
        encoded = yield from self._codes_of_data(known)
        return directions(encoded, self.opened.data.names if self.opened.data is not None else ())

    def _codes_of_data(self, count: int) -> Generator[None, None, Encoded]:
        if count not in self._encoded:
            self._encoded = {count: (yield from encoding(self.opened, count))}
        return self._encoded[count]

    def _book(self) -> Codes:
        if self._codes is None:
            self._codes = Codes(self.opened)
        return self._codes

    def _shown(self, request: ShowData) -> tuple[Array, Array, Array]:
        data = self.opened.pictures
        which = np.arange(len(data.points)) if request.label < 0 else np.flatnonzero(data.labels == request.label)
        which = which[which >= request.start][: max(request.count, 0)]
        return frozen(which), frozen(data.labels[which]), self.opened.stood(data.points[which])


def _answered(request: Request, work: Generator[None, None, Any]) -> Work:
    """Work whose result is the request's answer."""
    found = yield from work
    yield Answer(request.id, found)
