"""Rebuild: ONE FILE, ONE ARCHITECTURE, in torch: built on the meta device, every shape compared, then filled."""
