"""What the settings of a mode share: read from a session, and one of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, Value, checked


@dataclass(frozen=True)
class KeptSettings:
    """A subclass's fields are named as its knobs."""

    own_knobs: ClassVar[tuple[Knob, ...]]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a session; what is missing or foreign is the default."""
        known = {one.name: values[one.name] for one in cls.own_knobs if one.name in values}
        try:
            return cls(**checked(cls.own_knobs, known))
        except Refused:
            return cls()

    def with_value(self, name: str, value: Value) -> Self:
        """One of them changed."""
        return replace(self, **{name: value})
