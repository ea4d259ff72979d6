"""How often an estimator's 95 % interval holds the true value: `python -m tests.calibration [--seeds 200] [-n 500]`.

One row for each estimator and pair of laws: the true value, the estimator's mean, the error of that mean, how often the
interval held the true value, and how often the mean (which is what an unbiased estimator must hold).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.slow import finish
from dgm_studio.data.laws import law_from_text
from dgm_studio.measures import measures
from dgm_studio.measures.measure import Estimator, Measure
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE, Asked, best, measuring

PAIRS = {
    1: ("gaussian:mean=0;std=1", "gaussian:mean=0.8;std=1.3"),
    2: ("gaussian:mean=0,0;std=1", "gaussian:mean=0.8,0;std=1.2"),
}
"""For each dimension p and q, apart by about one standard deviation; q is the wider, so that p/q has a variance."""


@dataclass(frozen=True)
class Row:
    """One estimator on one pair of laws over many seeds."""

    measure: str
    estimator: Estimator
    dim: int
    truth: float | None
    values: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]

    @property
    def mean(self) -> float:
        """Of the values."""
        return sum(self.values) / len(self.values)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.values, ddof=1)) / math.sqrt(len(self.values))

    def covered(self, value: float) -> float:
        """The share of the intervals that hold `value`."""
        return float(np.mean([low <= value <= high for low, high in self.intervals]))


def truth_of(measure: Measure, dim: int) -> float | None:
    """Closed form, else quadrature; None where neither is known."""
    p, q = (law_from_text(text) for text in PAIRS[dim])
    if measure.closed_form(p, q) is None and finish(measure.quadrature(p, q)) is None:
        return None
    asked = Asked(p, q, 100, ways=(CLOSED_FORM, QUADRATURE))
    found = [one for one in measuring(measure, asked) if one is not None]
    return float(best(found).value)


def calibrate(measure: Measure, one: Estimator, dim: int, seeds: int, n: int) -> Row:
    """The estimator on PAIRS[dim] with n samples of each, for seeds 0 .. seeds - 1."""
    laws = tuple(law_from_text(text) for text in PAIRS[dim])
    values, intervals = [], []
    for seed in range(seeds):
        for found in measuring(measure, Asked(laws[0], laws[1], n, seed, (one.id,))):
            if found is not None and (found.low < found.high or not found.pending):
                values.append(found.value)
                intervals.append((found.low, found.high))
                break
    return Row(measure.card.id, one, dim, truth_of(measure, dim), tuple(values), tuple(intervals))


def rows(seeds: int, n: int, names: tuple[str, ...], biased: bool, slow: bool) -> Iterator[Row]:
    """Every estimator of the named measures (none: of all), in every dimension it takes; with the `slow` ones, such as
    those that train a network, it takes most of an hour."""
    for name, measure in measures().items():
        for one in measure.estimators if not names or name in names else ():
            for dim in PAIRS:
                if dim in one.dims and (biased or not one.bias) and (slow or one.quick > n):
                    yield calibrate(measure, one, dim, seeds, n)


def line(row: Row) -> str:
    """One row of the table."""
    truth = "-" if row.truth is None else f"{row.truth:.5g}"
    held = "-" if row.truth is None else f"{100 * row.covered(row.truth):.1f} %"
    said = "biased" if row.estimator.bias else "unbiased"
    return (
        f"| {row.measure} | {row.estimator.id} | {row.dim}D | {said} | {truth} | {row.mean:.5g} ± {row.error:.2g} "
        f"| {held} | {100 * row.covered(row.mean):.1f} % |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MEASURE")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--unbiased", action="store_true", help="only estimators that claim no bias")
    parser.add_argument("--slow", action="store_true", help="also estimators that are not quick at this n")
    options = parser.parse_args()
    sys.stdout.write("| measure | estimator | laws | says | true | mean | holds the true value | holds the mean |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    for found in rows(options.seeds, options.n, tuple(options.names), not options.unbiased, options.slow):
        sys.stdout.write(line(found) + "\n")
        sys.stdout.flush()
