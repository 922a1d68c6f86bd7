"""From results and decisions to what goes out: fields and properties."""
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ...core.decision import Alarm, Decision
from ...core.describe import metric_facts, model_facts, training_facts
from ...core.drift import DriftReport
from ...core.drift.monitor import RangeDrift
from ...core.drift.reference import reference_of
from ...core.engine.labels import least_confidence
from ...core.evaluation.expected_errors import ExpectedWrong
from ...core.model_definition import ModelDefinition, Settings
from ...core.preprocessing.quality import gate, saturation_level
from ...core.spectra import Code
from ...core.trains.accounting import OURS, Ledger, TrainKind, total
from ...live.configuration.configuration import Configuration
from ...live.configuration.live_model import LiveModel
from ...live.configuration.property_map import DRIFT_KEYS
from ...live.preview import Preview
from ...live.records import Fate, Finished, labels_of
from ...live.stream_state import RECEIVER_BLOCKED, StreamState

#: property name -> value
type PropertyValues = dict[str, Any]
#: rows of a table; the columns are those of its row class
type Rows = list[tuple[Any, ...]]

#: reading of a value in force -> setting of a limit of drift, "" for others
IN_FORCE = {
    "inForce.minConfidence": "", "inForce.minIntensity": "",
    "inForce.saturationLevel": "",
    "inForce.maxIntensity": "drift.maxIntensity",
    "inForce.maxShift": "drift.maxShift",
    "inForce.maxBaseline": "drift.maxBaseline",
    "inForce.maxPeak": "drift.maxPeak"}
#: field of `output` -> of a `MeanMixture`
MEAN_MIXTURE = {"meanMixture": "fractions", "meanMixtureLow": "low",
                "meanMixtureHigh": "high"}
#: rows of the drift table: only the worst ranges are shown
MOST_ROWS = 65
#: in the order of `fateCode`
FATES = tuple(Fate)


class HighWater(Protocol):
    """A queue that reports the largest number of waiting trains."""
    high_water: int


def output_fields(finished: Finished, max_pulses: int,
                  max_classes: int) -> PropertyValues:
    """Every field of `output.data` for one train, padded to fixed shapes.

    Fresh arrays each time: Karabo queues them by reference.
    """
    outcome, decision = finished.outcome, finished.decision
    label = np.full(max_pulses, Code.SKIPPED, np.int8)
    found = labels_of(outcome)[:max_pulses]
    pulses = len(found)
    label[:pulses] = found
    configuration = outcome.configuration
    fields: PropertyValues = {
        "label": label,
        "confidence": np.zeros(max_pulses, np.float32),
        "scores": np.zeros((max_pulses, max_classes), np.float32),
        "mixture": np.zeros((max_pulses, max_classes), np.float32),
        "residual": np.full(max_pulses, np.nan, np.float32),
        "intensity": np.full(max_pulses, np.nan, np.float32),
        "pulseId": np.zeros(max_pulses, np.uint64),
        "pulseCount": pulses,
        "trainId": outcome.incoming.train_id,
        "modelId": configuration.model_id if configuration else "",
        "configHash": configuration.hash if configuration else "",
        "modelCode": (_code(configuration.model.identity)
                      if configuration and configuration.model else 0),
        "configCode": _code(configuration.hash) if configuration else 0,
        "latency": finished.latency,
        "trainAge": finished.train_age,
        "sampleStateIndex": decision.sample_state,
        "fate": str(outcome.fate), "fateCode": FATES.index(outcome.fate),
        "problem": finished.problem,
        "coverage": outcome.coverage, "gateLevel": finished.gate,
        "driftScore": finished.drift.score,
        "driftReason": finished.drift.reason,
        "meanScore": outcome.means.worst,
        "meanCode": int(outcome.means.code),
        "beamState": outcome.presence.word,
        "beamReason": outcome.presence.sentence}
    for key, name in MEAN_MIXTURE.items():
        fields[key] = np.full(max_classes, np.nan, np.float32)
        if outcome.mixture is not None:
            known = getattr(outcome.mixture, name)
            fields[key][:len(known)] = known
    result = outcome.result
    if outcome.fate is Fate.CLASSIFIED and result is not None:
        classes = result.scores.shape[1]
        fields["confidence"][:pulses] = result.confidence
        fields["scores"][:pulses, :classes] = result.scores
        fields["mixture"][:pulses, :classes] = result.mixture
        fields["residual"][:pulses] = result.residual
        fields["intensity"][:pulses] = result.intensity
        fields["pulseId"][:pulses] = result.pulse_ids
    return fields | permit_group(decision)


def _code(digits: str) -> int:
    """The first 64 bits of a hash in hexadecimal digits."""
    return int(digits[:16], 16)


def permit_group(decision: Decision) -> PropertyValues:
    """The lease; always published together."""
    return {
        "permit": decision.permit,
        "permitReason": decision.reason,
        "permitTrainId": decision.train_id,
        "permitSequence": decision.sequence,
        "permitValidFor": decision.valid_for}


def train_properties(finished: Finished) -> PropertyValues:
    """Properties that change with every train.

    Rounded to what anybody reads: each change is sent and archived. All of
    it is in `output`, as it is.
    """
    decision = finished.decision
    with_model = (finished.outcome.configuration is not None
                  and finished.outcome.configuration.model is not None)
    return {
        "permitTrainId": decision.train_id,
        "permitSequence": decision.sequence,
        "permitValidFor": decision.valid_for,
        "trainId": finished.outcome.incoming.train_id,
        "decision.classFractions": [
            round(each, 3) for each in decision.class_fractions]
        if with_model else [],
        "decision.unknownFraction": round(decision.unknown_fraction, 3),
        "decision.meanScore": round(finished.outcome.means.worst, 2),
        "confidence": round(decision.confidence, 3)}


def time_properties(finished: Finished) -> PropertyValues:
    """How late the newest train was, in ms."""
    return {"latency": round(finished.latency),
            "trainAge": (round(finished.train_age)
                         if math.isfinite(finished.train_age) else 0)}


def state_properties(decision: Decision) -> PropertyValues:
    """Properties that are written when they change."""
    return {
        "sampleState": decision.sample_state_name,
        "sampleStateIndex": decision.sample_state,
        "decision.previousSampleState": decision.previous_state_name,
        "decision.transitionEarliestTrainId": decision.transition_earliest,
        "decision.transitionLatestTrainId": decision.transition_latest,
        "decision.transitionTrainId": decision.transition_train,
        "decision.transitionPulse": max(decision.transition_pulse, 0),
        "decision.transitionPulseKnown": decision.transition_pulse >= 0,
        "armed": decision.armed,
        "latchReason": decision.latch,
        "joining.beamState": decision.presence.word}


def pattern_rows(decision: Decision) -> Rows:
    """Rows of `decision.patternStates`."""
    return [(p.name, p.required, p.state_name, round(float(
        p.fractions[p.state] if p.state >= 0 else p.unknown_fraction), 3),
        p.eligible, round(p.dwell, 1)) for p in decision.patterns]


def model_properties(configuration: Configuration) -> PropertyValues:
    """Properties of a configuration that has become live."""
    model = configuration.model
    if model is None:
        return {"modelId": "", "model.hash": "", "model.calibration": "",
                "model.classNames": [], "model.bins": [], "model.facts": [],
                "model.reactionsConfirmed": False
                } | in_force_values(configuration)
    definition = model.definition
    return {
        "modelId": definition.model_id, "model.hash": model.identity,
        "model.calibration": definition.calibration.status,
        "model.classNames": list(definition.classes),
        "model.bins": bin_rows(definition, configuration.settings),
        "model.facts": fact_rows(model),
        "model.reactionsConfirmed": configuration.confirmed
        } | in_force_values(configuration)


def in_force_values(configuration: Configuration) -> PropertyValues:
    """What holds where a setting leaves the choice to the model."""
    values: PropertyValues = dict.fromkeys(IN_FORCE, math.nan)
    values["inForce.selectedBins"] = []
    if configuration.model is None:
        return values
    definition = configuration.model.definition
    settings = configuration.settings
    values |= {
        "inForce.selectedBins": voting_bins(definition, settings),
        "inForce.minConfidence": least_confidence(definition, settings),
        "inForce.minIntensity": gate(definition, settings),
        "inForce.saturationLevel": saturation_level(definition, settings)}
    reference = reference_of(definition)
    if reference is not None:
        limits = replace(reference.limits, **configuration.drift_limits)
        values |= {path: getattr(limits, DRIFT_KEYS[setting])
                   for path, setting in IN_FORCE.items() if setting}
    return values


def voting_bins(definition: ModelDefinition,
                settings: Settings) -> list[int]:
    """Numbers of the bins that vote."""
    return list(settings.selected_bins) or np.flatnonzero(
        definition.weights > 0).tolist()


def fact_rows(model: LiveModel) -> list[tuple[str, str]]:
    """Rows of `model.facts`: how good first, then what and from where."""
    manifest = model.loaded.manifest
    return [(topic, str(fact)) for topic, fact in (
        *metric_facts(manifest["metrics"]),
        *model_facts(manifest, model.definition.axis),
        *training_facts(manifest["training"]))]


def bin_rows(definition: ModelDefinition, settings: Settings) -> Rows:
    """Rows of `model.bins`."""
    chosen = voting_bins(definition, settings)
    axis = definition.axis.values
    return [(number, *(round(float(value), 4) for value in (
                axis[start], axis[stop - 1], definition.separability[number],
                definition.weights[number])), bool(number in chosen), True)
            for number, (start, stop) in enumerate(definition.bins)]


def slow_properties(flow: StreamState, now: float,
                    queue: HighWater) -> PropertyValues:
    """Counters and statistics, published once or twice a second."""
    median, high = map(round, flow.latencies.percentiles())
    return counters(flow.ledger) | drift_properties(flow.drift) | {
        "accounting.reasons": tally_rows(flow.ledger),
        "accounting.problem": flow.accounting_problem,
        "accounting.trainsLostByUs": flow.ledger.lost.get(OURS, 0),
        "coverage": round(flow.coverage, 3),
        "rate": round(flow.rate.value(now), 1),
        "load.latencyP50": median, "load.latencyP99": high,
        "load.queueHighWater": queue.high_water,
        "source.switchedStrips": flow.switched,
        "source.spikedPulses": flow.spiked,
        "expectedWrong.classes": expected_wrong_rows(
            flow.expected_wrong.classes, _model(flow)),
        "load.engineErrors": flow.engine_errors,
        "accounting.lastProblem": flow.last_problem}


def preview_fields(preview: Preview) -> PropertyValues:
    """Every field of `preview.data`."""
    return {
        "trainId": preview.train_id, "pulse": preview.pulse,
        "label": preview.label,
        "confidence": preview.explanation.confidence,
        "reason": preview.explanation.reason,
        "axis": preview.definition.axis.values.astype(np.float32),
        "raw": preview.raw, "spectrum": preview.spectrum,
        "references": np.array(preview.definition.references, np.float32),
        "trainMean": preview.train_mean, "votes": preview.votes,
        "share": preview.explanation.share.astype(np.float32)}


def counters(ledger: Ledger) -> PropertyValues:
    """Properties of the counts of a ledger."""
    rejected, skipped = total(ledger.rejected), total(ledger.skipped)
    return {
        "trainsReceived": ledger.received.trains,
        "trainsLost": sum(ledger.lost.values()),
        "accounting.trainsSkipped": skipped.trains,
        "accounting.trainsRejected": rejected.trains,
        "accounting.pulsesReceived": ledger.received.pulses,
        "accounting.pulsesClassified": ledger.classified.pulses,
        "accounting.pulsesRejected": rejected.pulses,
        "accounting.pulsesSkipped": skipped.pulses}


def tally_rows(ledger: Ledger) -> Rows:
    """Rows of the accounting table."""
    rows = [(fate, reason, tally.trains, tally.pulses)
            for fate, tallies in (("rejected", ledger.rejected),
                                  ("skipped", ledger.skipped))
            for reason, tally in sorted(tallies.items())]
    rows += [("lost", cause, trains, 0)
             for cause, trains in sorted(ledger.lost.items()) if trains]
    if ledger.blocked.trains:
        rows.append(("output", RECEIVER_BLOCKED, *ledger.blocked))
    rows += [("train", str(kind), trains, 0)
             for kind, trains in sorted(ledger.kinds.items())
             if kind is not TrainKind.NEW]
    return rows


def alarm_properties(flow: StreamState, decision: Decision,
                     refused: str) -> PropertyValues:
    """Alarms and what speaks against the model."""
    model = _model(flow)
    return {"alarms.current": alarm_rows(decision, refused),
            "drift.reason": flow.drift.reason,
            "model.objection": model.objection if model else ""}


def _model(flow: StreamState) -> LiveModel | None:
    return flow.configuration.model if flow.configuration else None


def drift_properties(report: DriftReport) -> PropertyValues:
    """Properties of a `DriftReport`."""
    return {"driftScore": round(report.score, 2),
            "drift.ranges": [_drift_row(one)
                             for one in report.ranges[:MOST_ROWS]]}


def _drift_row(one: RangeDrift) -> tuple[Any, ...]:
    return (one.name, *(round(value, 4) if math.isfinite(value) else value
                        for value in (
                            one.mean, one.spread, one.shift, one.intensity,
                            one.axis, one.baseline, one.peak)), one.since)


def alarm_rows(decision: Decision, refused: str = "",
               wall_clock: Callable[[], float] = time.time) -> Rows:
    """Rows of `alarms.current`: of the decision, worst first, and a refusal.

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


def _time_of_day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(round(seconds)))


def expected_wrong_rows(found: Sequence[ExpectedWrong],
                        model: LiveModel | None) -> Rows:
    """Rows of `expectedWrong.classes`."""
    if model is None:
        return []
    definition = model.definition
    return [(name, one.pulses, round(one.wrong, 3),
             definition.calibration.status)
            for name, one in zip(definition.classes, found, strict=False)]
