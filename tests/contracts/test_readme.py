"""The README says what is so."""

from __future__ import annotations

import re

import pytest

from dgm_studio.cli import VERBS
from tests.readme import README, TABLES, part

TEXT = README.read_text("utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_catalogue(name: str) -> None:
    assert part(TEXT, name) == TABLES[name](), "run: python -m tests.readme --write"


def test_every_verb_is_shown_and_no_other() -> None:
    shown = set(re.findall(r"^dgm-studio ([a-z]+)\b", TEXT, flags=re.MULTILINE)) - {"flow"}
    assert shown == set(VERBS)


def test_pictures_and_files_it_names_exist() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (README.parent / name).exists(), name


def test_the_start_script_asks_no_verb_for_a_display() -> None:
    script = (README.parent / "packaging" / "run.sh").read_text("utf-8")
    known = re.search(r"case \$\{1:-\} in ([\w |]+)\) return 1", script)
    assert known is not None
    assert known[1].split(" | ") == list(VERBS)
