"""The legend of a plot: what already stands there is not made again."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from dgm_studio.gui.widgets.plot_legend import Entry, PlotLegend


def test_what_stands_there_is_not_made_again_whatever_holds_it(qtbot: QtBot) -> None:
    legend = PlotLegend()
    qtbot.addWidget(legend)
    entries = (Entry("p", "data"), Entry("q", "sample"))
    assert legend.show_entries(entries)
    assert not legend.show_entries(entries)
    assert not legend.show_entries(list(entries))
    assert legend.show_entries(entries[:1])
