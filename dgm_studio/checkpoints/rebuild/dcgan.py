"""The PyTorch tutorial's DCGAN generator in torch: z to pictures in one pass."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.dcgan import ID, KERNEL, Stack, stack_of
from dgm_studio.checkpoints.rebuild.choosing import chosen
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Rebuilder
from dgm_studio.core.inspection import Candidate
from dgm_studio.core.pictures import PictureShape


class DCGANGenerator(nn.Module):
    """z (n, k) to pictures (n, c, h, w) in [-1, 1]: transposed convolutions with batch norm and ReLU, tanh at the end
    (Radford et al., 2016; the PyTorch tutorial's strides 1, 2, 2, ... and paddings 0, 1, 1, ...). Names of tensors are
    the file's: places in the Sequential."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        last = stack.layers[-1]
        for layer in stack.layers:
            first = layer is stack.layers[0]
            self.add_module(
                str(layer.place),
                nn.ConvTranspose2d(
                    layer.inputs, layer.outputs, KERNEL, 1 if first else 2, 0 if first else 1, bias=layer.bias
                ),
            )
            if layer.norm and layer is not last:
                norm = nn.BatchNorm2d(layer.outputs)
                norm.num_batches_tracked = None  # training's counter: not every file has it, nothing here needs it
                self.add_module(str(layer.place + 1), norm)

    def forward(self, z: Tensor) -> Tensor:
        """Batch norm with the statistics that training left."""
        x = z[:, :, None, None]
        for layer in self.stack.layers:
            x = self.get_submodule(str(layer.place))(x)
            if layer is not self.stack.layers[-1]:
                x = self.get_submodule(str(layer.place + 1))(x) if layer.norm else x
                x = x.relu()
        return x.tanh()


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Decoder]:
    stack = stack_of(asked)
    names = {name.removeprefix(stack.prefix): name for name in asked.tensors if name.startswith(stack.prefix)}
    net = yield from filling(lambda: DCGANGenerator(stack), asked, names, device)
    return Decoder(
        net=net,
        title="PyTorch DCGAN",
        candidate=candidate,
        settings=chosen(candidate, choice),
        shape=PictureShape(stack.channels, stack.size, stack.size),
        latent=stack.latent,
        decode=net,
    )


REBUILD = Rebuilder(ID, _build)
