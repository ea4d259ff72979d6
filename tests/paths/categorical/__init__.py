"""Categorical paths."""
