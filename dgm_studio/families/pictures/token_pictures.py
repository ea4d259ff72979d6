"""What families have in common that draw a picture as a window of tokens: the network, classes, guidance, sampling."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dgm_studio.core.unmasking import AUTOREGRESSIVE, MASKED
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.token_costs import idle_of
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.nets.token_net import TokenNet
from dgm_studio.solvers.solver import State
from dgm_studio.solvers.unmasking import TokenFilm, advance_together

NO_CLASS = -1

ROWS = 512
"""Tokens that the network is asked about in one call: more would take longer than a beat."""

_CLASSES = "These pictures have no classes: choose data that have them."


class TokenPictures(PictureFamily):
    """A picture is a window (n, L) of tokens 0 .. K - 1 in raster order; a transformer is told the class by a token
    before them. Losses are in nats per token.

    Ids of the network: K is the mask, K + 1 + y class y, K + 1 + classes "no class", which stands for a share
    `label_drop` of the labels in training: one network is p(tokens | y) and p(tokens) (Ho and Salimans, 2022).
    """

    kind: ClassVar[str]
    conditional = True
    net: TokenNet

    def build(self, tokens: int, length: int, row: int) -> None:
        """Make the network for windows of `length` of so many tokens, `row` to a row; at the end of __init__."""
        design, classes = self.design, self.shape.classes
        self.tokens, self.length = tokens, length
        self.net = TokenNet(
            tokens + 1 + classes, 1 + length, design.token_width, design.token_layers, design.network,
            causal=self.kind == AUTOREGRESSIVE, timed=False, row=row,
        )  # fmt: skip

    @abstractmethod
    def to_tokens(self, x: Tensor) -> Tensor:
        """Pictures (n, dim) as ids (n, L)."""

    @abstractmethod
    def to_pictures(self, ids: Tensor) -> Tensor:
        """Ids (n, L) as pictures (n, dim)."""

    @property
    @abstractmethod
    def grid(self) -> tuple[int, int]:
        """Tokens down and across."""

    @property
    @abstractmethod
    def blank(self) -> Tensor:
        """A token of nothing in particular, where one must be shown before any is known."""

    # The network.

    @property
    def mask(self) -> int | None:
        """The id that says "masked", K, where the family knows it."""
        return self.tokens if self.kind == MASKED else None

    def told(self, labels: Tensor) -> Tensor:
        """The class tokens (n,) of labels (n,); -1 and labels that are no class of the design say "no class"."""
        none = self.shape.classes
        known = (labels >= 0) & (labels < none)
        return self.tokens + 1 + torch.where(known, labels, none)

    def features(self, ids: Tensor, labels: Tensor) -> Tensor:
        """What the read-out sees (n, L, d) of ids (n, L), masks among them, and labels (n,). An autoregressive
        family's row i sees the class and ids before i."""
        seen = ids[:, :-1] if self.kind == AUTOREGRESSIVE else ids
        found = self.net.features(torch.cat((self.told(labels)[:, None], seen), 1))
        return found if self.kind == AUTOREGRESSIVE else found[:, 1:]

    def read_out(self, features: Tensor) -> Tensor:
        """Logits (..., K) of features (..., d)."""
        return self.net.read_out(features, self.tokens)

    def nats(self, features: Tensor, targets: Tensor) -> Tensor:
        """-log p (m,) of the targets (m,) from features (m, d)."""
        return cross_entropy(self.read_out(features), targets, reduction="none")

    def logits(self, ids: Tensor, labels: Tensor, gamma: float = 1.0) -> Tensor:
        """Guided logits (n, L, K) = (1 - gamma) f(ids) + gamma f(ids, labels): two network calls, but one at gamma = 0
        and at gamma = 1."""
        if gamma == 0:
            return self.read_out(self.features(ids, torch.full_like(labels, NO_CLASS)))
        with_label = self.read_out(self.features(ids, labels))
        if gamma == 1:
            return with_label
        guided = torch.lerp(self.logits(ids, labels, 0.0), with_label, gamma)
        return torch.where(with_label.isinf(), with_label, guided)  # what cannot be stays so

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the cost of the tokens of a batch."""
        return self.token_beat(fit, fit.step)

    def token_beat(self, fit: Fit, step: int) -> dict[str, Tensor]:
        """The same after `step` steps of the network, which is the clock of its learning rate."""
        x, labels = fit.batch_with_labels()
        hidden = fit.uniform(len(labels)) < fit.training.label_drop
        with torch.no_grad():
            ids = self.to_tokens(x)
        loss, curves = self.lesson(ids, torch.where(hidden, NO_CLASS, labels), fit)
        fit.descend(loss, rate=fit.training.rate(step))
        return {"loss": loss.detach(), **curves}

    @abstractmethod
    def lesson(self, ids: Tensor, labels: Tensor, fit: Fit) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of ids (n, L) with labels (n,), and what else is told."""

    @abstractmethod
    def bound(self, ids: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        """-log p (n,) of ids (n, L) given labels (n,), or one draw of its upper bound -ELBO, in nats a picture."""

    @torch.no_grad()
    def held_out(self, x: Tensor, labels: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Sums and counts (2,) of nats per token of pictures (n, dim), told their class and not told it."""
        ids, found = self.to_tokens(x), {}
        name = "-log p" if self.kind == AUTOREGRESSIVE else "-ELBO"
        for what, own in (("class told", labels), ("no class", torch.full_like(labels, NO_CLASS))):
            nats = self.bound(ids, own, generator)
            found[f"{name} a token, {what}"] = torch.stack((nats.sum(), nats.new_tensor(float(ids.numel()))))
        return found

    def idle(self, training: Any) -> Mapping[str, str]:
        """What a chain without masks, and a model without classes, has no use for."""
        without = dict.fromkeys(("label_drop", "guidance", "label"), _CLASSES) if not self.shape.classes else {}
        return {**idle_of(self.kind), **without}

    # Sampling: one token film for each picture, the network asked of several at once.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Classes (n, 1), each as likely as any other; what else is drawn the films draw."""
        if not self.shape.classes:
            return torch.full((n, 1), NO_CLASS, device=generator.device)
        return torch.randint(self.shape.classes, (n, 1), generator=generator, device=generator.device)

    def frames(self, sampling: Any) -> int:
        """How many states a walk of one call a step has at most."""
        return self.film(sampling, NO_CLASS, 0).most + 1

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From classes (n, 1) to pictures (n, dim), a state after each network call (one a step for few pictures): x is
        what stands, the rest mid-grey; x1_hat, of a masked chain, has the likeliest tokens in the masks' places."""
        films = list(self.films(start[:, 0], sampling, generator))
        each = max(1, ROWS // self.length)
        groups = [slice(k, min(k + each, len(films))) for k in range(0, len(films), each)]
        blank = self.blank
        x = x1_hat = torch.zeros((len(films), self.dim), dtype=self.dtype, device=self.device)
        yield State(0.0, x)
        most, calls, going = max((film.most for film in films), default=0), 0, True
        while going:
            going = False
            for which in groups:
                if not self.advance(films[which], sampling.guidance):
                    continue
                going, x, x1_hat = True, x.clone(), x1_hat.clone()
                x[which], x1_hat[which] = self.seen_so_far(films[which], blank)
                calls = sum(film.now.told.calls for film in films)
                t = sum(len(film.moments) - 1 for film in films) / (most * len(films))
                yield State(min(1.0, t), x, x1_hat if self.kind == MASKED else None, calls)

    def films(self, labels: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[TokenFilm]:
        """A film for each of the labels (n,), or of the class that the sampling names, each with a seed of its own."""
        seeds = torch.randint(2**31, (len(labels),), generator=generator, device=generator.device).tolist()
        for label, seed in zip(labels.tolist(), seeds, strict=True):
            yield self.film(sampling, int(label) if sampling.label < 0 else sampling.label, seed)

    def film(self, sampling: Any, label: int, seed: int) -> TokenFilm:
        """The film of one picture's tokens."""
        free = torch.zeros(self.length, dtype=torch.bool)
        start = torch.zeros(self.length, dtype=torch.int64)
        return TokenFilm(Told(self, label, sampling.guidance), sampling, start, free, seed)

    def advance(self, films: Sequence[TokenFilm], gamma: float) -> int:
        """One step of some of these films, in one call for all; how many went on."""
        labels = torch.tensor([_told(film).label for film in films], device=self.device)
        return advance_together(films, lambda ids, t, which: self.logits(ids, labels[which.to(labels.device)], gamma))

    def seen_so_far(self, films: Sequence[TokenFilm], blank: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (n, dim) of what stands in the films, and with the likeliest tokens where nothing stands; `blank`
        is the token under what is greyed."""
        ids = torch.stack([film.now.ids for film in films])
        likeliest = torch.stack([film.now.reading.top_ids[:, 0] for film in films])
        open_ = (ids < 0) | (ids >= self.tokens)
        guess = torch.where(open_, likeliest, ids)
        unknown = guess < 0
        guess = torch.where(unknown, blank.cpu(), guess).to(self.device)
        pictures = self.to_pictures(guess)
        return self.veiled(pictures, open_), self.veiled(pictures, unknown)

    def veiled(self, pictures: Tensor, hidden: Tensor) -> Tensor:
        """Pictures (n, dim), mid-grey in the cells of the tokens that are hidden (n, L)."""
        return self.greyed(pictures, hidden, self.grid)

    def greyed(self, pictures: Tensor, hidden: Tensor, grid: tuple[int, int]) -> Tensor:
        """The same of cells (n, rows columns) of any grid that divides the picture."""
        rows, columns = grid
        cells = hidden.to(pictures.device).view(-1, 1, rows, columns)
        shape = self.shape
        cells = cells.repeat_interleave(shape.height // rows, 2).repeat_interleave(shape.width // columns, 3)
        return self.stood(pictures).masked_fill(cells, 0.0).flatten(1)


@dataclass(frozen=True)
class Told:
    """A family of token pictures as a film knows it: for one class, at one guidance scale."""

    model: TokenPictures
    label: int
    gamma: float

    @property
    def kind(self) -> str:
        """core.unmasking.MASKED or AUTOREGRESSIVE."""
        return self.model.kind

    @property
    def mask(self) -> int | None:
        """The id that says "masked", where there is one."""
        return self.model.mask

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.model.device

    def time_of(self, share: float) -> float:
        """t at which `share` of the tokens is noised."""
        return 1 - share

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Guided logits (n, L, K) of ids (n, L)."""
        return self.model.logits(ids, ids.new_full((len(ids),), self.label), self.gamma)


def _told(film: TokenFilm) -> Told:
    model = film.network.model
    assert isinstance(model, Told)  # `film` made it
    return model
