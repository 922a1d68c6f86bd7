"""Which properties make up a configuration, and where each of them goes."""
from collections.abc import Mapping
from typing import Any

from ...core.decision import PulseKind

#: property name -> Python value: number, string, tuple; tables are tuples of
#: rows. The types differ by property, see `COLUMNS` for those of the tables
type Values = Mapping[str, Any]
#: one row of a table
type Row = dict[str, Any]

#: properties that select and run the engine and do not change the codes
ENGINE_KEYS = ("modelPath", "load.engine", "load.threads")
#: property -> field of `DecisionConfig`
DECISION_KEYS = {
    "decision.window": "window", "decision.fraction": "fraction",
    "decision.minValidPulses": "min_valid_pulses",
    "decision.minValidFraction": "min_valid_fraction",
    "decision.minDwell": "min_dwell",
    "conditions.staleAfter": "stale_after",
    "conditions.maxLatency": "max_latency",
    "conditions.maxTrainAge": "max_train_age",
    "conditions.minCoverage": "min_coverage",
    "conditions.maxDrift": "max_drift",
    "conditions.limitHysteresis": "limit_hysteresis",
    "conditions.latching": "latching", "conditions.lease": "permit_valid_for",
    "conditions.allowTrainIdZero": "allow_train_id_zero",
    "alarms.delay": "alarm_delay", "alarms.latched": "latched_alarms"}
#: property -> field of `DriftLimits`; negative: the model's own
DRIFT_KEYS = {
    "drift.maxIntensity": "intensity", "drift.maxShift": "shift",
    "drift.maxBaseline": "baseline", "drift.maxPeak": "peak"}
#: property -> field of `Layout`
LAYOUT_KEYS = {
    "source.dataPath": "data", "source.maskPath": "mask",
    "source.pulseIdPath": "pulse_id",
    "source.validPath": "valid", "source.gainPath": "gain",
    "source.frameNumberPath": "frame_number",
    "source.countsCalibrated": "calibrated"}
#: property -> field of `MatchSettings`
JOIN_KEYS = {
    "joining.followerJoin": "follower", "joining.energyPath": "energy",
    "joining.shutterPath": "shutter", "joining.minPulseEnergy": "least",
    "joining.shutterProperty": "shutter_property",
    "joining.shutterMaxAge": "shutter_age",
    "joining.patternPath": "table", "joining.branch": "branch",
    "joining.laser": "laser", "joining.laserOffset": "laser_offset",
    "joining.frames": "frames", "joining.firstPlace": "first",
    "joining.placeStep": "step",
    "joining.timeout": "wait", "joining.maxTrains": "trains"}
#: everything that a code or the permit depends on, in display order
KEYS = (*ENGINE_KEYS, "selectedBins", "minConfidence", "minIntensity",
        "source.saturationLevel", "dark.spectrum", "dark.rows",
        "source.maskedStrips",
        "source.pulseSelection",
        "decision.pulsePatterns", "reactions", "model.overrideObjection",
        *DECISION_KEYS,
        *DRIFT_KEYS, *LAYOUT_KEYS, *JOIN_KEYS)
#: what may differ without making other raw spectra of a train, or choosing
#: other pulses of it
BEHIND_SPECTRA = frozenset({
    *ENGINE_KEYS, "selectedBins", "minConfidence", "reactions",
    "model.overrideObjection", *DECISION_KEYS, *DRIFT_KEYS})
#: columns of the tables with their types
COLUMNS: dict[str, dict[str, type]] = {
    "decision.pulsePatterns": {"name": str, "first": int, "step": int,
                               "count": int, "required": bool,
                               "kind": str},
    "reactions": {"sampleClass": str, "alarm": str, "permit": bool}}
#: what a row has where it was written before the column was there
LATER_COLUMNS: dict[str, Row] = {
    "decision.pulsePatterns": {"kind": PulseKind.NUMBER.value}}
