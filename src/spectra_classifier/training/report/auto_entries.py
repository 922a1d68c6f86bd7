"""What a report of `auto` says beyond that of every training."""
import numpy as np

from ..checks import null_tests
from ..selection import auto_fit, novelty_limits
from ..validation.statistics import wilson


def entries(definition, found, options):
    """Further keys of the report, plain JSON values."""
    data = found["data"]
    guard = null_tests.check(data, options.seed)
    return {
        "near_empty_left_out": found["empty"],
        "choice": auto_fit.choice(found["judged"], found["chosen"],
                                  len(data.axis), len(data.classes)),
        "calibration": found["calibration"] or {
            "temperature": definition.calibration.temperature,
            "samples": 0, "status": definition.calibration.status},
        "unknown": _unknown(definition, found["residuals"]),
        "guards": guard,
        "seconds_by_step": found["seconds"]}


def _unknown(definition, residuals):
    """The rule, and how many spectra it wrongly called unknown when they
    were left out: `of` those judged, with a 95 % interval of the share."""
    limit = definition.unknown.max_residual
    rule = {"max_residual": None if np.isinf(limit) else limit,
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
