"""Measures: ONE FILE, ONE DISTANCE between distributions, with its card, interval and noise floor."""
