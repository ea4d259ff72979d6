"""Several films a step at a time: the network is asked about all of them in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dgm_studio.solvers.unmasking.film import TokenFilm

Asking = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Ids (m, L), times t (m,) and which films they are of (m,) -> logits (m, L, V)."""


def advance_together(films: Sequence[TokenFilm], ask: Asking) -> int:
    """One step of every film that has not ended; how many went on.

    Each film draws as it would alone: `ask` must answer row i as the model of film which[i] would. No film's order may
    be by hand, and films that are written left to right must stand at the same place.
    """
    which, ids, times = [], [], []
    for index, film in enumerate(films):
        question = film.chain.question(film.now)
        if question is None:
            continue
        t = film.network.model.time_of(question[1])
        if not film.network.knows(question[0], t):
            which.append(index)
            ids.append(question[0])
            times.append(t)
    if which:
        device = films[0].network.model.device
        with torch.no_grad():
            out = ask(torch.stack(ids).to(device), torch.tensor(times, device=device), torch.tensor(which))
        for index, own, t, row in zip(which, ids, times, out.detach().to("cpu"), strict=True):
            films[index].network.learn(own, t, row)
    return sum(film.advance() is not None for film in films)
