"""Entries of the report that only members "auto" have."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.model_definition import ModelDefinition
from ..checks import null_tests
from ..options import TrainingOptions
from ..selection import auto_fit, novelty_limits
from ..selection.auto_fit import Details
from ..validation.statistics import wilson


def entries(definition: ModelDefinition, found: Details,
            options: TrainingOptions) -> dict[str, Any]:
    """Further keys of the report, plain JSON values."""
    data = found.data
    return {
        "near_empty_left_out": found.empty,
        "choice": auto_fit.choice(found.judged, found.chosen,
                                  len(data.axis), len(data.classes)),
        "calibration": found.calibration or {
            "temperature": definition.calibration.temperature,
            "samples": 0, "status": definition.calibration.status},
        "unknown": _unknown(definition, found.residuals),
        "null_tests": null_tests.check(data, options.seed),
        "seconds_by_step": found.seconds}


def _unknown(definition: ModelDefinition,
             residuals: NDArray[np.float64]) -> dict[str, Any]:
    """The rule, and how many left-out spectra it wrongly called unknown.

    `of` those with a residual; with a 95 % interval of the share.
    """
    limit = definition.unknown.max_residual
    rule: dict[str, Any] = {
        "max_residual": None if np.isinf(limit) else limit,
            "rule": novelty_limits.RULE, "training_residual": None}
    residuals = residuals[np.isfinite(residuals)]
    if not len(residuals):
        return rule
    wrong = int(np.count_nonzero(residuals > limit))
    return rule | {
        "training_residual": [float(q) for q in np.quantile(
            residuals, [0.05, 0.5, 0.95])],
        "left_out": {"unknown": wrong, "of": len(residuals),
                     "interval": wilson(wrong / len(residuals),
                                        len(residuals))}}
