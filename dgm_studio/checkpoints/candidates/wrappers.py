"""The names that training programs put around a model's own: wrappers, averaged copies, parts, and what is no model."""

from __future__ import annotations

RAW = frozenset(
    (
        "state_dict", "model", "model_state_dict", "model_state", "net", "network", "params", "net_model", "module",
        "_orig_mod", "_fsdp_wrapped_module", "diffusion", "diffusion_model", "online_model", "net_state_dict",
        "denoise_fn", "denoiser", "backbone", "nnet", "unet", "state", "weights", "model_raw", "score_model",
        "pytorch_model", "fit",
    )
)  # fmt: skip
"""Wrappers: taken off where nothing else stands beside them, or where a file keeps its parts apart."""

AVERAGED = frozenset(
    (
        "ema", "model_ema", "ema_model", "params_ema", "G_ema", "g_ema", "netG_ema", "generator_ema", "ema_generator",
        "ema_state_dict", "ema_params", "ema_net", "net_ema", "unet_ema", "ema_unet", "transformer_ema", "ema_weights",
        "model_ema_state_dict", "ema_model_state_dict", "shadow_params", "shadow", "averaged_model", "swa_model",
        "nnet_ema", "ema_denoiser", "ema_network", "network_ema",
    )
)  # fmt: skip
"""Heads of averaged copies (exponential moving averages)."""

GENERATORS = frozenset(("G_ema", "g_ema", "netG_ema", "generator_ema", "ema_generator"))
"""Averaged copies of a generator, where it lies beside a discriminator."""

PARTS = {
    "generator": "generator", "gen": "generator", "netG": "generator", "G": "generator", "g": "generator",
    "generator_state_dict": "generator", "G_state_dict": "generator", "netG_state_dict": "generator",
    "discriminator": "discriminator", "disc": "discriminator", "netD": "discriminator", "D": "discriminator",
    "d": "discriminator", "critic": "discriminator", "discriminator_state_dict": "discriminator",
    "D_state_dict": "discriminator", "netD_state_dict": "discriminator",
    "first_stage_model": "vae", "vae": "vae", "cond_stage_model": "text_encoder", "text_encoder": "text_encoder",
    "conditioner": "text_encoder", "teacher": "teacher", "student": "student",
}  # fmt: skip
"""Models of their own inside one file, by what they are called."""

SIDES = {
    "generator": "Generator",
    "discriminator": "Discriminator",
    "vae": "Autoencoder",
    "text_encoder": "Text encoder",
}
"""What the parts are called in the window; others by their own name."""

NOT_WEIGHTS = frozenset(
    (
        "optimizer", "opt", "optim", "optimizer_states", "optimizer_state_dict", "optimizer_state", "optimizers",
        "scaler", "sched", "ema_sched", "scheduler", "lr_scheduler", "lr_schedulers", "lr_schedule", "loops",
        "callbacks", "g_optim", "d_optim", "opt_G", "opt_D", "optimizerG", "optimizerD", "optim_g", "optim_d",
        "optimizer_G_state_dict", "optimizer_D_state_dict", "optG", "optD", "scheduler_state_dict", "amp_scaler",
        "gns_stats", "ema_stats", "loss_fn", "augment_pipe", "random_states", "rng_state", "adam", "losses", "data",
        "hyper_parameters", "args", "config", "cfg", "demo_gen",
    )
)  # fmt: skip
"""What training keeps for itself: optimisers' moments, generators, loss curves."""

COUNTERS = frozenset(
    ("decay", "num_updates", "initted", "step", "n_averaged", "updates", "optimization_step", "generator")
)
"""Numbers an average or a training keeps beside its weights."""

MARKERS = frozenset(("v_pred", "ztsnr", "edm_mean", "edm_std"))
"""Tensors that only say how the model was trained; their presence is the message."""

MOMENTS = frozenset(
    ("exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg", "acc_delta", "exp_inf", "grad_avg")
)
"""Names of an optimiser's tensors."""
