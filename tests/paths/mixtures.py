"""Mixtures that the tests of paths and solvers share."""

from __future__ import annotations

import numpy as np

from dgm_studio.data.mixture import Mixture


def gaussian() -> Mixture:
    """One correlated Gaussian off the origin."""
    return Mixture(np.ones(1), np.array([[0.7, -0.4]]), np.array([[[0.5, 0.3], [0.3, 0.9]]]))


def three() -> Mixture:
    """Three components of different weights and full covariances."""
    covariances = np.array([[[0.3, 0.1], [0.1, 0.2]], [[0.1, 0.0], [0.0, 0.4]], [[0.2, -0.12], [-0.12, 0.3]]])
    return Mixture(np.array([0.5, 0.2, 0.3]), np.array([[1.5, 0.0], [-1.0, 1.0], [0.0, -1.4]]), covariances)


def eight() -> Mixture:
    """Eight Gaussians on a ring of radius 2, standard deviation 0.2."""
    angles = 2 * np.pi * np.arange(8) / 8
    return Mixture.isotropic(2 * np.stack((np.cos(angles), np.sin(angles)), axis=1), 0.2)


def points() -> Mixture:
    """Forty points."""
    return Mixture.of_points(np.random.default_rng(3).standard_normal((40, 2)))
