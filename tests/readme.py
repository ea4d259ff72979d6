"""The README's generated parts: `python -m tests.readme --write` writes them, a contract test holds them true."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dgm_studio.core.knobs import knobs_of
from dgm_studio.data import data_sets
from dgm_studio.data.pictures import picture_sets
from dgm_studio.data.text.corpus import corpora
from dgm_studio.families import families
from dgm_studio.families.family import Family
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.text import text_families
from dgm_studio.measures import measures
from dgm_studio.solvers import solvers

README = Path(__file__).parents[1] / "README.md"


def families_table() -> str:
    """The families of points and of text."""
    return table_of({**families(), **text_families()})


def picture_families_table() -> str:
    """The families of pictures."""
    return table_of(picture_families())


def table_of(kinds: Mapping[str, type[Family]]) -> str:
    """One row a family and its presets, from the cards."""
    rows = ["| id | family | lecture | paper | presets | what it can show |", "|---|---|---|---|---|---|"]
    for name, family in kinds.items():
        card = family.card
        presets = ", ".join(f"`{preset.id}`" for preset in family.presets)
        shows = ", ".join(("samples", *(one.replace("_", " ") for one in card.shows)))
        rows.append(f"| `{name}` | {card.title} | {card.lecture} | {card.paper} | {presets} | {shows} |")
    return "\n".join(rows)


def data_table() -> str:
    """One row a data set, from the cards and the knobs."""
    rows = ["| id | data set | lecture | paper | density | knobs |", "|---|---|---|---|---|---|"]
    for name, one in data_sets().items():
        card = one.card
        knobs = ", ".join(f"`{knob.name}`" for knob in knobs_of(type(one)))
        rows.append(f"| `{name}` | {card.title} | {card.lecture} | {card.paper} | {card.fact('density')} | {knobs} |")
    return "\n".join(rows)


def measures_table() -> str:
    """One row a measure, from the cards and the estimators."""
    rows = ["| id | measure | lecture | paper | unit | estimators from samples |", "|---|---|---|---|---|---|"]
    for name, one in measures().items():
        ways = ", ".join(f"`{way.id}`" for way in one.estimators)
        rows.append(f"| `{name}` | {one.card.title} | {one.card.lecture} | {one.card.paper} | {one.unit} | {ways} |")
    return "\n".join(rows)


def solvers_table() -> str:
    """One row a solver, from the cards and the knobs; order 0 is none claimed."""
    rows = [
        "| id | solver | lecture | paper | order | evaluations a step | settings |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in solvers().items():
        card, weak = one.card, one.card.fact("weak_order")
        order = f"{float(card.fact('order') or 0.0):g}" if card.fact("order") else "none claimed"
        if weak:
            order = f"strong {float(card.fact('strong_order') or 0.0):g}, weak {float(weak):g}"
        knobs = ", ".join(f"`{knob.name}`" for knob in knobs_of(type(one)))
        cost = f"{float(card.fact('evaluations') or 0.0):g}"
        rows.append(f"| `{name}` | {card.title} | {card.lecture} | {card.paper} | {order} | {cost} | {knobs} |")
    return "\n".join(rows)


def corpora_table() -> str:
    """One row a corpus, from the cards."""
    rows = ["| id | corpus | what it is |", "|---|---|---|"]
    rows += [f"| `{name}` | {one.card.title} | {one.card.summary} |" for name, one in corpora().items()]
    return "\n".join(rows)


def pictures_table() -> str:
    """One row a set of pictures, from the cards."""
    rows = ["| id | set | what it is | licence |", "|---|---|---|---|"]
    for name, one in picture_sets().items():
        rows.append(f"| `{name}` | {one.card.title} | {one.card.summary} | {one.card.fact('licence')} |")
    return "\n".join(rows)


TABLES = {
    "corpora": corpora_table,
    "families": families_table,
    "data": data_table,
    "measures": measures_table,
    "solvers": solvers_table,
    "pictures": pictures_table,
    "picture families": picture_families_table,
}
"""The generated parts by the name of their markers."""


def part(text: str, name: str) -> str:
    """What stands between the markers of `name`."""
    return text.split(f"<!-- {name}:begin -->")[1].split(f"<!-- {name}:end -->")[0].strip()


def with_part(text: str, name: str, content: str) -> str:
    """The text with other content between the markers."""
    head, rest = text.split(f"<!-- {name}:begin -->")
    _, tail = rest.split(f"<!-- {name}:end -->")
    return f"{head}<!-- {name}:begin -->\n{content}\n<!-- {name}:end -->{tail}"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.readme --write")
    text = README.read_text("utf-8")
    for name, table in TABLES.items():
        text = with_part(text, name, table())
    README.write_text(text, "utf-8")
