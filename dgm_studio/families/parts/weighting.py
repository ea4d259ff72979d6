"""The weight of the squared error at each time: what a diffusion's training minds most."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import at, to_clean_and_noise

UNIT, PLAIN, ELBO, SNR, MIN_SNR, EDM = "unit", "plain", "elbo", "snr", "min-snr", "edm"

WEIGHTINGS = (
    Choice(UNIT, "Unit variance", "In standard deviations of the target; with epsilon prediction DDPM's simple loss."),
    Choice(PLAIN, "Plain", "The squared error as it is; a score's explodes near the data."),
    Choice(ELBO, "ELBO", "½ dSNR/dt times the clean point's error: the bound of log p, if times are uniform."),
    Choice(SNR, "SNR", "a²/s² times the clean point's error, which is the error of the noise."),
    Choice(MIN_SNR, "Min-SNR", "min(a²/s², limit) times the clean point's error (Hang et al., 2023)."),
    Choice(EDM, "EDM", "(a²/s² + 1/σ²) times the clean point's error, σ the data scale (Karras et al., 2022)."),
)


def weight(kind: str, limit: float, target: str, scale: Tensor, sigma_data: float, t: Tensor, path: Path) -> Tensor:
    """w(t) (n, 1) for the error of target / scale at times t (n,), all but UNIT; `scale` (n, 1) is the target's c(t).

    But for PLAIN (w = c^2) a weighting is a weight of |x_1 - x1_hat|^2, with SNR = a^2 / s^2 (no sigma_data): ELBO
    d SNR / dt / 2 (Kingma et al., 2021, equation 18, on our clock), SNR itself, min(SNR, limit), and EDM's
    (sigma^2 + sigma_data^2) / (sigma sigma_data)^2 at sigma = s / a. At a given x_t the error of x1_hat is (d x_1 /
    d target) times the target's.
    """
    if kind == PLAIN:
        return scale.square()
    here = at(path, t)
    snr = (here.a / here.s).square()
    if kind == ELBO:
        of_clean = here.a * (here.s * here.da - here.a * here.ds) / here.s**3
    elif kind == EDM:
        of_clean = snr + sigma_data**-2
    else:
        of_clean = snr.clamp(max=limit) if kind == MIN_SNR else snr
    one = torch.ones_like(scale)
    slope = to_clean_and_noise(target, one, torch.zeros_like(one), t, path, sigma_data)[0]
    return of_clean * (slope * scale).square()
