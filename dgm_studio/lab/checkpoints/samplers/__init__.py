"""Samplers of rebuilt denoisers: ONE FILE, ONE STEPPER over the noise levels that a network was trained at.

Lives here: what steps along a discrete chain (DDPM, DDIM) or needs noise levels alone (DPM-Solver++), and the fields by
which the studio's own ODE solvers walk. May not live here: networks, files, knobs. The ODE solvers themselves are
`solvers`.
"""
