"""Comparing samplers: what a film was worth, and how errors fall with evaluations.

Lives here: references that are better than what they judge, the measures of a film, the convergence plot's task. May
not live here: solvers, and how any of it is drawn.
"""
