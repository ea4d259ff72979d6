"""The plain multi-layer perceptron."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice
from dgm_studio.core.names import near

_MAKERS: dict[str, Callable[[], nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.2),
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
}

ACTIVATIONS = (
    Choice("silu", "SiLU", "x sigmoid(x): smooth, so scores and divergences are too."),
    Choice("relu", "ReLU", "max(0, x): piecewise linear, its kinks show in a critic's map."),
    Choice("leaky-relu", "Leaky ReLU", "max(0.2 x, x): never dead, the usual choice for critics."),
    Choice("tanh", "tanh", "Smooth and bounded."),
    Choice("gelu", "GELU", "x Phi(x): smooth, as in transformers."),
    Choice("softplus", "Softplus", "log(1 + exp x): a smooth ReLU."),
)
"""What a knob `activation` may choose from."""


def activation_layer(name: str) -> nn.Module:
    """The activation of that name, or Refused with the near ones."""
    if name not in _MAKERS:
        close = near(name, list(_MAKERS)) or list(_MAKERS)
        raise Refused(f"There is no activation '{name}'. Choose {', '.join(close)}.")
    return _MAKERS[name]()


class MLP(nn.Module):
    """inputs -> width (`layers` hidden layers, each with the activation) -> outputs."""

    def __init__(self, inputs: int, outputs: int, width: int, layers: int, activation: str = "silu") -> None:
        sizes = [inputs] + [width] * layers
        modules: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            modules += [nn.Linear(fan_in, fan_out), activation_layer(activation)]
        super().__init__()
        self.layers = nn.Sequential(*modules, nn.Linear(sizes[-1], outputs))

    def forward(self, x: Tensor) -> Tensor:
        """x (n, inputs) -> (n, outputs)."""
        out: Tensor = self.layers(x)
        return out
