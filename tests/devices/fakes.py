"""What device tests share: values as the properties have them, models."""
import hashlib
from types import SimpleNamespace

import numpy as np

from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import (
    Calibration,
    LinearMembers,
    ModelDefinition,
    Preprocessing,
)
from spectra_classifier.core.spectra import Axis
from spectra_classifier.live.configuration.live_model import LiveModel

CHANNELS = 32
#: what the training of a model says that may be armed
SEPARABLE = {"verdict": "separable", "words": "told apart", "arm": True,
             "accuracy": 1., "null": 0.5, "references": {}}
VALUES = {
    "modelPath": "", "load.engine": "numpy", "load.threads": 1,
    "selectedBins": (),
    "minConfidence": -1., "minIntensity": -1., "source.saturationLevel": -1.,
    "dark.spectrum": (), "dark.rows": 1, "source.maskedStrips": (),
    "source.pulseSelection": "",
    "decision.pulsePatterns": (), "reactions": (), "decision.window": 5,
    "decision.fraction": 0.6, "decision.minValidPulses": 1,
    "decision.minValidFraction": 0.1,
    "decision.minDwell": 0., "conditions.staleAfter": 1.,
    "conditions.maxLatency": 500.,
    "conditions.maxTrainAge": 1000., "conditions.minCoverage": 0.5,
    "conditions.maxDrift": 1.,
    "conditions.latching": False, "conditions.lease": 500.,
    "conditions.allowTrainIdZero": False,
    "conditions.limitHysteresis": 0.1, "alarms.delay": 0.,
    "alarms.latched": (),
    "model.overrideObjection": "", "drift.maxIntensity": -1.,
    "drift.maxShift": -1.,
    "drift.maxBaseline": -1., "drift.maxPeak": -1.,
    "source.dataPath": "data.adc", "source.maskPath": "",
    "source.pulseIdPath": "",
    "source.validPath": "", "source.gainPath": "data.gain",
    "source.frameNumberPath": "data.frameNumber",
    "source.countsCalibrated": False,
    "joining.followerJoin": "off", "joining.energyPath": "",
    "joining.shutterPath": "",
    "joining.minPulseEnergy": -1., "joining.timeout": 300.,
    "joining.maxTrains": 5, "joining.shutterProperty": "",
    "joining.shutterMaxAge": 1., "joining.patternPath": "",
    "joining.branch": "SA1", "joining.laser": "none",
    "joining.laserOffset": 0, "joining.frames": "one per bunch place",
    "joining.firstPlace": 0, "joining.placeStep": 1}

#: one more value for every property that a configuration is made of
OTHER = {
    "selectedBins": (1,), "minConfidence": 0.2, "minIntensity": 12.,
    "source.saturationLevel": 5e4, "dark.spectrum": (1.,) * CHANNELS,
    "dark.rows": 2,
    "source.maskedStrips": (3,),
    "source.pulseSelection": "0:3", "decision.window": 6,
    "decision.fraction": 0.7,
    "decision.pulsePatterns": ({"name": "all", "first": 0, "step": 1,
                                "count": 3,
                       "required": True},),
    "reactions": ({"sampleClass": "high", "alarm": "warn", "permit": True},),
    "decision.minValidPulses": 2, "decision.minValidFraction": 0.2,
    "decision.minDwell": 0.01, "conditions.staleAfter": 2.,
    "conditions.maxLatency": 400.,
    "conditions.maxTrainAge": 900., "conditions.minCoverage": 0.4,
    "conditions.maxDrift": 2.,
    "conditions.latching": True, "conditions.lease": 400.,
    "conditions.allowTrainIdZero": True,
    "conditions.limitHysteresis": 0.2, "alarms.delay": 0.1,
    "alarms.latched": ("drift",),
    "model.overrideObjection": "because", "drift.maxIntensity": 3.,
    "drift.maxShift": 3., "drift.maxBaseline": 3., "drift.maxPeak": 3.,
    "source.dataPath": "data.other", "source.maskPath": "data.mask",
    "source.pulseIdPath": "data.pulses", "source.validPath": "data.valid",
    "source.gainPath": "data.stage", "source.frameNumberPath": "data.frame",
    "source.countsCalibrated": True, "joining.followerJoin": "appended",
    "joining.energyPath": "data.energy", "joining.shutterPath": "data.open",
    "joining.minPulseEnergy": 2., "joining.timeout": 200.,
    "joining.maxTrains": 4, "joining.shutterProperty": "A/B/C:isOpen",
    "joining.shutterMaxAge": 2., "joining.patternPath": "data.table",
    "joining.branch": "SA3", "joining.laser": "LP_SQS",
    "joining.laserOffset": -4, "joining.frames": "one per X-ray pulse",
    "joining.firstPlace": 2, "joining.placeStep": 4}


def definition(classes=("low", "high"), bins=((0, 16), (16, 32)), **changes):
    """Two classes that differ in where the counts are: left or right."""
    members = LinearMembers(
        tuple(_coefficients(len(classes), start, stop)
              for start, stop in bins),
        np.zeros((len(bins), len(classes)), np.float32))
    references = np.ones((len(classes), CHANNELS), np.float32)
    references[0, :CHANNELS // 2] = 3
    references[1, CHANNELS // 2:] = 3
    fields = {
        "model_id": "fake", "classes": classes,
        "axis": Axis.channels(CHANNELS),
        "preprocessing": Preprocessing(normalisation="area"),
        "bins": bins, "members": members, "weights": np.ones(len(bins)),
        "references": references, "min_intensity": 10.,
        "calibration": Calibration(samples=100)}
    return ModelDefinition(**(fields | changes))


def _coefficients(classes, start, stop):
    rows = np.zeros((classes, stop - start), np.float32)
    left = np.arange(start, stop) < CHANNELS // 2
    rows[0] = np.where(left, 1, -1)
    rows[1] = -rows[0]
    return rows


def spectra_of(index, pulses=4, counts=100):
    """(pulses, CHANNELS) uint16 spectra of the class with this index."""
    row = np.full(CHANNELS, counts, np.uint16)
    half = (slice(0, CHANNELS // 2), slice(CHANNELS // 2, None))[index]
    row[half] *= 3
    return np.tile(row, (pulses, 1))


def live_model(path="/models/fake.onnx", **changes):
    model = definition(**changes)
    digest = hashlib.sha256(repr(sorted(changes.items())).encode())
    loaded = SimpleNamespace(
        definition=model, identity=digest.hexdigest(), graph=b"",
        manifest={"identity": digest.hexdigest(),
                  "calibration": {"status": model.calibration.status},
                  "metrics": {"guards": SEPARABLE}})
    return LiveModel(path, loaded, NumpyEngine(model))
