"""Adam on one list of parameters: torch's own computation without the optimiser object's bookkeeping, which for small
networks costs a tenth of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

EPSILON = 1e-8


class Adam:
    """m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, w <- w - rate m^ / (sqrt(v^) + 1e-8), m^ and v^ corrected for
    their start at 0 (Kingma and Ba, 2015, algorithm 1). Fused where the device has it: that halves a CPU's time."""

    def __init__(self, parameters: Sequence[nn.Parameter], betas: tuple[float, float]) -> None:
        self.parameters = list(parameters)
        self.betas = betas
        self._means = [torch.zeros_like(weight, requires_grad=False) for weight in self.parameters]
        self._squares = [torch.zeros_like(weight, requires_grad=False) for weight in self.parameters]
        self._steps = [torch.zeros((), dtype=torch.float32, device=w.device) for w in self.parameters]
        self._fused = all(weight.device.type in ("cpu", "cuda", "mps") for weight in self.parameters)

    @torch.no_grad()
    def step(self, gradients: list[Tensor], rate: float) -> None:
        """One step down `gradients`, one for each parameter, in order."""
        adam(
            self.parameters,  # type: ignore[arg-type]
            gradients,
            self._means,
            self._squares,
            [],
            self._steps,
            fused=self._fused,
            foreach=not self._fused,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """The moments and step counts by "index.name", live."""
        named = {"exp_avg": self._means, "exp_avg_sq": self._squares, "step": self._steps}
        return {f"{index}.{name}": tensor for name, own in named.items() for index, tensor in enumerate(own)}

    @torch.no_grad()
    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """The reverse of `state`; KeyError or RuntimeError where the moments are another model's."""
        for name, own in self.state().items():
            own.copy_(saved[name])
