"""What a film lane tells of a denoiser of points that another program trained, before its first frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.inspection import Conclusion
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.reports import Report


@dataclass(frozen=True)
class PointModelReport(Report):
    """Whose film it is, read back from the model.

    `columns` is d of its points, `noise` of its start noise, `shows` what it can (as in core.reports.RunReport).
    `knobs` declare its Sampling, `sampling` are the values that this film is made with. `settings` are what was
    concluded of the file, as it is used, and what may be chosen instead; `remark` is what to know of it. `exact` is as
    in core.reports.RunReport: of known data without a model the field is the exact one itself; `unfit` and `no_branch`
    as there.
    """

    title: str
    columns: int
    noise: int
    parameters: int
    shows: tuple[str, ...]
    knobs: tuple[Knob, ...]
    sampling: Mapping[str, Value]
    settings: tuple[Conclusion, ...] = ()
    remark: str = ""
    idle: Mapping[str, str] = field(default_factory=dict)
    exact: str = ""
    unfit: Mapping[str, str] = field(default_factory=dict)
    no_branch: str = ""
