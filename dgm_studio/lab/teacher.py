"""Teachers: a trained diffusion's checkpoint whose weights another family begins with."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import TEACHER_MARK, Recipe
from dgm_studio.core.resources import resource
from dgm_studio.families import family_for
from dgm_studio.families.family import Family
from dgm_studio.families.parts.taught import TakesTeacher
from dgm_studio.lab.native import SUFFIX, load
from dgm_studio.lab.run import Run


def with_teacher(recipe: Recipe, file: str, *, own_data: bool) -> Recipe:
    """`recipe` with the teacher in `file`: its Design knobs, and its data unless `own_data`; Refused if it is none."""
    return read_teacher(recipe, file, own_data=own_data)[0]


def read_teacher(recipe: Recipe, file: str, *, own_data: bool) -> tuple[Recipe, Run]:
    """See `with_teacher`; and the run in the file. The bare name of a checkpoint that ships will do."""
    family = family_for(recipe.family, recipe.data)
    if not issubclass(family, TakesTeacher):
        raise _takes_none(family)
    file = _found(file)
    content = _content(file)
    run = load(file)
    taken = family.teacher_knobs(run.model)  # what is none is refused, with the reason, when the run adopts it
    begun = replace(
        recipe,
        design={**recipe.design, **taken},
        data=recipe.data if own_data else run.recipe.data_now(),
        teacher=f"{_named(file)}{TEACHER_MARK}{hashlib.sha256(content).hexdigest()}",
    )
    return begun, run


def teach(model: Family, teacher: str, device: str) -> None:
    """Let a new model adopt the averaged weights of the checkpoint a recipe names; Refused if the file is gone or
    changed, or where one of the two is of the wrong kind."""
    name, mark, digest = teacher.rpartition(TEACHER_MARK)
    file = _found(name)
    if not mark:
        raise Refused(f"'{teacher}' names no teacher: give PATH{TEACHER_MARK}HEX, as saved recipes do.")
    if not isinstance(model, TakesTeacher):
        raise _takes_none(type(model))
    if hashlib.sha256(_content(file)).hexdigest() != digest:
        raise Refused(f"The teacher '{file}' has changed since this recipe was written: restore it, or choose it anew.")
    model.adopt(load(file, device).fit.shadow())


def _takes_none(family: type[Family]) -> Refused:
    return Refused(f"{family.card.title} takes no teacher: leave it out, or train reflow or distillation.")


def _found(name: str) -> str:
    """The file of a checkpoint that ships, named without its suffix; else the name itself."""
    shipped = resource("checkpoints") / f"{name}{SUFFIX}"
    return str(shipped) if shipped.is_file() else name


def _named(file: str) -> str:
    """How a recipe names a file: one that ships by its bare name, which means the same on every machine."""
    path = Path(file).resolve()
    return path.stem if path.parent == resource("checkpoints").resolve() else str(path)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"The teacher '{file}' cannot be read: {error.strerror or error}. Check the name.") from error
