"""The README's generated parts: `python -m tests.readme --write` writes them, a contract test holds them true."""

from __future__ import annotations

import sys
from pathlib import Path

from dgm_studio.families import families

README = Path(__file__).parents[1] / "README.md"


def families_table() -> str:
    """One row a family and its presets, from the cards."""
    rows = ["| id | family | lecture | paper | presets | what it can show |", "|---|---|---|---|---|---|"]
    for name, family in families().items():
        card = family.card
        presets = ", ".join(f"`{preset.id}`" for preset in family.presets)
        shows = ", ".join(("samples", *(one.replace("_", " ") for one in card.shows)))
        rows.append(f"| `{name}` | {card.title} | {card.lecture} | {card.paper} | {presets} | {shows} |")
    return "\n".join(rows)


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
    README.write_text(with_part(README.read_text("utf-8"), "families", families_table()), "utf-8")
