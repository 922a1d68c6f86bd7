"""From what a worker sends to codes, and from codes to an outcome."""
from dataclasses import replace
from hashlib import sha256

import numpy as np

from ..core.collector import Codes
from ..core.decision.presence import Presence
from ..core.drift import DriftReport
from ..core.results import TrainResult
from ..errors import InputError
from .payload import Incoming, decode
from .worker import Fate, Outcome

#: reason of a train whose codes are of another model than the collector's
OTHER_MODEL = "another model"
#: and of one that has more pulses than the output of the collector
TOO_LONG = "too many pulses"
#: field of `Codes` -> array in the output of a worker
ARRAYS = {"label": "label", "pulse_ids": "pulseId",
          "confidence": "confidence", "scores": "scores",
          "mixture": "mixture", "residual": "residual",
          "intensity": "intensity"}
#: those with a column for every class
TABLES = "scores", "mixture"
#: field of `Codes` -> word or number, and what it has to be
WORDS = {"train_id": ("trainId", int), "model_id": ("modelId", str),
         "config_hash": ("configHash", str),
         "number": ("permitSequence", int), "fate": ("fate", str),
         "problem": ("problem", str), "coverage": ("coverage", float),
         "gate": ("gateLevel", float)}


def read_codes(data, worker, **known):
    """`Codes` in the data of a channel `output`.

    `known`: times and time stamp. Raises `InputError` for what is not the
    output of a classifier.
    """
    try:
        pulses = int(data["data.pulseCount"])
        arrays = {name: decode(data[f"data.{key}"])[:pulses]
                  for name, key in ARRAYS.items()}
        words = {name: kind(data[f"data.{key}"])
                 for name, (key, kind) in WORDS.items()}
        drift = DriftReport(float(data["data.driftScore"]), "",
                            str(data["data.driftReason"]))
        presence = Presence(str(data["data.beamState"]),
                            str(data["data.beamReason"]))
        latency = float(data["data.latency"]) / 1e3
        fate = Fate(words.pop("fate"))
    except (KeyError, TypeError, ValueError, OverflowError,
            InputError) as error:
        raise InputError(
            f"{worker} sends no codes ({error}): connect the channel output "
            "of a SpectraClassifier of this version") from None
    for name, array in arrays.items():
        if len(array) != pulses:
            raise InputError(f"{worker}: {name} has fewer than {pulses} "
                             "entries")
        if array.ndim != 1 + (name in TABLES):
            raise InputError(f"{worker}: {name} has shape {array.shape}")
        whole = name in ("label", "pulse_ids")
        if array.dtype.kind not in ("iu" if whole else "f"):
            raise InputError(f"{worker}: {name} is of type {array.dtype}")
    return Codes(worker=worker, drift=drift, presence=presence, fate=fate,
                 latency=latency, **arrays, **words, **known)


def incoming_of(codes):
    """The train as the rest of the device knows it.

    It was received when the worker received it, but for the time between
    the two devices, which is part of the train age.
    """
    return Incoming(
        codes.train_id, codes.pulses, codes.received - codes.latency,
        timestamp=codes.timestamp, source_time=codes.source_time)


def outcome_of(incoming, codes, configuration, objection, drift,
               max_pulses):
    """The `Outcome` of a train whose turn it is.

    `configuration`: that of the collector; `objection`: what speaks against
    the workers at this moment; `drift`: the worst of them; `max_pulses` that
    the output has room for.
    """
    if configuration is None or configuration.model is None:
        return Outcome(incoming, configuration, Fate.SKIPPED, "no model",
                       "no model is live")
    if codes.fate is not Fate.CLASSIFIED:
        return Outcome(incoming, configuration, codes.fate, "by the worker",
                       codes.problem or objection, presence=codes.presence)
    if wrong := _does_not_fit(codes, configuration):
        return Outcome(incoming, configuration, Fate.REJECTED, OTHER_MODEL,
                       wrong)
    if codes.pulses > max_pulses:
        return Outcome(
            incoming, configuration, Fate.REJECTED, TOO_LONG,
            f"{codes.pulses} pulses, maxPulses is {max_pulses}: restart the "
            "collector with a larger maxPulses")
    classes = len(configuration.model.definition.classes)
    return Outcome(
        incoming, _with_worker(configuration, codes), Fate.CLASSIFIED,
        problem=codes.problem or objection,
        result=_result(codes, classes), coverage=codes.coverage,
        degraded=0, drift=drift, presence=codes.presence)


def _does_not_fit(codes, configuration):
    if codes.model_id != configuration.model_id:
        return (f"{codes.worker} runs {codes.model_id or 'no model'}, this "
                f"collector decides on {configuration.model_id}: give both "
                "the same modelPath")
    classes = len(configuration.model.definition.classes)
    width = codes.scores.shape[1]
    return "" if width >= classes else (
        f"{codes.worker} has {width} scores for {classes} classes: give it "
        "the maxClasses of this collector")


def _with_worker(configuration, codes):
    """The configuration under a hash of both: codes and permit rest on it.
    """
    both = f"{configuration.hash} {codes.config_hash}".encode()
    return replace(configuration, hash=sha256(both).hexdigest()[:16])


def _result(codes, classes):
    label, confidence = codes.proved(classes)
    return TrainResult(
        codes.train_id, codes.pulse_ids, label, confidence,
        codes.scores[:, :classes], codes.mixture[:, :classes],
        codes.residual, codes.intensity,
        np.zeros((codes.pulses, 0, classes), np.float32), codes.model_id,
        codes.config_hash)
