"""Mathematics as mathematics: indices and signs."""

from __future__ import annotations

from dgm_studio.gui.widgets.formula import as_mathematics


def test_indices_and_signs() -> None:
    assert as_mathematics("x_t = a(t) x_1") == "x<sub>t</sub> = a(t) x<sub>1</sub>"
    assert as_mathematics("p(x_{t-1} | x_t)") == "p(x<sub>t-1</sub> | x<sub>t</sub>)"
    assert as_mathematics("|s|^2 / 2") == "|s|<sup>2</sup> / 2"
    assert as_mathematics("sum_i sigma_i^2") == "Σ<sub>i</sub> σ<sub>i</sub><sup>2</sup>"
    assert as_mathematics("mu_j(x_<j)") == "μ<sub>j</sub>(x<sub>&lt;j</sub>)"
    assert as_mathematics("a < b  c - d") == "a &lt; b&nbsp;&nbsp;&nbsp;c − d"
