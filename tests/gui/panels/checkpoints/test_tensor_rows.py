"""The lines of the table: folding, sub-totals, filter and order, against numpy on the whole vector."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import TensorEntry, TensorStats
from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.tensor_rows import TensorRows


def entry(name: str, *shape: int, dtype: str = "float32") -> TensorEntry:
    return TensorEntry(name, dtype, shape, 4 * int(np.prod(shape)))


def stats(name: str, values: Array) -> TensorStats:
    finite = values[np.isfinite(values)].astype(float)
    bad = values.size - finite.size
    return TensorStats(
        name, float(finite.min()), float(finite.mean()), float(finite.max()), float(finite.std()),
        float(np.linalg.norm(finite)), float((values == 0).mean()), bad, 0,
    )  # fmt: skip


def table(*entries: TensorEntry) -> TensorRows:
    made = TensorRows()
    made.add(entries)
    return made


def titles(made: TensorRows) -> list[str]:
    return [("  " * made.depth(line)) + made.title(line) for line in made.shown()]


def test_names_fold_under_their_parts() -> None:
    made = table(
        *(entry(f"net.down.{k}.{part}", 4, k + 1) for k in range(2) for part in ("weight", "bias")), entry("net.t", 3)
    )
    assert titles(made) == [
        "net", "  down", "    0", "      weight", "      bias", "    1", "      weight", "      bias", "  t",
    ]  # fmt: skip
    made.toggle(made.shown()[1])
    assert titles(made) == ["net", "  down", "  t"]
    made.toggle(made.shown()[1])
    assert len(titles(made)) == 9
    made.grouped = False
    assert titles(made) == [one.name for one in made.entries]


def test_large_groups_stay_folded_until_a_person_or_a_choice_unfolds_them() -> None:
    made = table(*(entry(f"{side}.{k}.w", 2) for side in ("left", "right") for k in range(300)))
    assert titles(made) == ["left", "right"]
    assert made.reveal("right.7.w")
    assert "  7.w" in titles(made), "a group of one tensor is that tensor"
    assert not made.reveal("right.7.w")


def test_sub_totals_are_those_of_one_long_vector() -> None:
    rng = np.random.default_rng(0)
    values = {f"a.{name}": rng.normal(k, 1 + k, 50 * (k + 1)) for k, name in enumerate("xyz")}
    values["a.x"][3] = np.nan
    values["a.y"][:5] = 0
    made = table(*(entry(name, len(one)) for name, one in values.items()))
    group = made.shown()[0]
    made.measure([stats(name, one) for name, one in list(values.items())[:2]])
    assert made.value(group, rows.MEAN) is None, "not before all are measured"
    made.measure([stats("a.z", values["a.z"])])
    every = np.concatenate(list(values.values()))
    finite = every[np.isfinite(every)]
    for column, wanted in (
        (rows.LOW, finite.min()), (rows.MEAN, finite.mean()), (rows.HIGH, finite.max()), (rows.STD, finite.std()),
        (rows.NORM, np.linalg.norm(finite)), (rows.ZEROS, (every == 0).mean()), (rows.BAD, 1), (rows.NUMBERS, 300),
        (rows.BYTES, 1200),
    ):  # fmt: skip
        value = made.value(group, column)
        assert value is not None
        np.testing.assert_allclose(value, wanted, rtol=1e-12)


def test_words_look_at_name_type_and_shape() -> None:
    made = table(
        entry("a.conv.weight", 8, 3, 3, 3), entry("a.conv.bias", 8), entry("b.conv.weight", 8, 8, 1, 1, dtype="float16")
    )
    for text, wanted in (("CONV weight", [0, 2]), ("3×3", [0]), ("float16", [2]), ("none", []), ("", [0, 1, 2])):
        made.look_for(text)
        assert list(made.found()) == wanted, text
    made.look_for("conv", frozenset({"a.conv.bias"}))
    assert list(made.found()) == [1]


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    measured=st.integers(0, 30),
    falling=st.booleans(),
    grouped=st.booleans(),
    column=st.sampled_from([rows.NAME, rows.SHAPE, rows.NUMBERS, rows.NORM]),
)
def test_every_order_shows_every_tensor_once_and_what_is_unknown_last(
    sizes: list[int], measured: int, falling: bool, grouped: bool, column: int
) -> None:
    made = table(*(entry(f"p{k % 3}.{k}", size) for k, size in enumerate(sizes)))
    made.measure([stats(f"p{k % 3}.{k}", np.arange(1.0, size + 1)) for k, size in enumerate(sizes) if k < measured])
    made.grouped, made.column, made.falling = grouped, column, falling
    made.open = {group.prefix for group in made.groups}
    lines = made.shown()
    assert sorted(line for line in lines if line >= 0) == list(range(len(sizes)))
    if not grouped and column in (rows.NUMBERS, rows.NORM):
        found = [made.value(line, column) for line in lines]
        known = [value for value in found if value is not None]
        assert found == known + [None] * (len(found) - len(known))
        assert known == sorted(known, reverse=falling)


def test_blocks_are_counted_as_numbers() -> None:
    names = ["b.10", "b.9", "b.x", "b.2", "a²"]
    assert sorted(names, key=rows.natural) == ["a²", "b.2", "b.9", "b.10", "b.x"]
