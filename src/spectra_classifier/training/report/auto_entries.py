"""Entries of the report that only members "auto" have."""
from typing import Any

from ...core.model_definition import ModelDefinition
from ..checks import null_tests
from ..options import TrainingOptions
from ..selection import auto_fit
from ..selection.auto_fit import Details
from ..validation import calibration


def entries(definition: ModelDefinition, found: Details,
            options: TrainingOptions) -> dict[str, Any]:
    """Further keys of the report, plain JSON values."""
    data = found.data
    return {
        "near_empty_left_out": found.empty,
        "choice": auto_fit.choice(found.judged, found.chosen,
                                  len(data.axis), len(data.classes)),
        "calibration": (found.calibration or {
            "temperature": definition.calibration.temperature,
            "samples": 0, "status": definition.calibration.status}) | {
            "words": calibration.words(data.fewest_captures)},
        "null_tests": null_tests.check(data, options.seed),
        "seconds_by_step": found.seconds}
