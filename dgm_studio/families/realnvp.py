"""RealNVP and its kin: an invertible map built of couplings, with the exact density by the change of variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.parts.couplings import AdditiveCoupling, AffineCoupling, Coupling, Scaling, SplineCoupling
from dgm_studio.families.parts.flow import Flow, Layer, Sampling, Training

AFFINE, ADDITIVE, SPLINE = "affine", "additive", "spline"


@dataclass(frozen=True)
class Design:
    """What is built."""

    coupling: str = knob(
        AFFINE, "Coupling", "How one half moves the other.",
        choices=(
            Choice(AFFINE, "Affine", "Scaled and shifted (RealNVP)."),
            Choice(ADDITIVE, "Additive", "Shifted only: volume is kept, but for one final scaling (NICE)."),
            Choice(SPLINE, "Spline", "Bent by a monotonic rational-quadratic spline (neural spline flow)."),
        ),
    )  # fmt: skip
    couplings: int = knob(8, "Couplings", "Coupling layers; halves take turns.", low=2, high=16)
    width: int = knob(64, "Width", "Hidden units of each coupling's network.", low=8, high=512, log=True)
    layers: int = knob(2, "Layers", "Hidden layers of each coupling's network.", low=1, high=6)
    bins: int = knob(8, "Bins", "Pieces of each spline.", low=2, high=32, when=("coupling", (SPLINE,)))
    bound: float = knob(
        4.0, "Tail bound", "Splines bend the box from -bound to bound; beyond it nothing moves.",
        low=1.0, high=20.0, log=True, when=("coupling", (SPLINE,)),
    )  # fmt: skip


class RealNVP(Flow):
    """log p(x) = log N(z(x); 0, I) + sum over couplings of log|det dz/dx|; the loss is -E log p(x)."""

    card = Card(
        id="realnvp",
        title="RealNVP",
        summary="A stack of invertible layers that bends noise into data; its density is exact.",
        lecture="2",
        paper="Dinh et al., 2017; Dinh et al., 2015; Durkan et al., 2019",
        formula="log p(x) = log p(z) + log|det dz/dx|",
        shows=("log_prob", "transport", "bars"),
        facts=(
            ("loss", "L = −E log p(x)"),
            ("kin", "NF"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("realnvp", "RealNVP", "Eight affine couplings, maximum likelihood.", "2", "Dinh et al., 2017"),
        Preset(
            "nice", "NICE", "Additive couplings keep volume; one scaling of the axes sets it.", "2",
            "Dinh et al., 2015", {"coupling": ADDITIVE},
        ),
        Preset(
            "neural-spline-flow", "Neural spline flow", "Four couplings, each a spline of eight pieces.", "2",
            "Durkan et al., 2019", {"coupling": SPLINE, "couplings": 4},
        ),
    )  # fmt: skip

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.couplings = nn.ModuleList(_coupling(design, dim, flip=bool(k % 2)) for k in range(design.couplings))
        self.scaling = Scaling(dim) if design.coupling == ADDITIVE else None

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Halves of one column are none."""
        return "RealNVP splits a point into two halves; choose data with at least two columns." if dim < 2 else ""

    def layers(self) -> Sequence[Layer]:
        """The layers from noise to data: NICE's scaling stands beside the noise, where its paper has it."""
        couplings = [coupling for coupling in self.couplings if isinstance(coupling, Coupling)]
        return couplings if self.scaling is None else [self.scaling, *couplings]

    def layer_names(self) -> tuple[str, ...]:
        """The scaling is named; couplings are numbered."""
        names = tuple(f"layer {k}" for k in range(1, len(self.couplings) + 1))
        return names if self.scaling is None else ("scaling", *names)


def _coupling(design: Any, dim: int, flip: bool) -> Coupling:
    if design.coupling == SPLINE:
        return SplineCoupling(dim, design.width, design.layers, flip, design.bins, design.bound)
    kind = AffineCoupling if design.coupling == AFFINE else AdditiveCoupling
    return kind(dim, design.width, design.layers, flip)


FAMILY = RealNVP
