"""Parts: what several families are built of, and what would make one family's file too long; none is a family itself.

Lives here: losses, knobs, presets, layers of flows, bounds, integrators, each one idea a file. May not live here: the
contract between families and the rest (family.py, fit.py, capabilities.py, showing.py stand one floor up).
"""
