"""Reasons in a manifest against arming its model."""
from collections.abc import Mapping
from typing import Any

from ..core.model_definition import Calibration


def objection(manifest: Mapping[str, Any]) -> str:
    """One sentence why the model should not be armed; "" without a reason.

    The verdict of its training on captures (`metrics.guards`) has to be there
    and to advise arming, so that drift of the instrument is excluded. The
    confidence has to be calibrated with enough spectra.
    """
    reasons = []
    guards = manifest.get("metrics", {}).get("guards")
    if guards is None:
        reasons.append("its manifest holds no null test, so drift of the "
                       "instrument may be all that it sees")
    elif guards.get("arm") is not True:
        reasons.append(f"{guards.get('verdict', 'not established')}: "
                       f"{guards.get('words', 'no reason is given')}")
    calibration = manifest.get("calibration", {})
    if calibration.get("status") != "calibrated":
        reasons.append(
            f"its confidence is uncalibrated ({calibration.get('samples', 0)}"
            " validated spectra of the rarest class, "
            f"{Calibration.CALIBRATED_FROM} are needed)")
    if not reasons:
        return ""
    return (f"the model is not fit to be armed: {'; '.join(reasons)}. An "
            "expert can give a reason in model.overrideObjection")
