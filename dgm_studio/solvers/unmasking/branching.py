"""Branching: another course of a film from one of its steps, with a token forced or masked again."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.solvers.unmasking.chains import Chain, hole
from dgm_studio.solvers.unmasking.film import TokenFilm, as_ids, read_arrays
from dgm_studio.solvers.unmasking.masked_chain import MaskedChain
from dgm_studio.solvers.unmasking.moment import Moment
from dgm_studio.solvers.unmasking.reading import Reading
from dgm_studio.solvers.unmasking.stages import Stage, stages
from dgm_studio.solvers.unmasking.uniform_chain import UniformChain
from dgm_studio.solvers.unmasking.written_chain import UNWRITTEN, WrittenChain

PLAN = ("order", "steps", "pace", "block", "remasking")
"""Settings that the schedule is made of."""


def branch(film: TokenFilm, step: int, position: int, token: int, settings: Unmasking) -> TokenFilm:
    """The film that has the moments of `film` up to `step`, `token` at `position` there, and goes on by `settings`.

    A forced token is locked from there on; token -1 frees the position and masks it again (a random token where the
    chain has no masks). An autoregressive text ends before the position. Position -1 changes nothing: with the same
    settings the rest is then the same bit for bit. Changed schedules begin at the fork.
    """
    if not 0 <= step < len(film.moments):
        raise Refused(f"The film has steps 0 to {len(film.moments) - 1}; step {step} cannot be branched from.")
    moments = film.moments[: step + 1]
    if position >= 0:
        moments[-1] = _edited(film, moments[-1], position, token)
    chain, moments[-1] = _going_on(film, settings, moments[-1])
    return TokenFilm.continued(film.network, settings, chain, moments)


def _edited(film: TokenFilm, moment: Moment, position: int, token: int) -> Moment:
    length, forced = len(moment.ids), token >= 0
    if position >= length:
        raise Refused(f"There is no position {position + 1}; the film has {length}.")
    if isinstance(film.chain, UniformChain) and moment.local >= film.chain.steps:
        raise Refused("The last step is made: a change here would stay as it is. Branch from an earlier step.")
    ids, locked, state = moment.ids.clone(), moment.locked.clone(), moment.generator
    since, reading = moment.since.clone(), moment.reading
    where = torch.tensor([position])
    if isinstance(film.chain, UniformChain) and not forced:
        generator = torch.Generator()
        generator.set_state(state)
        ids[where] = film.chain.noise(1, generator)
        state = generator.get_state()
    else:
        ids[position] = token if forced else hole(film.network)
    locked[position] = forced
    if isinstance(film.chain, WrittenChain):
        after = (torch.arange(length) > position) & ~locked
        ids[after], since[after] = UNWRITTEN, -1
        reading = _given(reading, ids, after & False, after.nonzero()[:, 0])
    if since[position] < 0:
        reading = _given(reading, ids, locked, where)
    edited = replace(moment, ids=ids, locked=locked, since=since, reading=reading, generator=state)
    if since[position] >= 0:
        edited = replace(edited, reading=film.read(edited, film.settings))
    changed = (ids != moment.ids).nonzero()[:, 0]
    mask_rate = film.rate(ids, locked) if not isinstance(film.chain, UniformChain) else moment.told.mask_rate
    gone, new = (changed[(ids[changed] == hole(film.network)) == empty] for empty in (True, False))
    told = replace(
        moment.told,
        ids=as_ids(ids),
        mask_rate=mask_rate,
        revealed=_and(moment.told.revealed, new, gone),
        remasked=_and(moment.told.remasked, gone, new),
        note=f"Position {position + 1} was {'set' if forced else 'masked again'} by hand.",
        **read_arrays(edited.reading),
    )
    certainty = moment.certainty.index_fill(0, where, 1.0)
    return replace(edited, told=told, certainty=certainty)


def _and(told: Array, more: Tensor, less: Tensor) -> Array:
    both = {*told.tolist(), *more.tolist()} - set(less.tolist())
    return frozen(torch.tensor(sorted(both), dtype=torch.int64).numpy())


def _given(reading: Reading, ids: Tensor, given: Tensor, where: Tensor) -> Reading:
    """The reading with `where` (k,) as given, or as never asked."""
    fresh = Reading.of_given(ids, given)
    return Reading(*(old.index_copy(0, where, new[where]) for old, new in zip(reading, fresh, strict=True)))


def _going_on(film: TokenFilm, settings: Unmasking, now: Moment) -> tuple[Chain, Moment]:
    """The chain for `settings` from `now` on, and `now` at its place in the schedule."""
    chain = film.chain
    if isinstance(chain, UniformChain):
        return UniformChain(settings, chain.steps, chain.real), now
    gaps = ((now.ids == hole(film.network)) & ~now.locked).nonzero()[:, 0]
    if isinstance(chain, WrittenChain):
        return WrittenChain(settings), now
    plan = chain.stages
    if any(getattr(settings, name) != getattr(film.settings, name) for name in PLAN):
        left = replace(settings, steps=max(1, settings.steps - now.told.step))
        plan, now = stages(left, gaps.tolist(), len(now.ids))[0], replace(now, stage=0, local=0)
    new = MaskedChain(settings, plan, chain.mask)
    if len(gaps) and new.place(now) is None:  # the schedule is at its end: a step for each mask more
        new = replace(new, stages=(*plan, Stage(0, len(now.ids), len(gaps), len(gaps))))
    return new, now
