"""The film of a picture's making: noise becomes pictures, the same noise in every column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.latents import (
    CAPTION,
    CLASSES,
    CLASSIFIER,
    COLUMNS,
    CONDITIONAL,
    UNCONDITIONAL,
    PictureFilmReport,
    PictureFrame,
)
from dgm_studio.core.picture_requests import Denoise
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.requests import Request
from dgm_studio.families.classifier_guidance import CLASSIFIER as BY_CLASSIFIER
from dgm_studio.families.classifier_guidance import FREE
from dgm_studio.families.pictures.capabilities import Denoises
from dgm_studio.families.pictures.denoising import DenoisingFamily
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.lab.checkpoints.foreign_denoisers import ForeignDenoiser
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.solvers.solver import State

MOST = 16
"""Pictures of a column."""

NOISE_SIGMAS = 3.0
"""A code of a latent model is drawn from -3 to 3 standard deviations of its noise."""


class PictureFilmTask:
    """Owns one film. The columns go on in step: a frame is told when all of them have it."""

    weight = 1.0

    def __init__(self, opened: PictureModel, request: Denoise) -> None:
        model = opened.model
        if not isinstance(model, Denoises):
            raise Refused(f"{opened.title} makes its pictures in one go: there is nothing to film. Open a diffusion.")
        self._opened, self._model, self._request = opened, model, request
        self._check()
        own = opened.sampling
        self._sampling: Any = fill(type(own), {**vars(own), **request.sampling})
        self._caption = opened.wording.read(getattr(self._sampling, CAPTION, "")) if opened.hears else ""
        if opened.hears and not self._caption and set(request.columns) != {UNCONDITIONAL}:
            raise Refused(f"The caption is empty: write what the pictures show, such as '{opened.wording.example}'.")
        self._total = film_frames(opened.model, self._sampling)
        self._latent = model.noise_dim != model.shape.dim

    def _check(self) -> None:
        request, classes = self._request, self._opened.model.shape.classes
        known = {one.id for one in COLUMNS}
        if not request.columns or not set(request.columns) <= known:
            raise Refused(f"The columns of a film are some of {', '.join(sorted(known))}; choose at least one.")
        if not 1 <= request.count <= MOST:
            raise Refused(f"A film shows 1 to {MOST} pictures a column; {request.count} are asked for.")
        if set(request.columns) == {UNCONDITIONAL}:
            return
        if CLASSES not in self._opened.can and not self._opened.hears:
            raise Refused(f"{self._opened.title} was told no classes: it can be filmed unconditional only.")
        if CLASSIFIER in request.columns and CLASSIFIER not in self._opened.can:
            raise Refused(f"{self._opened.title} has no noisy classifier; leave the column '{CLASSIFIER}' out.")
        if not self._opened.hears and not 0 <= request.label < classes:
            raise Refused(f"Class {request.label} is none of this model's; choose 0 to {classes - 1}.")

    def reports(self) -> tuple[Report, ...]:
        """What the film is of."""
        request = self._request
        return (
            PictureFilmReport(request.columns, request.count, self._total, request.label, request.gamma, self._latent),
        )

    def beats(self) -> Iterator[Beat | Report | None]:
        """A frame when every column has it, a beat a column."""
        walks = [self._walk(column) for column in self._request.columns]
        for index in range(self._total):
            states: list[State] = []
            for walk in walks:
                if (state := next(walk, None)) is None:
                    return
                states.append(state)
                yield None
            yield self._frame(index, states)

    def ends(self) -> Iterator[State]:
        """The states of the first column alone, the last one's x as pictures (n, dim): what the film ends in."""
        state = None
        for state in self._walk(self._request.columns[0]):
            yield state
        if state is not None:
            yield replace(state, x=self._decoded(state.x), x1_hat=None)

    def watch(self) -> Iterator[Report | None] | None:
        """A film shows itself."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It obeys only the engine's own commands."""
        return ()

    def close(self) -> None:
        """Nothing is kept."""

    def _walk(self, column: str) -> Iterator[State]:
        """Every column begins with the same noise of the seed and draws the same fresh noise on the way, which goes on
        where the start's draw ended: what it is made of never comes twice."""
        request, device = self._request, self._opened.model.device
        generator = torch.Generator(device).manual_seed(request.seed)
        start = torch.randn((request.count, self._model.noise_dim), generator=generator, device=device)
        gamma = {UNCONDITIONAL: 0.0, CONDITIONAL: 1.0}.get(column, request.gamma)
        label = -1 if column == UNCONDITIONAL else request.label
        if self._opened.hears:
            labels = self._opened.asked(["" if column == UNCONDITIONAL else self._caption] * request.count)
        else:
            labels = torch.full((request.count,), label, dtype=torch.int64, device=device)
        sampling = self._sampling
        if hasattr(sampling, "kind"):
            sampling = replace(sampling, kind=BY_CLASSIFIER if column == CLASSIFIER else FREE)
        return self._model.film(start, sampling, generator, labels, gamma)

    def _frame(self, index: int, states: list[State]) -> PictureFrame:
        for state in states:
            if not bool(torch.isfinite(state.x).all()):
                raise Refused(
                    f"The film left the finite numbers at t = {state.t:.3f}. Take more steps or a lower gamma."
                )
        clean = [state.x if state.x1_hat is None else state.x1_hat for state in states]
        return PictureFrame(
            index=index,
            t=float(states[0].t),
            evaluations=sum(state.evaluations for state in states),
            x_t=frozen(np.stack([self._noised(state.x) for state in states])),
            x1_hat=frozen(np.stack([self._opened.shown(self._decoded(one)) for one in clean])),
        )

    def _decoded(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self._model.shown(x)

    def _noised(self, x: Tensor) -> Array:
        """x_t as pictures: itself in pixels, else the code as a grey picture about as wide as high, or as the model
        lays it out where its codes are small pictures."""
        model = self._opened.model
        if isinstance(model, ForeignDenoiser):
            return frozen(to_bytes(model.noised(x).detach().to("cpu", torch.float32).numpy()))
        if not self._latent:
            return self._opened.shown(x)
        numbers = x.detach().to("cpu", torch.float32).numpy() / NOISE_SIGMAS
        return to_bytes(numbers).reshape(len(x), *code_picture(x.shape[1]))


def film_frames(model: PictureFamily, sampling: Any) -> int:
    """States of a film. A walk of a latent model may have fewer: while its autoencoder learns, it shows that alone."""
    return model.flow.frames(sampling) if isinstance(model, DenoisingFamily) else model.frames(sampling)


def code_picture(k: int) -> tuple[int, int, int]:
    """Channels, rows and columns of a code of k numbers drawn as one grey picture: the squarest that k allows."""
    rows = max(row for row in range(1, int(k**0.5) + 1) if k % row == 0)
    return 1, rows, k // rows
