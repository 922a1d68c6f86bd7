"""Drift, alarms and expected errors as tables; see `trust_properties`."""
import math
import time

from ..core.accounting import OURS
from ..core.decision import Alarm

#: rows of the drift table: the worst ranges are what people look at
MOST_ROWS = 65


def trust_properties(flow, decision, refused):
    """Everything of `TrustReadings` that follows from the stream."""
    configuration = flow.configuration
    model = configuration.model if configuration else None
    return drift_properties(flow.drift) | {
        "alarms": alarm_rows(decision, refused),
        "objection": model.objection if model else "",
        "expectedWrong": expected_wrong_rows(
            flow.expected_wrong.classes, model),
        "trainsLostByUs": flow.ledger.lost.get(OURS, 0)}


def drift_properties(report):
    """Properties of a `DriftReport`."""
    return {"driftScore": report.score, "driftReason": report.reason,
            "drift": [_drift_row(one) for one in report.ranges[:MOST_ROWS]]}


def _drift_row(one):
    return (one.name, *(round(value, 4) if math.isfinite(value) else value
                        for value in (
                            one.mean, one.spread, one.shift, one.intensity,
                            one.axis, one.baseline, one.peak)), one.since)


def alarm_rows(decision, refused="", wall_clock=time.time):
    """Rows of `alarms`: those of the decision, worst first, and a refusal.

    Times of the decision are monotonic; they are shown as the time of day.
    """
    rows = [(state.name, str(state.severity), state.train_id,
             _time_of_day(wall_clock() - (decision.time - state.since)),
             state.active, state.acknowledged, state.reason)
            for state in decision.alarms]
    if refused:
        rows.append(("refused", str(Alarm.WARN), decision.train_id, "", True,
                     False, refused))
    return rows


def _time_of_day(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(round(seconds)))


def expected_wrong_rows(found, model):
    """Rows of `expectedWrong`."""
    if model is None:
        return []
    definition = model.definition
    return [(name, one.pulses, round(one.wrong, 3),
             definition.calibration.status)
            for name, one in zip(definition.classes, found, strict=False)]
