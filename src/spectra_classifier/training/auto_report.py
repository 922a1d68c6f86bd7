"""What a report of `auto` says beyond that of every training."""
import numpy as np

from . import auto_fit, guards, novelty


def entries(definition, found, options):
    """Further keys of the report, plain JSON values."""
    data = found["data"]
    guard = guards.check(data, options.seed)
    residuals = found["residuals"][np.isfinite(found["residuals"])]
    return {
        "near_empty_left_out": found["empty"],
        "choice": auto_fit.choice(found["judged"], found["chosen"],
                                  len(data.axis), len(data.classes)),
        "calibration": found["calibration"] or {
            "temperature": definition.calibration.temperature,
            "samples": 0, "status": definition.calibration.status},
        "unknown": {
            "max_residual": (None if np.isinf(
                definition.unknown.max_residual)
                else definition.unknown.max_residual),
            "rule": novelty.RULE,
            "training_residual": ([float(q) for q in np.quantile(
                residuals, [0.05, 0.5, 0.95])] if len(residuals) else None)},
        "guards": guard,
        "seconds_by_step": found["seconds"]}
