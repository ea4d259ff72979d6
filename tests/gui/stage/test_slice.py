"""The conditional slice: the density's column under the pointer, normalised; nothing where there is no mass."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.slice import SliceLayer
from dgm_studio.gui.stage import Stage

BOX = (-4.0, 4.0, -3.0, 5.0)
ROWS = 80


def correlated(stage: Stage, rho: float = 0.8) -> SliceLayer:
    """N(0, [[1, rho], [rho, 1]]) on the layer: p(y | x) is N(rho x, 1 - rho^2)."""
    x = np.linspace(BOX[0], BOX[1], ROWS, endpoint=False) + 4 / ROWS
    y = np.linspace(BOX[2], BOX[3], ROWS, endpoint=False) + 4 / ROWS
    across, up = np.meshgrid(x, y)
    joint = np.exp(-(across**2 - 2 * rho * across * up + up**2) / (2 * (1 - rho**2)))
    layer = stage.layer("slice")
    assert isinstance(layer, SliceLayer)
    layer.accept(Picture(Ask("density", box=BOX, resolution=ROWS), 0, {"values": joint.astype(np.float32)}))
    return layer


@pytest.mark.parametrize("x", [-1.03, 0.33, 1.47])
def test_a_gaussians_slice_is_its_conditional(stage: Stage, x: float) -> None:
    y, p = correlated(stage).conditional(x)
    step = y[1] - y[0]
    assert p.sum() * step == pytest.approx(1.0)
    mean = (y * p).sum() * step
    cell = np.floor((x - BOX[0]) / (8 / ROWS)) * 8 / ROWS + BOX[0] + 4 / ROWS  # the column's own middle
    assert mean == pytest.approx(0.8 * cell, abs=0.02)
    assert ((y - mean) ** 2 * p).sum() * step == pytest.approx(1 - 0.8**2, rel=0.05)


def test_it_shows_only_under_the_pointer(stage: Stage) -> None:
    layer = correlated(stage)
    assert not layer.has_content()
    layer.hover(0.5)
    assert layer.has_content()
    layer.hover(None)
    assert not layer.has_content()


def test_no_mass_is_no_curve(stage: Stage) -> None:
    layer = correlated(stage)
    layer.accept(Picture(Ask("density", box=BOX, resolution=ROWS), 0, {"values": np.zeros((ROWS, ROWS), np.float32)}))
    assert not layer.conditional(0.0)[1].any()
