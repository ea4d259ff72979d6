"""Claims over every declared knob: the command line's --set finds it by name alone, the form explains it."""

from __future__ import annotations

import re

import pytest

from dgm_studio.core.knobs import Knob, checked, knobs_of
from dgm_studio.data import data_sets
from dgm_studio.families import families
from dgm_studio.families.pictures import picture_families
from dgm_studio.lab.scenes import scenes
from dgm_studio.solvers import solvers

ENTRIES = {
    **{id: family.entry() for id, family in families().items()},
    **{f"{id} of pictures": family.entry() for id, family in picture_families().items()},
}
FAMILIES = sorted(ENTRIES)
DATA = sorted(data_sets())


def all_knobs() -> list[object]:
    """Every knob of the house, named by its owner."""
    found = []
    for id in FAMILIES:
        entry = ENTRIES[id]
        found += [(id, one) for one in (*entry.design, *entry.training, *entry.sampling)]
    found += [(id, one) for id in DATA for one in knobs_of(type(data_sets()[id]))]
    found += [(id, one) for id in sorted(scenes()) for one in scenes()[id].entry().knobs]
    found += [(id, one) for id in sorted(solvers()) for one in knobs_of(type(solvers()[id]))]
    return [pytest.param(one, id=f"{owner}-{one.name}") for owner, one in found]


@pytest.mark.parametrize("id", FAMILIES)
def test_a_name_means_one_knob_of_a_family(id: str) -> None:
    entry = ENTRIES[id]
    for what in ("name", "label"):
        names = [getattr(one, what) for one in (*entry.design, *entry.training, *entry.sampling)]
        assert sorted(names) == sorted(set(names)), f"two knobs share a {what}"


@pytest.mark.parametrize("one", all_knobs())
def test_a_knob_is_explained_bounded_and_its_default_allowed(one: Knob) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)
    assert one.label
    assert not one.label.endswith(".")
    assert len(one.label) <= 24
    assert one.help.endswith((".", ".)"))
    assert len(one.help) > 8
    assert one.check(one.default) == one.default
    assert type(one.default) is one.type
    assert one.parse(str(one.default)) == one.default
    if one.type in (int, float):
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.high
        assert not one.log or one.low > 0, "a log scale has no zero"
    if one.choices:
        assert len({choice.id for choice in one.choices}) == len(one.choices) > 1
        assert all(choice.label for choice in one.choices)


@pytest.mark.parametrize("id", FAMILIES)
def test_when_names_a_knob_of_the_same_set_and_values_it_can_have(id: str) -> None:
    entry = ENTRIES[id]
    for group in (entry.design, entry.training, entry.sampling):
        by_name = {one.name: one for one in group}
        for one in group:
            if one.when is not None:
                name, values = one.when
                assert name in by_name
                assert name != one.name
                assert all(by_name[name].check(value) == value for value in values)


@pytest.mark.parametrize("id", FAMILIES)
def test_presets_are_valid(id: str) -> None:
    entry = ENTRIES[id]
    for preset in entry.presets:
        for group in ("design", "training", "sampling"):
            given = getattr(preset, group)
            assert {name: checked(getattr(entry, group), given)[name] for name in given} == dict(given)


def test_a_presets_id_is_no_other_familys_id() -> None:
    """`train ddpm` finds its family by the preset's id, so ids may not clash across families."""
    for kinds in (families(), picture_families()):
        ids = [preset.id for id, family in kinds.items() for preset in family.presets if preset.id != id]
        assert len(ids) == len(set(ids))
        assert not set(ids) & set(kinds)
