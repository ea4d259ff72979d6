"""The columns of the table of tensors: whole ones, the name's readable, the numbers first."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.gui.panels.checkpoints.column_widths import fitted

WIDE = st.integers(20, 140)


@settings(max_examples=60, deadline=None)
@given(st.integers(120, 1800), st.integers(60, 420), st.lists(WIDE, min_size=8, max_size=11))
def test_no_column_is_seen_by_half_and_all_that_are_needed_come_before_a_long_name(
    room: int, name: int, columns: list[int]
) -> None:
    widths = fitted(room, name, 150, columns, 7, 84)
    assert widths[0] >= min(name, 150), "a name stays readable"
    edges = [sum(widths[: place + 1]) for place in range(len(widths))]
    if edges[0] < room < edges[-1]:
        assert room in edges, "the last that is seen ends where the room does"
    if min(name, 150) + sum(columns[:7]) <= room:
        assert sum(widths[:8]) <= room, "what is needed and fits is seen without scrolling"
    assert widths[2:] == tuple(columns[1:]), "only shapes yield"


def test_a_wide_window_gives_the_rest_to_the_name_and_a_narrow_one_takes_from_the_shapes() -> None:
    assert fitted(1000, 200, 150, (100, 60, 70), 2, 80) == (770, 100, 60, 70)
    assert fitted(305, 200, 150, (100, 60, 70), 2, 80) == (150, 95, 60, 70)
