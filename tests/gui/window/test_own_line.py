"""A file of one column in the window: from the dialog to a line's stage, with every read-out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dgm_studio.gui.dialogs.import_table import ImportDialog
from tests.gui.window.driver import Person


def test_a_file_of_one_column_trains_on_a_line(studio: Person, tmp_path: Path) -> None:
    file = tmp_path / "heights.csv"
    rng = np.random.default_rng(0)
    file.write_text("height\n" + "\n".join(f"{x:.5g}" for x in rng.normal(170, 8, 500)))
    studio.window.data.inspect(str(file))
    studio.until(lambda: bool(studio.window.findChildren(ImportDialog)))
    (dialog,) = studio.window.findChildren(ImportDialog)
    assert dialog.choice().columns == ("height",)
    studio.fresh(lambda: studio.click(dialog.go))
    panel = studio.panel
    assert studio.recipe.data.points is not None
    assert studio.recipe.data.points.points.shape == (500, 1)
    assert panel.stage.line
    assert panel.inputs.data.name.text() == "heights"
    reasons = panel.inputs.family._reasons
    assert "two columns" in reasons["realnvp"]
    assert "diffusion" not in reasons
    studio.show_only("data", "samples", "velocity", "exact", "error")
    studio.train_by(10)
    studio.settle()
    panel.transport.scrubbed.emit("sampling", 12.0)
    studio.settle()
    assert all(panel.stage.layer(name).has_content() for name in ("data", "samples", "exact", "error"))
    assert panel.numbers.exact_head.caption.text() == "LEARNED AGAINST EXACT", "imported points are their own law"
    assert panel.numbers.error.value.text().endswith("%")
    studio.fresh(lambda: studio.pick_data("moons"))
    assert not panel.stage.line
