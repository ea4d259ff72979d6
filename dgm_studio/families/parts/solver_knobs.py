"""The solvers' own settings as knobs of Sampling: declared by the solver alone, shown where it is chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Knob, knob, knobs_of
from dgm_studio.solvers import solvers
from dgm_studio.solvers.fitness import unfit
from dgm_studio.solvers.solver import Solver

T = TypeVar("T")
_CHOSEN = "solvers_offered"
"""Under this name a class of knobs keeps the ids of the solvers that its settings are of."""


def choices_of(ids: Iterable[str]) -> tuple[Choice, ...]:
    """Solvers as a knob's choices, in that order."""
    cards = [solvers()[id].card for id in ids]
    return tuple(Choice(card.id, card.title, card.summary) for card in cards)


def _rank(id: str) -> tuple[object, ...]:
    """Of the ODE by velocity, then by clean points, of the SDE, then chains; what costs less first."""
    card = solvers()[id].card
    kind = bool(card.fact("chain")), bool(card.fact("stochastic")), card.needs != ("velocity",)
    return *kind, card.fact("evaluations"), id


_RANKED = tuple(sorted(solvers(), key=_rank))


SOLVERS = choices_of(_RANKED)
"""Every solver; a model for which one is unfit greys it (`unfit_of`)."""
WITHOUT_DENSITY = choices_of(id for id in _RANKED if "density" not in solvers()[id].card.needs)
"""Those that need no density, which a network of pictures never has."""


def with_settings(cls: type[T]) -> type[T]:
    """`settings_of` all solvers that its knob `solver` offers, which are all the studio's own."""
    offered = tuple(choice.id for choice in cls.__dict__["solver"].metadata["knob"]["choices"])
    cls = settings_of(*offered)(cls)
    setattr(cls, _CHOSEN, offered)
    return cls


def settings_of(*ids: str) -> Callable[[type[T]], type[T]]:
    """A class of knobs, before it becomes a dataclass, with the settings of these solvers declared after its knob
    `steps`; each has an effect for the solvers that have it. TypeError for a name that is taken, or that two solvers
    declare differently."""
    return lambda cls: _declared(cls, ids)


def _declared(cls: type[T], ids: tuple[str, ...]) -> type[T]:
    settings: dict[str, Knob] = {}
    owners: dict[str, tuple[str, ...]] = {}
    for id in ids:
        for one in knobs_of(type(solvers()[id])):
            if one.name in cls.__annotations__ or settings.setdefault(one.name, one) != one:
                raise TypeError(f"{cls.__qualname__}: the setting '{one.name}' of {id} is declared elsewhere too.")
            owners[one.name] = (*owners.get(one.name, ()), id)
    ordered: dict[str, Any] = {}
    for name, kind in cls.__annotations__.items():
        ordered[name] = kind
        if name == "steps":
            ordered |= {one.name: one.type for one in settings.values()}
    cls.__annotations__ = ordered
    for one in settings.values():
        facts = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
        for own in ("name", "type", "when"):
            del facts[own]
        setattr(cls, one.name, knob(**facts, when=("solver", owners[one.name])))
    return cls


def solver_of(sampling: Any) -> Solver:
    """The solver a Sampling names, with its own settings."""
    solver: Solver = solvers()[sampling.solver]
    return dataclasses.replace(solver, **{one.name: getattr(sampling, one.name) for one in knobs_of(type(solver))})


def fit_solver(sampling: Any, field: object) -> Solver:
    """The same, to walk along this field: Refused with the reason where it cannot."""
    solver = solver_of(sampling)
    if reason := unfit(solver, field):
        raise Refused(f"{solver.card.title} cannot walk here. {reason}")
    return solver


def unfit_of(model: Any) -> Mapping[str, str]:
    """Of the solvers that a model's Sampling offers those that cannot walk it, by id, each with the reason."""
    offered: tuple[str, ...] = getattr(model.Sampling, _CHOSEN, ())
    reasons = {id: unfit(solvers()[id], model) for id in offered}
    return {id: why for id, why in reasons.items() if why}
