"""Names of the 1-D buffers in which training programs keep a noise schedule."""

from __future__ import annotations

SCHEDULE = frozenset(
    (
        "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod",
        "posterior_variance", "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2",
        "loss_weight", "p2_loss_weight", "lvlb_weights", "sigmas", "log_sigmas", "alphas", "alpha_bars", "alphas_bar",
        "sqrt_alphas_bar", "sqrt_one_minus_alphas_bar", "alpha_cumprod", "discrete_sigmas",
    )
)  # fmt: skip
