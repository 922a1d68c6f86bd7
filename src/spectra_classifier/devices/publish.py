"""From results and decisions to what goes out: fields and properties."""
import numpy as np

from ..core.decision import ABSENCES
from ..core.spectra import Code
from ..core.words import metric_facts, model_facts, training_facts
from .flow import counters, labels_of, tally_rows
from .worker import Fate


def output_fields(finished, max_pulses, max_classes):
    """Every field of `output.data` for one train, padded to fixed shapes.

    Fresh arrays each time: Karabo queues them by reference.
    """
    outcome, decision = finished.outcome, finished.decision
    label = np.full(max_pulses, Code.SKIPPED, np.int8)
    found = labels_of(outcome)[:max_pulses]
    pulses = len(found)
    label[:pulses] = found
    configuration = outcome.configuration
    fields = {
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
        "latency": finished.latency,
        "trainAge": finished.train_age,
        "sampleStateIndex": decision.sample_state,
        "fate": str(outcome.fate), "problem": finished.problem,
        "coverage": outcome.coverage, "gateLevel": finished.gate,
        "driftScore": finished.drift.score,
        "driftReason": finished.drift.reason,
        "beamState": outcome.presence.word,
        "beamReason": outcome.presence.sentence}
    if outcome.fate is Fate.CLASSIFIED:
        result = outcome.result
        classes = result.scores.shape[1]
        fields["confidence"][:pulses] = result.confidence
        fields["scores"][:pulses, :classes] = result.scores
        fields["mixture"][:pulses, :classes] = result.mixture
        fields["residual"][:pulses] = result.residual
        fields["intensity"][:pulses] = result.intensity
        fields["pulseId"][:pulses] = result.pulse_ids
    return fields | permit_group(decision)


def permit_group(decision):
    """The lease; always published together."""
    return {
        "permit": decision.permit,
        "permitReason": decision.reason,
        "permitTrainId": decision.train_id,
        "permitSequence": decision.sequence,
        "permitValidFor": decision.valid_for}


def train_properties(finished, latency, train_age):
    """Properties that change with every train (few: each is archived)."""
    decision = finished.decision
    with_model = (finished.outcome.configuration is not None
                  and finished.outcome.configuration.model is not None)
    return permit_group(decision) | {
        "trainId": finished.outcome.incoming.train_id,
        "classFractions": list(decision.class_fractions) if with_model else [],
        "unknownFraction": decision.unknown_fraction,
        "confidence": decision.confidence,
        "latency": latency,
        "trainAge": train_age if np.isfinite(train_age) else 0.}


def state_properties(decision):
    """Properties that are written when they change."""
    return {
        "sampleState": decision.sample_state_name,
        "sampleStateIndex": decision.sample_state,
        "previousSampleState": decision.previous_state_name,
        "transitionTrainId": decision.transition_train,
        "transitionPulse": max(decision.transition_pulse, 0),
        "transitionPulseKnown": decision.transition_pulse >= 0,
        "armed": decision.armed,
        "latchReason": decision.latch,
        "beamState": decision.presence.word}


def pattern_rows(decision):
    """Rows of `patternStates`."""
    return [(p.name, p.required, p.state_name, round(float(
        p.fractions[p.state] if p.state >= 0 else p.unknown_fraction), 3),
        p.eligible, round(p.dwell, 1)) for p in decision.patterns]


def history_row(decision, when, config_hash):
    """Row of `stateHistory` for a change of the sample state."""
    share = (decision.class_fractions[decision.sample_state]
             if decision.sample_state >= 0 else decision.unknown_fraction)
    shown = decision.presence
    why = f"; {shown.word}: {shown.sentence}" if shown.word in ABSENCES else ""
    return (when, decision.transition_train, decision.sample_state_name,
            f"{share:.0%} of the eligible pulses, from "
            f"{decision.previous_state_name}{why}", config_hash)


def model_properties(configuration):
    """Properties of a configuration that has become live."""
    model = configuration.model
    if model is None:
        return {"modelId": "", "modelHash": "", "calibration": "",
                "classNames": [], "bins": [], "modelFacts": [],
                "reactionsConfirmed": False}
    definition = model.definition
    return {
        "modelId": definition.model_id, "modelHash": model.identity,
        "calibration": definition.calibration.status,
        "classNames": list(definition.classes),
        "bins": bin_rows(definition, configuration.settings),
        "modelFacts": fact_rows(model),
        "reactionsConfirmed": configuration.confirmed}


def fact_rows(model):
    """Rows of `modelFacts`: how good first, then what and from where."""
    manifest = model.loaded.manifest
    return [(topic, str(fact)) for topic, fact in (
        *metric_facts(manifest["metrics"]),
        *model_facts(manifest, model.definition.axis),
        *training_facts(manifest["training"]))]


def bin_rows(definition, settings):
    """Rows of `bins`."""
    chosen = settings.selected_bins or np.flatnonzero(definition.weights > 0)
    axis = definition.axis.values
    return [(number, *(round(float(value), 4) for value in (
                axis[start], axis[stop - 1], definition.separability[number],
                definition.weights[number])), bool(number in chosen), True)
            for number, (start, stop) in enumerate(definition.bins)]


def slow_properties(flow, now, queue):
    """Counters and statistics, published once or twice a second."""
    median, high = flow.latencies.percentiles()
    return counters(flow.ledger) | {
        "accounting": tally_rows(flow.ledger),
        "accountingProblem": flow.accounting_problem,
        "coverage": flow.coverage,
        "rate": flow.rate.value(now),
        "latencyP50": median, "latencyP99": high,
        "queueHighWater": queue.high_water,
        "switchedStrips": flow.switched,
        "engineErrors": flow.engine_errors,
        "lastProblem": flow.last_problem}


def preview_fields(preview):
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
