"""A solver that cannot walk the model is greyed with the reason, and is not where the exact field is followed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.widgets.choice_row import ChoiceRow
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.gui.panels.trajectories.test_panel import DATA
from tests.lab.recipes import small


def greyed(panel: TrajectoriesPanel) -> dict[str, str]:
    """The solvers that cannot be chosen, by id, each with its tooltip."""
    form = panel.film_mode.inputs.sampling
    assert form is not None
    row = form.rows["solver"]
    assert isinstance(row, ChoiceRow)
    combo = row.combo
    assert combo is not None
    off = [k for k in range(combo.count()) if not combo.model().index(k, 0).flags() & Qt.ItemFlag.ItemIsEnabled]
    return {combo.itemData(k): combo.itemData(k, Qt.ItemDataRole.ToolTipRole) for k in off}


def test_mala_needs_the_density_that_only_the_exact_field_has(opened: Opened, qtbot: QtBot) -> None:
    panel = opened(TrajectoriesPanel, small("diffusion", DATA))
    assert isinstance(panel, TrajectoriesPanel)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    off = greyed(panel)
    assert list(off) == ["mala"]
    assert "density" in off["mala"]
    panel.film_mode.inputs.setting_wanted.emit("field", "exact")
    panel.film_mode.inputs.sampling_wanted.emit("solver", "mala")
    qtbot.waitUntil(
        lambda: panel.settled() and [frame.t for frame in panel.film_mode.lane.frames][-1] == 0.9, timeout=PATIENCE
    )
    assert not greyed(panel)
    form = panel.film_mode.inputs.sampling
    assert form is not None
    assert form.rows["level"].isVisibleTo(form)
    assert not form.rows["churn"].isVisibleTo(form)
