"""The rules of a path drawn by hand: when two curves a(t) and s(t) lead from noise to data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.pchip import Pchip

COUNT = (3, 9)
"""Fewest and most values of each curve."""
EDGE = 1e-3
"""The path is judged so far inside an end where a or s is 0; paths.targets.inner_time is its counterpart."""
PLACES = 721


@dataclass(frozen=True)
class DrawnPath:
    """a(t) and s(t) through these values at equal spacing of [0, 1], joined by monotone cubics (core.pchip)."""

    a: tuple[float, ...]
    s: tuple[float, ...]

    @property
    def refusal(self) -> str:
        """Why this is no path from noise to data, "" if it is one: 3 to 9 values of each, a ends at 1, s above 0
        before its end and at most 0.05 there, a(0) at most a tenth of s(0), and a / s rising all the time."""
        a, s = self.a, self.s
        for name, values in (("a", a), ("s", s)):
            if not COUNT[0] <= len(values) <= COUNT[1]:
                return f"The drawn {name}(t) has {len(values)} values; give {COUNT[0]} to {COUNT[1]} of them."
        if min(a) < 0 or a[-1] != 1:
            return f"The drawn a(t) ends at {a[-1]:g}; keep it at 0 or above and end at 1, the datum itself."
        if min(s[:-1]) <= 0 or not 0 <= s[-1] <= 0.05:
            return f"The drawn s(t) ends at {s[-1]:g}; keep it above 0 and end at 0, or at most at 0.05."
        if a[0] > 0.1 * s[0]:
            return (
                f"The drawn path starts with a = {a[0]:g} and s = {s[0]:g}, which is not noise: "
                "start a at a tenth of s or below."
            )
        if len(self.losing()):
            return (
                "The drawn path must gain signal over noise all the time: let a(t) rise or s(t) fall between any two "
                "values, and more so at the start and at the end."
            )
        return ""

    def losing(self) -> Array:
        """Times (k,) at which the signal-to-noise ratio a / s does not rise: s a' - a s', which has the sign of its
        slope, is not above 0."""
        a, s = Pchip(self.a), Pchip(self.s)
        low = EDGE if self.a[0] == 0 else 0.0
        high = 1 - EDGE if self.s[-1] == 0 else 1.0
        t = np.clip(np.linspace(0, 1, PLACES), low, high)
        gain = s(t) * a.slope(t) - a(t) * s.slope(t)
        return np.asarray(t[~(gain > 0)])

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What follows from the curves, as (name, value)."""
        a, s = Pchip(self.a), Pchip(self.s)
        t = np.linspace(0, 1, PLACES)
        # Where as much datum as noise is in the mixture.
        even = t[int(np.argmin(np.abs(a(t) - s(t))))]
        spread = a(t) ** 2 + s(t) ** 2
        lost = self.losing()
        rising = "rises all the time" if not len(lost) else f"falls at t = {lost[0]:.2f} to {lost[-1]:.2f}"
        return (
            ("Signal to noise a/s", rising),
            ("a = s at", f"t = {even:.2f}"),
            (
                "Starts from",
                f"N(0, {self.s[0] ** 2:.4g} I)" if self.a[0] == 0 else f"{self.a[0]:g} x₁ + {self.s[0]:g} x₀",
            ),
            ("Noise left at t = 1", f"{self.s[-1]:g}"),
            ("a² + s²", f"{spread.min():.2f} to {spread.max():.2f}"),
        )
