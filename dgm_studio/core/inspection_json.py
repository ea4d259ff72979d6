"""Words of an inspection as plain JSON and back: what the reader process, the window and `inspect --json` exchange."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from dgm_studio.core.inspection import (
    Candidate,
    Conclusion,
    Curve,
    Difference,
    Finding,
    Inspection,
    TensorDifference,
    TensorEntry,
    TensorStats,
    Totals,
    WeightSet,
)

_NUMBERS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def plain(value: Any) -> Any:
    """Dicts, lists, texts, numbers, booleans, None; what JSON has not comes as a text ("inf", "-inf", "nan")."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"<{type(value).__name__}>"


def number(value: Any) -> float:
    """A number as `plain` wrote it."""
    return _NUMBERS[value] if isinstance(value, str) else float(value)


def inspection_to(inspection: Inspection, tensors: bool = True) -> dict[str, Any]:
    """Everything of it; the tensors as rows, or [] without them."""
    return {
        "kind": inspection.kind,
        "title": inspection.title,
        "path": inspection.path,
        "size": inspection.size,
        "candidates": [
            _flat(one) | {"settings": [plain(_flat(x)) for x in one.settings]} for one in inspection.candidates
        ],
        "tensors": [entry_to(one) for one in inspection.tensors] if tensors else [],
        "totals": totals_to(inspection.totals),
        "weights": [plain(_flat(one)) for one in inspection.weights],
        "curves": [plain(_flat(one)) for one in inspection.curves],
        "findings": [finding_to(one) for one in inspection.findings],
        "metadata": plain(inspection.metadata),
        "files": list(inspection.files),
    }


def inspection_from(found: Mapping[str, Any]) -> Inspection:
    """What `inspection_to` wrote; tuples are tuples and arrays arrays again."""
    return Inspection(
        kind=found["kind"],
        title=found["title"],
        path=found["path"],
        size=found["size"],
        candidates=tuple(candidate_from(one) for one in found["candidates"]),
        tensors=tuple(entry_from(row) for row in found["tensors"]),
        totals=totals_from(found["totals"]),
        weights=tuple(WeightSet(o["id"], o["title"], o["names"], tuple(o["stripped"])) for o in found["weights"]),
        curves=tuple(
            Curve(one["name"], one["title"], np.array([number(x) for x in one["values"]]), one["source"])
            for one in found["curves"]
        ),
        findings=tuple(finding_from(one) for one in found["findings"]),
        metadata=found["metadata"],
        files=tuple(found["files"]),
    )


def candidate_from(one: Mapping[str, Any]) -> Candidate:
    """One candidate of `inspection_to`."""
    settings = tuple(Conclusion(**{**x, "options": tuple(x["options"])}) for x in one["settings"])
    return Candidate(**{**one, "reasons": tuple(one["reasons"]), "settings": settings})


def entry_to(entry: TensorEntry) -> list[Any]:
    """[name, dtype, shape, nbytes, file, offset, storage]."""
    return [
        entry.name, entry.dtype, list(entry.shape), entry.nbytes, entry.file, entry.offset, entry.storage,
    ]  # fmt: skip


def entry_from(row: list[Any]) -> TensorEntry:
    """What `entry_to` wrote."""
    name, dtype, shape, *rest = row
    return TensorEntry(name, dtype, tuple(shape), *rest)


def stats_to(stats: TensorStats) -> list[Any]:
    """[name, low, mean, high, std, norm, zeros, nans, infs]."""
    return [plain(getattr(stats, one.name)) for one in fields(stats)]


def stats_from(row: list[Any]) -> TensorStats:
    """What `stats_to` wrote."""
    name, *found, nans, infs = row
    low, mean, high, std, norm, zeros = (number(one) for one in found)
    return TensorStats(name, low, mean, high, std, norm, zeros, nans, infs)


def totals_to(totals: Totals) -> dict[str, Any]:
    """{tensors, numel, nbytes, dtypes: {name: count}}."""
    return _flat(totals) | {"dtypes": dict(totals.dtypes)}


def totals_from(found: Mapping[str, Any]) -> Totals:
    """What `totals_to` wrote."""
    return Totals(**found)


def finding_to(finding: Finding) -> dict[str, Any]:
    """{code, level, text}."""
    return _flat(finding)


def finding_from(found: Mapping[str, Any]) -> Finding:
    """What `finding_to` wrote."""
    return Finding(**found)


def _flat(one: Any) -> dict[str, Any]:
    """The dataclass' own fields, whatever they hold."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


def difference_to(difference: Difference) -> dict[str, Any]:
    """Everything of it; each row as [name, shape, norm, relative, largest, cosine]."""
    rows = [list(_flat(one).values()) for one in difference.rows]
    out: dict[str, Any] = plain(_flat(difference) | {"rows": rows})
    return out


def difference_from(found: Mapping[str, Any]) -> Difference:
    """What `difference_to` wrote."""
    figures = {name: number(found[name]) for name in ("norm", "relative", "largest", "cosine")}
    rows = (
        TensorDifference(name, tuple(shape), *(number(one) for one in numbers))
        for name, shape, *numbers in found["rows"]
    )
    return Difference(
        first=found["first"],
        second=found["second"],
        rows=tuple(rows),
        only_first=tuple(found["only_first"]),
        only_second=tuple(found["only_second"]),
        shapes=tuple((name, tuple(one), tuple(other)) for name, one, other in found["shapes"]),
        equal=found["equal"],
        **figures,
    )
