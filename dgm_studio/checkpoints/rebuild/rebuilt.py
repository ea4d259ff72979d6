"""What a rebuilt model is for the studio: one small class for each thing it can make."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import Candidate, Conclusion
from dgm_studio.core.pictures import PictureShape

EPSILON, SAMPLE, V_PREDICTION, VELOCITY, NOISE_TO_DATA = "epsilon", "sample", "v_prediction", "eps-x0", "x0-eps"
"""What a network predicts: of flows, noise minus data or data minus noise."""


@dataclass(frozen=True)
class Discrete:
    """A discrete chain: `alphas_cumprod` (T,), the network is told index * `scale`; `spacing`, `steps_offset`,
    `variance`, `clip` as diffusers' schedulers name them."""

    alphas_cumprod: Array
    scale: float = 1.0
    spacing: str = "leading"
    steps_offset: int = 0
    variance: str = "fixed_small"
    clip: float = 0.0
    ancestral: bool = True
    set_alpha_to_one: bool = True


@dataclass(frozen=True)
class Flow:
    """A straight path; the network is told t * `scale`, where t runs from 0 (noise) to 1 (data) unless `reversed`."""

    scale: float = 1.0
    reversed: bool = False


@dataclass(frozen=True)
class Sigmas:
    """EDM's preconditioned network in sigma-space (Karras et al. 2022): D(x; sigma) with `sigma_data`."""

    sigma_data: float = 0.5
    sigma_min: float = 0.002
    sigma_max: float = 80.0
    rho: float = 7.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Rebuilt:
    """A network in eval mode with what was concluded of it; `settings` as used, the person's choices included."""

    net: nn.Module
    title: str
    candidate: Candidate
    settings: tuple[Conclusion, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Denoiser(Rebuilt):
    """Pictures (or points: shape (d, 1, 1)): `predict(x (n, c, h, w), told (n,), labels (n,) int64, -1 none)` gives
    what `prediction` names, of x's shape; `schedule` says what x and the told time are. `classes` is how many labels
    there are (0: none), `null` the label of the unconditional model (-1: it was not trained without).

    With a learned variance (Discrete.variance "learned" or "learned_range") `predict` gives (n, 2 c, h, w): what is
    predicted, then the variance's own numbers (Nichol and Dhariwal, 2021). A latent model denoises `points`, not
    pictures: `decode` makes pictures (n, c, h, w) in [-1, 1] of its x, `encode` is the way back. `advised` are values
    of the studio's own Sampling (solver, steps, eta, clip) that the file speaks for."""

    shape: PictureShape
    schedule: Discrete | Flow | Sigmas
    prediction: str
    predict: Callable[[Tensor, Tensor, Tensor], Tensor]
    null: int = -1
    points: PictureShape | None = None
    decode: Callable[[Tensor], Tensor] | None = None
    encode: Callable[[Tensor], Tensor] | None = None
    advised: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoder(Rebuilt):
    """z (n, k), standard normal, to pictures (n, c, h, w) in [-1, 1]; `encode` gives mean and log-variance (n, k)."""

    shape: PictureShape
    latent: int
    decode: Callable[[Tensor], Tensor]
    encode: Callable[[Tensor], tuple[Tensor, Tensor]] | None = None
    codes: Any = None
    """For VQ models: families.pictures.capabilities.HasCodes."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Masked(Rebuilt):
    """A masked language model: `logits(ids (n, L))` gives (n, L, V); `words` are the V tokens' texts, `mask` the mask's
    id, `special` ids that are never drawn; `split`/`join` go between a text and its ids. `length` is how many tokens a
    text may have; `before` and `after` are put around it ("<s>", "</s>"). `glue` (V,) says of a word whether no blank
    stands before it; empty where one always does."""

    words: tuple[str, ...]
    mask: int
    special: tuple[int, ...] = ()
    length: int
    logits: Callable[[Tensor], Tensor]
    split: Callable[[str], list[int]]
    join: Callable[[list[int]], str]
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    glue: tuple[bool, ...] = ()


class Rebuilder(NamedTuple):
    """What a file of this room declares as REBUILD: `id` is its candidate's; `build(asked, candidate, choice, device)`
    yields while it reads and returns the model. `choice` maps settings' names to what a person chose instead."""

    id: str
    build: Callable[[Asked, Candidate, Mapping[str, str], str], Generator[None, None, Rebuilt]]
