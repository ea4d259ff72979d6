"""What a vector-quantised model's codes are: of one picture, of the whole codebook, and where the data use an entry."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import SEED, CodeBook, CodeGrid, CodeUses, Decoded, Spot
from dgm_studio.families.pictures.capabilities import HasCodes
from dgm_studio.families.pictures.code_prior import CodePrior
from dgm_studio.families.pictures.vqvae import VQVAE
from dgm_studio.lab.pictures.entry_colours import entry_colours
from dgm_studio.lab.pictures.latent_map import principal
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.lab.pictures.places import picture_of

TOGETHER = 64
"""Pictures encoded in one slice."""

COUNTED = 4_000
"""Training pictures, spread evenly over the set, whose codes are counted and looked through."""


class Codes:
    """The codes of one open model, and those of its training pictures once they were asked for."""

    def __init__(self, opened: PictureModel) -> None:
        model = opened.model
        if not isinstance(model, HasCodes):
            raise Refused(f"{opened.title} has no codebook. Open a VQ-VAE or a prior over its codes.")
        self._opened = opened
        self._model: HasCodes = model
        self._of_data: Array | None = None
        count = len(opened.data.points) if opened.data is not None else 0
        self._counted = np.unique(np.linspace(0, max(count - 1, 0), min(count, COUNTED)).round().astype(np.int64))

    def read(self, spot: Spot) -> Generator[None, None, CodeGrid]:
        """The code of a picture; of a seed what the model's prior draws, or where it has none entries as often as the
        data use them, each place by itself."""
        opened = self._opened
        if spot.kind == SEED:
            ids = yield from self._drawn(spot.seed, spot.label)
            made = opened.shown(self._decoded(ids))[0]
            return CodeGrid(_ids(ids)[0], made, made)
        rows = picture_of(opened, spot)[None]
        with torch.no_grad():
            ids = self._model.codes(opened.seen(rows))
        return CodeGrid(_ids(ids)[0], opened.stood(rows)[0], opened.shown(self._decoded(ids))[0])

    def draw(self, ids: Array) -> Decoded:
        """The picture of a code (h', w') of entries."""
        rows, columns = self._model.code_shape
        entries = len(self._model.codebook)
        given = np.asarray(ids)
        if given.shape != (rows, columns) or given.dtype.kind not in "iu":
            raise Refused(
                f"A code of shape {given.shape} is none of this model; give whole numbers ({rows}, {columns})."
            )
        if given.min() < 0 or given.max() >= entries:
            raise Refused(
                f"The codebook has entries 0 to {entries - 1}; the code holds {given.min()} to {given.max()}."
            )
        own = torch.tensor(given[None].astype(np.int64), device=self._opened.model.device)
        return Decoded(self._opened.shown(self._decoded(own)))

    def book(self) -> Generator[None, None, CodeBook]:
        """All entries, in slices. Without the training pictures every usage is 0 and so is the perplexity."""
        entries = self._model.codebook.detach().cpu().double().numpy()
        usage = np.zeros(len(entries), dtype=np.int64)
        if self._opened.data is not None:
            used = yield from self.of_data()
            usage = np.bincount(used.ravel(), minlength=len(entries))
        plane = _plane(entries)
        patches = yield from self._patches(len(entries))
        return CodeBook(
            plane=frozen(plane.astype(np.float32)),
            usage=frozen(usage.astype(np.int64)),
            colours=frozen(entry_colours(plane)),
            patches=patches,
            perplexity=perplexity(usage),
        )

    def uses(self, code: int, count: int) -> Generator[None, None, CodeUses]:
        """The first place of an entry in each of up to `count` training pictures."""
        entries = len(self._model.codebook)
        if not 0 <= code < entries:
            raise Refused(f"The codebook has entries 0 to {entries - 1}; there is no entry {code}.")
        used = yield from self.of_data()
        hits = (used == code).reshape(len(used), -1)
        which = np.flatnonzero(hits.any(1))[: max(count, 0)]
        rows, columns = self._model.code_shape
        places = np.stack(np.unravel_index(hits[which].argmax(1), (rows, columns)), axis=1)
        pixels = self._opened.stood(self._opened.pictures.points[self._counted[which]])
        return CodeUses(code, pixels, frozen(places.astype(np.int64)))

    def of_data(self) -> Generator[None, None, Array]:
        """Ids (n, h', w') of the training pictures that are counted, kept; Refused where those are not here."""
        if self._of_data is None:
            points, found = self._opened.pictures.points, []
            for start in range(0, len(self._counted), TOGETHER):
                with torch.no_grad():
                    ids = self._model.codes(self._opened.seen(points[self._counted[start : start + TOGETHER]]))
                found.append(ids.to("cpu", torch.int32).numpy())
                yield
            self._of_data = np.concatenate(found)
        return self._of_data

    def _drawn(self, seed: int, label: int) -> Generator[None, None, Tensor]:
        model, device = self._opened.model, self._opened.model.device
        generator = torch.Generator(device).manual_seed(seed)
        if isinstance(model, CodePrior):
            whole = told = self._opened.told([label])
            for whole in model.draw_codes(told, self._opened.sampling, generator):  # noqa: B007 -- the last is whole
                yield
            return whole
        if isinstance(model, VQVAE):
            return model.book.by_usage(model.prior(1, generator), 1.0).view(1, *model.code_shape)
        shape, entries = (1, *self._model.code_shape), len(self._model.codebook)
        return torch.randint(entries, shape, generator=generator, device=device)

    def _decoded(self, ids: Tensor) -> Tensor:
        with torch.no_grad():
            return self._model.decode_codes(ids)

    def _patches(self, entries: int) -> Generator[None, None, Array]:
        """What the decoder draws in the middle cell of a code full of one entry (K, c, p, p)."""
        shape, (rows, columns) = self._opened.model.shape, self._model.code_shape
        high, wide = shape.height // rows, shape.width // columns
        top, left = rows // 2 * high, columns // 2 * wide
        found = []
        for start in range(0, entries, TOGETHER):
            some = torch.arange(start, min(start + TOGETHER, entries), device=self._opened.model.device)
            full = some[:, None, None].expand(-1, rows, columns).contiguous()
            made = self._opened.shown(self._decoded(full))
            found.append(made[:, :, top : top + high, left : left + wide])
            yield
        return frozen(np.concatenate(found))


def perplexity(usage: Array) -> float:
    """exp of the entropy of the usage (K,): how many entries would be used as evenly; 0 where none is."""
    share = usage[usage > 0] / max(usage.sum(), 1)
    return float(np.exp(-(share * np.log(share)).sum())) if len(share) else 0.0


def _plane(entries: Array) -> Array:
    """The entries (K, d) in the plane of their principal axes (K, 2)."""
    found = principal(entries)
    plane = (entries - found.mean) @ found.axes[:2].T
    return np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))


def _ids(ids: Tensor) -> Array:
    return frozen(ids.to("cpu", torch.int64).numpy())
