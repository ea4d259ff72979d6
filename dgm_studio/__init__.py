"""DGM Studio: train deep generative models in front of an audience, step through them, look inside checkpoints."""

__version__ = "0.1.0"
