"""The task of a token film: a model of text restores a window step by step, and answers what is asked of its film."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from dgm_studio.core.arrays import frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, fill
from dgm_studio.core.reports import Answer, Beat, Report
from dgm_studio.core.requests import Corrupt, Judge, Pick, Recall, Request, Sweep, Unmask
from dgm_studio.core.unmasking import TokenFilmReport, Unmasking
from dgm_studio.lab.corpus_desk import CorpusDesk
from dgm_studio.lab.prompt import start_given, start_of, written_length
from dgm_studio.lab.text_model import TextModel
from dgm_studio.lab.token_sweep import check, sweep
from dgm_studio.solvers.unmasking import TokenFilm, corruption
from dgm_studio.solvers.unmasking.branching import branch
from dgm_studio.solvers.unmasking.chains import hole
from dgm_studio.solvers.unmasking.moment import Pick as Picked
from dgm_studio.solvers.unmasking.network import Network

LONGEST = 512
"""Tokens of a sentence that is corrupted."""


@dataclass(frozen=True, eq=False)
class KeptFilm:
    """A token film, the model it is by, its seed, and the step it was forked at (-1: it is no branch)."""

    text: TextModel
    film: TokenFilm
    seed: int
    branch: int = -1


def new_film(text: TextModel, request: Unmask) -> KeptFilm:
    """The film of a request without a branch; Refused where prompt, length, start or a setting cannot be."""
    settings, model, words = fill(Unmasking, request.settings), text.model, text.vocabulary
    gap = hole(Network(model))
    if request.start is None:
        length = request.length or (0 if text.own_length else written_length(request.prompt, words))
        start, locked = start_of(request.prompt, words, length, model.length, gap)
    else:
        start, locked = start_given(request.start, words, model.length, gap)
    return KeptFilm(text, TokenFilm(model, settings, start, locked, request.seed), request.seed)


def branched(kept: KeptFilm, fork: tuple[int, int, int], settings: Mapping[str, Value]) -> KeptFilm:
    """The kept film's branch (step, position, token); values that `settings` does not give are the film's own."""
    step, position, token = fork
    if token >= len(kept.text.vocabulary):
        raise Refused(f"There is no token {token}; the model has {len(kept.text.vocabulary):,}.")
    own = fill(Unmasking, {**vars(kept.film.settings), **settings})
    return KeptFilm(kept.text, branch(kept.film, step, position, token, own), kept.seed, step)


class UnmaskTask:
    """Owns a film for one lane. What takes long (a sweep, looking words up in the corpus) goes on beside its clock."""

    weight = 1.0

    def __init__(self, kept: KeptFilm, corpus: CorpusDesk) -> None:
        self.kept = kept
        self.closed = False
        self._corpus = corpus
        self._judging: list[Judge] = []
        self._sweeping: Iterator[Report | None] | None = None

    @property
    def film(self) -> TokenFilm:
        """As far as it was made."""
        return self.kept.film

    def reports(self) -> tuple[Report, ...]:
        """What the film is of, and the steps there are."""
        return (film_report(self.kept), *self.film.steps)

    def beats(self) -> Iterator[Beat | Report | None]:
        """A step a beat; none by hand."""
        if not self.film.chain.by_hand:
            yield from self.film.walk()

    def watch(self) -> Iterator[Report | None] | None:
        """What was asked and takes long, in slices."""
        return self._slices() if self._judging or self._sweeping is not None else None

    def _slices(self) -> Iterator[Report | None]:
        while self._judging or self._sweeping is not None:
            if self._judging:
                yield from self._judge(self._judging.pop(0))
            elif self._sweeping is not None:
                running = self._sweeping
                ended = (report := next(running, self)) is self
                if ended and self._sweeping is running:
                    self._sweeping = None
                elif isinstance(report, Report):
                    yield report
                else:
                    yield None

    def _judge(self, request: Judge) -> Generator[Report | None]:
        steps = tuple(self.film.steps[step] for step in request.steps)
        found = yield from self._corpus.judged(self.kept.text.data, self.kept.text.vocabulary, steps)
        yield Answer(request.id, found)

    def receive(self, request: Request) -> Iterable[Report]:
        """Pick, Recall, Sweep, Corrupt, Judge."""
        match request:
            case Pick(position=position, token=token):
                if token >= len(self.kept.text.vocabulary):
                    raise Refused(f"There is no token {token}; the model has {len(self.kept.text.vocabulary):,}.")
                told = self.film.advance(Picked(position, token))
                if told is None:
                    raise Refused("Every token stands. Branch, or begin anew.")
                return (told,)
            case Recall(steps=steps, settings=settings):
                self._check(steps)
                view = fill(Unmasking, {**vars(self.film.settings), **settings})
                return (Answer(request.id, tuple(self.film.restate(step, view) for step in steps)),)
            case Sweep(orders=orders):
                check(request)
                self._sweeping = sweep(self.kept.text, self.film, request, self._corpus) if orders else None
            case Judge(steps=steps):
                self._check(steps)
                self._judging.append(request)
            case Corrupt(text=text, seed=seed):
                return (Answer(request.id, self._corrupted(text, seed)),)
        return ()

    def _check(self, steps: tuple[int, ...]) -> None:
        last = len(self.film.moments) - 1
        for step in steps:
            if not 0 <= step <= last:
                raise Refused(f"The film has steps 0 to {last}; there is no step {step}.")

    def _corrupted(self, text: str, seed: int) -> object:
        words = self.kept.text.vocabulary
        ids = torch.tensor(words.encode(text), dtype=torch.int64)
        if not 1 <= len(ids) <= LONGEST:
            raise Refused(f"The sentence has {len(ids)} tokens; write 1 to {LONGEST}.")
        generator = torch.Generator().manual_seed(seed)
        return corruption(ids, len(words), hole(self.film.network), generator)

    def move(self, device: str) -> None:
        """Go on on another device."""
        self.kept.text.model.to(device)

    def close(self) -> None:
        """Forget what was asked."""
        self.closed = True
        self._judging, self._sweeping = [], None


def film_report(kept: KeptFilm) -> TokenFilmReport:
    """What a film is of."""
    text, film = kept.text, kept.film
    model, words = text.model, text.vocabulary
    spare = model.noise - len(words)
    shown = (*words.shown, *("",) * spare, *(("___",) if model.mask is not None else ()))
    return TokenFilmReport(
        title=text.title,
        kind=model.kind,
        words=shown,
        glue=frozen(np.concatenate([words.glue, np.zeros(len(shown) - len(words), dtype=bool)])),
        mask=hole(film.network),
        locked=frozen(film.now.locked.numpy().copy()),
        settings=film.settings,
        seed=kept.seed,
        steps=film.most,
        parameters=text.parameters,
        branch=kept.branch,
        figures=dict(text.figures),
    )
