"""Our Adam against torch's own optimiser, on shared gradients."""

from __future__ import annotations

import torch

from dgm_studio.families.adam import Adam


def test_it_is_torchs_adam_step_for_step_and_goes_on_after_a_restore() -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(shape, generator=generator) for shape in ((3, 4), (4,))]
    ours = [torch.nn.Parameter(weight.clone()) for weight in start]
    theirs = [torch.nn.Parameter(weight.clone()) for weight in start]
    adam, reference = Adam(ours, (0.5, 0.99)), torch.optim.Adam(theirs, betas=(0.5, 0.99))
    for k in range(12):
        if k == 5:
            saved = {name: tensor.clone() for name, tensor in adam.state().items()}
            adam = Adam(ours, (0.5, 0.99))
            adam.restore(saved)
        gradients = [torch.randn(weight.shape, generator=generator) for weight in ours]
        rate = 0.1 / (k + 1)
        adam.step([gradient.clone() for gradient in gradients], rate)
        reference.param_groups[0]["lr"] = rate
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = gradient
        reference.step()
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-6, atol=1e-7)
