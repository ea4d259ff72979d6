"""Recipes: all that is needed to run a training again, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value

SCHEMA = 1

TEACHER_MARK = " sha256:"
"""Between a teacher's path and its digest in a recipe."""

SEED_LIMIT = 2**30
"""Seeds are below it: with the salts of every stream they must fit into 64 bits."""


@dataclass(frozen=True)
class Edit:
    """A live change: from `step` (and `beat` within it) on, the Training knob `knob`, or the data, is `value`."""

    step: int
    knob: str
    value: Value | DataSpec
    beat: int = 0


@dataclass(frozen=True)
class Recipe:
    """Family + knobs + data + seed + ordered live edits + the step reached. `training` is the value at step 0.

    The same recipe gives the same run on the same machine, device and thread count.
    """

    family: str
    preset: str = ""
    design: Mapping[str, Value] = field(default_factory=dict)
    training: Mapping[str, Value] = field(default_factory=dict)
    sampling: Mapping[str, Value] = field(default_factory=dict)
    data: DataSpec = field(default_factory=DataSpec)
    seed: int = 0
    edits: tuple[Edit, ...] = ()
    step: int = 0
    teacher: str = ""
    """The checkpoint whose weights were taken over at step 0, "PATH sha256:HEX"; "" where there was none."""

    @property
    def teacher_file(self) -> str:
        """The path of the teacher's checkpoint, "" where there is none."""
        return self.teacher.rpartition(TEACHER_MARK)[0]

    def edited(self, edit: Edit) -> Recipe:
        """This recipe with one more live edit."""
        return replace(self, edits=(*self.edits, edit))

    def training_now(self) -> dict[str, Value]:
        """The Training knobs after all edits."""
        values = dict(self.training)
        for edit in self.edits:
            if not isinstance(edit.value, DataSpec):
                values[edit.knob] = edit.value
        return values

    def data_now(self) -> DataSpec:
        """The data after all edits."""
        changed = [edit.value for edit in self.edits if isinstance(edit.value, DataSpec)]
        return changed[-1] if changed else self.data

    def to_json(self, *, embed: bool = True) -> dict[str, Any]:
        """Plain JSON with the schema's number; see DataSpec.to_json for `embed`."""
        return {
            "schema": SCHEMA,
            "family": self.family,
            "preset": self.preset,
            "design": dict(self.design),
            "training": dict(self.training),
            "sampling": dict(self.sampling),
            "data": self.data.to_json(embed=embed),
            "seed": self.seed,
            "edits": [_edit_json(edit, embed) for edit in self.edits],
            "step": self.step,
            **({"teacher": self.teacher} if self.teacher else {}),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any], held: Mapping[str, tuple[Array, Array]] | None = None) -> Recipe:
        """The reverse of `to_json`; `held` maps a SHA-256 to (points, labels) where they were not embedded, of
        pictures to (bytes, labels), a text's to (packed, nothing)."""
        try:
            schema = int(body["schema"])
            if schema > SCHEMA:
                raise Refused(
                    f"This recipe has schema {schema}; this version of DGM Studio reads up to {SCHEMA}. "
                    "Update DGM Studio to open it."
                )
            held = held or {}
            return Recipe(
                family=str(body["family"]),
                preset=str(body.get("preset", "")),
                design=dict(body["design"]),
                training=dict(body["training"]),
                sampling=dict(body["sampling"]),
                data=_data_from_json(body["data"], held),
                seed=int(body["seed"]),
                edits=tuple(_edit_from_json(edit, held) for edit in body["edits"]),
                step=int(body["step"]),
                teacher=str(body.get("teacher", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"its {error} is missing" if isinstance(error, KeyError) else f"its form is wrong ({error})"
            raise Refused(f"This is not a recipe DGM Studio can read: {what}. Choose another file.") from error


def _edit_json(edit: Edit, embed: bool) -> dict[str, Any]:
    value = {"data": edit.value.to_json(embed=embed)} if isinstance(edit.value, DataSpec) else edit.value
    return {"step": edit.step, "beat": edit.beat, "knob": edit.knob, "value": value}


def _edit_from_json(body: Mapping[str, Any], held: Mapping[str, tuple[Array, Array]]) -> Edit:
    value = body["value"]
    if isinstance(value, Mapping):
        value = _data_from_json(value["data"], held)
    return Edit(int(body["step"]), str(body["knob"]), value, int(body.get("beat", 0)))


def _data_from_json(body: Mapping[str, Any], held: Mapping[str, tuple[Array, Array]]) -> DataSpec:
    own = body.get("points") or body.get("text") or body.get("pictures") or {}
    points, labels = held.get(str(own.get("sha256")), (None, None))
    return DataSpec.from_json(body, points=points, labels=labels)
