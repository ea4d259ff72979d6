"""`dgm-studio measure`: named measures of two laws, every number with its interval, floor and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import Measured, exact_of, warning
from dgm_studio.core.names import near, pick
from dgm_studio.core.table import ImportChoice
from dgm_studio.data.laws import law_from_text
from dgm_studio.measures import measures
from dgm_studio.measures.measure import Measure
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE, USUAL, Asked, best, measuring

ALL = "all"
"""The word for every way there is."""
SHOWN = ("measure", "value", "low", "high", "floor", "unit", "method", "n", "seconds")


def measure(
    names: Sequence[str], p: str, q: str, n: int, seed: int, ways: str, choice: ImportChoice, quiet: bool
) -> dict[str, Any]:
    """{"measures": {id: the best way's number, "ways": the other ways' numbers}}, infinity as "inf".
    A measure that cannot be had, beside others that can, is {id: {"refused": why}}.

    `p` and `q` are data sets with knobs or files of points; `ways` are names with commas between, "all", or nothing for
    closed form, quadrature and the usual estimator. Refused where none of the measures can be had.
    """
    chosen = {name: pick(measures(), name, "measure") for name in names}
    laws = law_from_text(p, choice), law_from_text(q, choice)
    wanted = _ways(ways, chosen)
    asked = Asked(*laws, n, seed, None if ALL in wanted else wanted)
    found: dict[str, Any] = {}
    refusals: dict[str, str] = {}
    with tqdm(unit=" slices", disable=quiet, mininterval=0.2) as bar:
        for name, one in chosen.items():
            bar.set_description(one.card.title)
            by_method: dict[str, Measured] = {}
            try:
                for reply in measuring(one, asked):
                    bar.update()
                    if reply is not None:
                        by_method[reply.method] = reply
            except Refused as refusal:
                refusals[name] = str(refusal)
                found[name] = {"refused": str(refusal)}
                continue
            first = best(by_method.values())
            exact = exact_of([first])
            others = [_told(way, exact) for way in by_method.values() if way is not first]
            found[name] = {**_told(first, exact), "ways": others}
    if len(refusals) == len(chosen):
        raise Refused(" ".join(dict.fromkeys(refusals.values())))
    return {"measures": found}


def table(result: dict[str, Any]) -> str:
    """The result in columns, one row a way, the best first, warnings at its end; below it what else is to be known."""
    rows: list[tuple[str, ...]] = [(*SHOWN, "")]
    notes: list[str] = []
    for name, first in result["measures"].items():
        if "refused" in first:
            notes.append(f"{name} is refused: {first['refused']}")
            continue
        for place, one in enumerate((first, *first["ways"])):
            cells = (_word(one[column]) for column in SHOWN[1:])
            rows.append((name if place == 0 else "", *cells, one.get("warning", "")))
            notes += [f"{name}, {one['method']}: {text}" for text in (one["bias"], one["note"]) if text]
    width = [max(len(row[column]) for row in rows) for column in range(len(SHOWN) + 1)]
    lines = ("  ".join(word.ljust(width[place]) for place, word in enumerate(row)).rstrip() for row in rows)
    return "\n".join((*lines, *notes)) + "\n"


def _told(one: Measured, exact: Measured | None) -> dict[str, Any]:
    """As JSON, with the word of warning that the window shows."""
    return {**one.as_json(), "warning": warning(one, exact)}


def _ways(text: str, chosen: dict[str, Measure]) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split(",") if part.strip()) or (CLOSED_FORM, QUADRATURE, USUAL)
    known = {CLOSED_FORM, QUADRATURE, USUAL, ALL, *(way.id for one in chosen.values() for way in one.estimators)}
    for way in wanted:
        if way not in known:
            close = near(way, known) or sorted(known)
            raise Refused(f"There is no way named '{way}' to these measures. Did you mean {' or '.join(close)}?")
    return wanted


def _word(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.5g}" if isinstance(value, float) else str(value)
