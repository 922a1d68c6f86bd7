"""Which properties make up a configuration, and where each of them goes."""
from collections.abc import Mapping
from typing import Any

#: property name -> Python value: number, string, tuple; tables are tuples of
#: rows. The types differ by property, see `COLUMNS` for those of the tables
type Values = Mapping[str, Any]
#: one row of a table
type Row = dict[str, Any]

#: properties that select and run the engine and do not change the codes
ENGINE_KEYS = ("modelPath", "engine", "threads")
#: property -> field of `DecisionConfig`
DECISION_KEYS = {
    "decisionWindow": "window", "decisionFraction": "fraction",
    "minValidPulses": "min_valid_pulses",
    "minValidFraction": "min_valid_fraction", "minDwell": "min_dwell",
    "staleAfter": "stale_after", "maxLatency": "max_latency",
    "maxTrainAge": "max_train_age", "minCoverage": "min_coverage",
    "maxDrift": "max_drift", "limitHysteresis": "limit_hysteresis",
    "latching": "latching", "permitLease": "permit_valid_for",
    "allowTrainIdZero": "allow_train_id_zero",
    "alarmDelay": "alarm_delay", "latchedAlarms": "latched_alarms"}
#: property -> field of `DriftLimits`; negative: the model's own
DRIFT_KEYS = {
    "maxDriftIntensity": "intensity", "maxDriftShift": "shift",
    "maxDriftBaseline": "baseline", "maxDriftPeak": "peak"}
#: property -> field of `Layout`
LAYOUT_KEYS = {
    "dataPath": "data", "maskPath": "mask", "pulseIdPath": "pulse_id",
    "validPath": "valid", "gainPath": "gain",
    "frameNumberPath": "frame_number",
    "countsCalibrated": "calibrated"}
#: property -> field of `MatchSettings`
JOIN_KEYS = {
    "followerJoin": "follower", "energyPath": "energy",
    "shutterPath": "shutter", "minPulseEnergy": "least",
    "joinTimeout": "wait", "joinTrains": "trains"}
#: everything that a code or the permit depends on, in display order
KEYS = (*ENGINE_KEYS, "selectedBins", "minConfidence", "minIntensity",
        "saturationLevel", "dark", "maskedStrips", "pulseSelection",
        "pulsePatterns", "reactions", "overrideObjection", *DECISION_KEYS,
        *DRIFT_KEYS, *LAYOUT_KEYS, *JOIN_KEYS)
#: columns of the tables with their types
COLUMNS: dict[str, dict[str, type]] = {
    "pulsePatterns": {"name": str, "first": int, "step": int, "count": int,
                      "required": bool},
    "reactions": {"sampleClass": str, "alarm": str, "permit": bool}}
