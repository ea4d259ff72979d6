"""The networks of a DCGAN: pictures grown from a latent by transposed convolutions, and shrunk to one score."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu

from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.adain import Mapping, StyledNorm
from dgm_studio.nets.init import normal_
from dgm_studio.nets.picture_coder import small_size

SLOPE = 0.2
"""Of the leaky ReLUs, as in the paper."""

Drawn = tuple[Tensor, tuple[Tensor, ...]]
"""Flat pictures (n, dim), and the activations (n, c, h, w) after each layer."""


class Generator(nn.Module):
    """z (n, k) -> flat pictures in [-1, 1]: a matrix to a quarter of the size, twice a transposed 4 x 4 convolution of
    stride 2, batch norm and ReLU after all but the last, tanh after that (Radford et al., 2016).

    Its only style is z itself, which enters below all layers.
    """

    def __init__(self, shape: PictureShape, latent: int, width: int) -> None:
        super().__init__()
        rows, columns = small_size(shape)
        self.small = (4 * width, rows, columns)
        self.into = nn.Linear(latent, 4 * width * rows * columns)
        self.first = nn.BatchNorm2d(4 * width)
        self.up = Up(4 * width, 2 * width)
        self.second = nn.BatchNorm2d(2 * width)
        self.last = Up(2 * width, shape.channels)

    @property
    def layers(self) -> tuple[str, ...]:
        """What a style can be given to."""
        return ("z",)

    def style(self, z: Tensor) -> Tensor:
        """z."""
        return z

    def mean_style(self) -> Tensor:
        """0 (1, k), the mean of z."""
        return self.into.weight.new_zeros((1, self.into.in_features))

    def synthesise(self, styles: Tensor) -> Drawn:
        """Of (1, n, k)."""
        small = relu(self.first(torch.unflatten(self.into(styles[0]), 1, self.small)))
        half = relu(self.second(self.up(small)))
        return self.last(half).tanh().flatten(1), (small, half)

    def forward(self, z: Tensor) -> Tensor:
        """(n, k) -> (n, dim)."""
        return self.synthesise(z[None])[0]


class StyledGenerator(nn.Module):
    """The same growth from a learned constant instead of z, with AdaIN after each of five layers, whose style a mapping
    network makes of z (Karras et al., 2019; without its noise, so that a style has one picture). Few channels at full
    size, where they cost most."""

    def __init__(self, shape: PictureShape, latent: int, width: int, mapping: int) -> None:
        super().__init__()
        rows, columns = small_size(shape)
        fine = max(1, width // 2)
        self.latent = latent
        self.mapping = Mapping(latent, latent, mapping)
        self.constant = Constant(4 * width, rows, columns)
        self.steps = nn.ModuleList(
            (
                nn.Conv2d(4 * width, 4 * width, 3, padding=1),
                Up(4 * width, 2 * width),
                nn.Conv2d(2 * width, 2 * width, 3, padding=1),
                Up(2 * width, fine),
            )
        )
        self.norms = nn.ModuleList(
            StyledNorm(latent, size) for size in (4 * width, 4 * width, 2 * width, 2 * width, fine)
        )
        self.last = nn.Conv2d(fine, shape.channels, 1)
        sizes = ((rows, columns),) * 2 + ((2 * rows, 2 * columns),) * 2 + ((4 * rows, 4 * columns),)
        self.layers = tuple(f"{index + 1}: {down} × {across}" for index, (down, across) in enumerate(sizes))
        """What a style can be given to, in order."""

    def style(self, z: Tensor) -> Tensor:
        """(n, k) -> (n, k)."""
        w: Tensor = self.mapping(z)
        return w

    def mean_style(self) -> Tensor:
        """The mean (1, k) of the styles of 2,048 latents, always the same ones."""
        z = torch.randn((2048, self.latent), generator=torch.Generator().manual_seed(0))
        return self.style(z.to(self.last.weight)).mean(dim=0, keepdim=True)

    def synthesise(self, styles: Tensor) -> Drawn:
        """Of (5, n, k), a style for each layer."""
        x = self.constant(styles.shape[1])
        found = []
        for index, norm in enumerate(self.norms):
            x = norm(leaky_relu(self.steps[index - 1](x) if index else x, SLOPE), styles[index])
            found.append(x)
        return self.last(x).tanh().flatten(1), tuple(found)

    def forward(self, z: Tensor) -> Tensor:
        """(n, k) -> (n, dim), the same style for all layers."""
        return self.synthesise(self.style(z).expand(len(self.layers), -1, -1))[0]


class Discriminator(nn.Module):
    """Flat pictures (n, dim) -> raw scores (n, 1): two 4 x 4 convolutions of stride 2 with leaky ReLU, batch norm after
    the second (Radford et al., 2016), and a matrix.

    With `spread` the matrix is also shown, at each place, how far apart the pictures of the batch are: the standard
    deviation over them, meant over all features (Karras et al., 2018, section 3). A collapsed generator gives itself
    away by it.
    """

    def __init__(self, shape: PictureShape, width: int, spread: bool = False) -> None:
        super().__init__()
        rows, columns = small_size(shape)
        self.shape = shape
        self.down = nn.Conv2d(shape.channels, width, 4, stride=2, padding=1)
        self.further = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(2 * width)
        self.spread = spread
        self.out = nn.Linear((2 * width + spread) * rows * columns, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, dim) -> (n, 1)."""
        x = leaky_relu(self.down(x.reshape(-1, *self.shape[:3])), SLOPE)
        x = leaky_relu(self.norm(self.further(x)), SLOPE)
        if self.spread:
            # The tiny number keeps the root's slope finite where all pictures are one.
            apart = (x.var(dim=0, correction=0) + 1e-8).sqrt().mean()
            x = torch.cat([x, apart.expand(len(x), 1, *x.shape[2:])], dim=1)
        out: Tensor = self.out(x.flatten(1))
        return out


class Up(nn.ConvTranspose2d):
    """A transposed 4 x 4 convolution that doubles height and width."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)

    def fill(self, generator: torch.Generator) -> None:
        """N(0, 1 / (4 inputs)): each new pixel is a sum of four places, so the spread is kept."""
        normal_(self.weight, (4 * self.in_channels) ** -0.5, generator)
        if self.bias is not None:
            self.bias.zero_()


class Constant(nn.Module):
    """What a styled generator grows from: one learned (c, h, w), the same for all pictures."""

    def __init__(self, channels: int, rows: int, columns: int) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.empty(channels, rows, columns))

    def fill(self, generator: torch.Generator) -> None:
        """N(0, 1)."""
        normal_(self.value, 1.0, generator)

    def forward(self, n: int) -> Tensor:
        """(n, c, h, w)."""
        return self.value.expand(n, -1, -1, -1)
