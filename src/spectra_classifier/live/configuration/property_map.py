"""Which properties a configuration is made of, and where each one goes."""

#: properties that say how the engine runs, not what the codes are
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
#: property -> field of `Joining`
JOIN_KEYS = {
    "followerJoin": "follower", "energyPath": "energy",
    "shutterPath": "shutter", "minPulseEnergy": "least",
    "joinTimeout": "wait", "joinTrains": "trains"}
#: everything a code or the permit depends on, in the order of the screens
KEYS = (*ENGINE_KEYS, "selectedBins", "minConfidence", "minIntensity",
        "saturationLevel", "dark", "maskedStrips", "pulseSelection",
        "pulsePatterns", "reactions", "overrideObjection", *DECISION_KEYS,
        *DRIFT_KEYS, *LAYOUT_KEYS, *JOIN_KEYS)
#: columns of the tables and what each must be
COLUMNS = {
    "pulsePatterns": {"name": str, "first": int, "step": int, "count": int,
                      "required": bool},
    "reactions": {"sampleClass": str, "alarm": str, "permit": bool}}
