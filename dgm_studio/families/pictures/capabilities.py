"""Capabilities: what a trained model of pictures can show, one small protocol each; the Latents panel asks for these.

Pictures are flat (n, dim) in [-1, 1] as everywhere in families.pictures; a label of -1 is "no class".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from dgm_studio.core.wording import Wording
from dgm_studio.solvers.solver import State


@runtime_checkable
class DecodesLatent(Protocol):
    """z (n, k) to pictures in one short call (a VAE's mean, a GAN's generator); `latent_prior_draw` draws z."""

    @property
    def latent_dim(self) -> int: ...

    def decode(self, z: Tensor) -> Tensor: ...

    def latent_prior_draw(self, n: int, generator: torch.Generator) -> Tensor: ...


@runtime_checkable
class EncodesLatent(DecodesLatent, Protocol):
    """Pictures to mean and log-variance (n, k) of q(z|x); a plain autoencoder's log-variance is -inf."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]: ...


@runtime_checkable
class HasCodes(Protocol):
    """A vector-quantised code: ids (n, h', w') into a codebook (K, d)."""

    @property
    def code_shape(self) -> tuple[int, int]: ...

    @property
    def codebook(self) -> Tensor: ...

    def codes(self, x: Tensor) -> Tensor: ...

    def decode_codes(self, ids: Tensor) -> Tensor: ...


@runtime_checkable
class HasStyles(Protocol):
    """A generator with a mapping network: z (n, k) -> style w (n, s), one style a layer, AdaIN in each.

    `synthesise(styles)` takes (layers, n, s) and gives pictures (n, dim) with the activations (n, c, h, w) after each
    layer; `truncated(w, psi)` pulls a style to the mean style: w_mean + psi (w - w_mean).
    """

    @property
    def style_layers(self) -> tuple[str, ...]: ...

    def style(self, z: Tensor) -> Tensor: ...

    def truncated(self, w: Tensor, psi: float) -> Tensor: ...

    def synthesise(self, styles: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]: ...


@runtime_checkable
class Denoises(Protocol):
    """A flow or diffusion in pixels or in a latent space: from noise (n, k) to pictures, state by state.

    `film(start, sampling, generator, labels, gamma)` yields states whose x (n, k) is x_t in the model's own space and
    whose x1_hat (n, k) is the predicted clean point; `shown(x)` makes pictures (n, dim) of such points (the decoder of
    a latent model; the identity in pixels). labels (n,) int64, -1 is no class; gamma is the guidance scale of
    CONVENTIONS (0 unconditional, 1 conditional); start is standard normal, whatever the path's noise. `inverted`
    integrates the probability-flow ODE from pictures (n, dim) back to noise (n, k), state by state; the last state's x
    is the noise. One next() lasts at most 50 ms for up to `rows` pictures.
    """

    @property
    def noise_dim(self) -> int: ...

    @property
    def rows(self) -> int: ...

    def film(
        self, start: Tensor, sampling: Any, generator: torch.Generator, labels: Tensor, gamma: float
    ) -> Iterator[State]: ...

    def inverted(self, x: Tensor, sampling: Any, labels: Tensor, gamma: float) -> Iterator[State]: ...

    def shown(self, x: Tensor) -> Tensor: ...


@runtime_checkable
class HearsCaptions(Protocol):
    """Told in words what its pictures are to show: the labels of Denoises are ids (n, words) int64 of a caption's words
    in `wording`, zeros for no caption."""

    @property
    def wording(self) -> Wording: ...
