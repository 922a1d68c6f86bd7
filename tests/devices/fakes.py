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
    "modelPath": "", "engine": "numpy", "threads": 1, "selectedBins": (),
    "minConfidence": -1., "minIntensity": -1., "saturationLevel": -1.,
    "dark": (), "maskedStrips": (), "pulseSelection": "",
    "pulsePatterns": (), "reactions": (), "decisionWindow": 5,
    "decisionFraction": 0.6, "minValidPulses": 1, "minValidFraction": 0.1,
    "minDwell": 0., "staleAfter": 1., "maxLatency": 500.,
    "maxTrainAge": 1000., "minCoverage": 0.5, "maxDrift": 1.,
    "latching": False, "permitLease": 500., "allowTrainIdZero": False,
    "limitHysteresis": 0.1, "alarmDelay": 0., "latchedAlarms": (),
    "overrideObjection": "", "maxDriftIntensity": -1., "maxDriftShift": -1.,
    "maxDriftBaseline": -1., "maxDriftPeak": -1.,
    "dataPath": "data.adc", "maskPath": "", "pulseIdPath": "data.bunchId",
    "validPath": "", "gainPath": "data.gain",
    "frameNumberPath": "data.frameNumber", "countsCalibrated": False,
    "followerJoin": "off", "energyPath": "", "shutterPath": "",
    "minPulseEnergy": -1., "joinTimeout": 300., "joinTrains": 5}

#: one more value for every property that a configuration is made of
OTHER = {
    "selectedBins": (1,), "minConfidence": 0.2, "minIntensity": 12.,
    "saturationLevel": 5e4, "dark": (1.,) * CHANNELS, "maskedStrips": (3,),
    "pulseSelection": "0:3", "decisionWindow": 6, "decisionFraction": 0.7,
    "pulsePatterns": ({"name": "all", "first": 0, "step": 1, "count": 3,
                       "required": True},),
    "reactions": ({"sampleClass": "high", "alarm": "warn", "permit": True},),
    "minValidPulses": 2, "minValidFraction": 0.2,
    "minDwell": 0.01, "staleAfter": 2., "maxLatency": 400.,
    "maxTrainAge": 900., "minCoverage": 0.4, "maxDrift": 2.,
    "latching": True, "permitLease": 400., "allowTrainIdZero": True,
    "limitHysteresis": 0.2, "alarmDelay": 0.1, "latchedAlarms": ("drift",),
    "overrideObjection": "because", "maxDriftIntensity": 3.,
    "maxDriftShift": 3., "maxDriftBaseline": 3., "maxDriftPeak": 3.,
    "dataPath": "data.other", "maskPath": "data.mask",
    "pulseIdPath": "data.pulses", "validPath": "data.valid",
    "gainPath": "data.stage", "frameNumberPath": "data.frame",
    "countsCalibrated": True, "followerJoin": "appended",
    "energyPath": "data.energy", "shutterPath": "data.open",
    "minPulseEnergy": 2., "joinTimeout": 200., "joinTrains": 4}


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
