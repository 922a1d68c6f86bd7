"""From what a worker sends to codes, and from codes to an outcome."""
import math
from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.collector import Codes
from ...core.decision import mean_verdict
from ...core.decision.presence import Presence
from ...core.drift import DriftReport
from ...core.engine.mean_mixture import MeanMixture
from ...core.spectra import TrainResult
from ...errors import InputError
from ...live.configuration.configuration import Configuration
from ...live.records import Fate, Incoming, Outcome
from ..classifier_base.property_values import MEAN_MIXTURE
from ..common.decoding import decode

#: reason of a train whose codes are of another model than the collector's
OTHER_MODEL = "another model"
#: of one that the worker itself takes for repeated, late or astray
NOT_COUNTED = "not counted by the worker"
#: and of one that has more pulses than the output of the collector
TOO_LONG = "too many pulses"
#: field of `Codes` -> array in the output of a worker, and its kinds
ARRAYS = {"label": ("label", "i"), "pulse_ids": ("pulseId", "u"),
          "confidence": ("confidence", "f"), "scores": ("scores", "f"),
          "mixture": ("mixture", "f"), "residual": ("residual", "f"),
          "intensity": ("intensity", "f")}
#: those with a column for every class
TABLES = "scores", "mixture"
#: field of `Codes` -> word or number, and what it has to be
WORDS = {"train_id": ("trainId", int), "model_id": ("modelId", str),
         "config_hash": ("configHash", str),
         "number": ("permitSequence", int), "fate": ("fate", str),
         "problem": ("problem", str), "coverage": ("coverage", float),
         "gate": ("gateLevel", float)}


def read_codes(data: Hash, worker: str, **known: Any) -> Codes:
    """Read the output of a worker for one train.

    Parameters
    ----------
    data : Hash
        Of a channel `output`.
    worker : str
        Device id.
    **known
        Times and time stamp.

    Returns
    -------
    Codes
        A gate that is not known is 0, as if it were off.

    Raises
    ------
    InputError
        For what is not the output of a classifier: a field that is missing
        or has another type, shape or range.
    """
    try:
        pulses = _word(data, "pulseCount", int)
        arrays: dict[str, Any] = {
            name: _array(data, key, kind, pulses, name in TABLES)
            for name, (key, kind) in ARRAYS.items()}
        mixture = MeanMixture(**{
            name: _array(data, key, "f", 0, False, whole=True)
            for key, name in MEAN_MIXTURE.items()}, pulses=pulses)
        words: dict[str, Any] = {
            name: _word(data, key, kind)
            for name, (key, kind) in WORDS.items()}
        drift = DriftReport(_word(data, "driftScore", float), "",
                            _word(data, "driftReason", str))
        presence = Presence(_word(data, "beamState", str),
                            _word(data, "beamReason", str))
        means = mean_verdict.read(_word(data, "meanScore", float),
                                  _word(data, "meanCode", int))
        latency = _word(data, "latency", float) / 1e3
        fate = Fate(words.pop("fate"))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{worker} sends no codes ({error}): connect the channel output "
            "of a SpectraClassifier of this version") from None
    if not 0 <= latency < math.inf:
        raise InputError(f"{worker}: the latency is {latency:g} s")
    if not words["gate"] > 0:
        words["gate"] = 0.
    if arrays["scores"].shape != arrays["mixture"].shape:
        raise InputError(
            f"{worker}: scores have shape {arrays['scores'].shape}, the "
            f"mixture has {arrays['mixture'].shape}")
    return Codes(worker=worker, drift=drift, presence=presence, fate=fate,
                 means=means, mean_mixture=mixture, latency=latency,
                 **arrays, **words, **known)


def _word(data: Hash, key: str, kind: type) -> Any:
    """A number or text of exactly this kind; integers fit 64 bits."""
    value = data[f"data.{key}"]
    if kind is int and isinstance(value, int | np.integer) and not isinstance(
            value, bool) and 0 <= value < 2**64:
        return int(value)
    if kind is float and isinstance(value, float | np.floating):
        return float(value)
    if kind is str and isinstance(value, str):
        return value
    raise InputError(f"{key} is {str(value)[:40]!r}")


def _array(data: Hash, key: str, kind: str, pulses: int, table: bool,
           whole: bool = False) -> NDArray[Any]:
    """The entries of `pulses` in an array of exactly this kind; all of them
    where it is asked for the `whole`."""
    array = decode(data[f"data.{key}"])
    if array.dtype.kind != kind or array.ndim != 1 + table or (
            len(array) < pulses):
        raise InputError(f"{key} has shape {array.shape} of {array.dtype} "
                         f"for {pulses} pulses")
    return array if whole else array[:pulses]


def incoming_of(codes: Codes) -> Incoming:
    """The train as the rest of the device knows it.

    It was received when the worker received it, but for the time between
    the two devices, which is part of the train age.
    """
    return Incoming(
        codes.train_id, codes.pulses, codes.received - codes.latency,
        timestamp=codes.timestamp, source_time=codes.source_time)


def outcome_of(incoming: Incoming, codes: Codes,
               configuration: Configuration | None, objection: str,
               drift: DriftReport | None, max_pulses: int) -> Outcome:
    """The `Outcome` of a train whose turn it is.

    `configuration`: that of the collector; `objection`: why the workers do
    not suffice, "" if they do; `drift`: the worst of them; `max_pulses` that
    the output has room for.
    """
    if configuration is None or configuration.model is None:
        return Outcome(incoming, configuration, Fate.SKIPPED, "no model",
                       "no model is live")
    fate = Fate(codes.fate)
    if fate is not Fate.CLASSIFIED:
        return Outcome(incoming, configuration, fate, "by the worker",
                       codes.problem or objection, presence=codes.presence)
    if not codes.counted:
        return Outcome(incoming, configuration, Fate.SKIPPED, NOT_COUNTED,
                       objection, presence=codes.presence)
    if wrong := _does_not_fit(codes, configuration):
        return Outcome(incoming, configuration, Fate.REJECTED, OTHER_MODEL,
                       wrong)
    if codes.pulses > max_pulses:
        return Outcome(
            incoming, configuration, Fate.REJECTED, TOO_LONG,
            f"{codes.pulses} pulses, source.maxPulses is {max_pulses}: "
            f"restart the collector with a larger source.maxPulses")
    classes = len(configuration.model.definition.classes)
    return Outcome(
        incoming, _with_worker(configuration, codes), Fate.CLASSIFIED,
        problem=codes.problem or objection,
        result=_result(codes, classes), coverage=codes.coverage,
        degraded=0, drift=drift, presence=codes.presence,
        means=codes.means, mixture=_mixture(codes, classes))


def _mixture(codes: Codes, classes: int) -> MeanMixture | None:
    """That of the worker, without the columns that its model has not."""
    found = codes.mean_mixture
    if found is None or len(found.fractions) < classes:
        return None
    return MeanMixture(found.fractions[:classes], found.low[:classes],
                       found.high[:classes], found.pulses)


def _does_not_fit(codes: Codes, configuration: Configuration) -> str:
    if codes.model_id != configuration.model_id:
        return (f"{codes.worker} runs {codes.model_id or 'no model'}, this "
                f"collector decides on {configuration.model_id}: give both "
                "the same modelPath")
    assert configuration.model is not None      # checked by the caller
    classes = len(configuration.model.definition.classes)
    width = codes.scores.shape[1]
    return "" if width >= classes else (
        f"{codes.worker} has {width} scores for {classes} classes: give it "
        "the model.maxClasses of this collector")


def _with_worker(configuration: Configuration, codes: Codes) -> Configuration:
    """The configuration under a hash of both: codes and permit rest on it.
    """
    both = f"{configuration.hash} {codes.config_hash}".encode()
    return replace(configuration, hash=sha256(both).hexdigest()[:16])


def _result(codes: Codes, classes: int) -> TrainResult:
    label, confidence = codes.proved(classes)
    return TrainResult(
        codes.train_id, codes.pulse_ids, label, confidence,
        codes.scores[:, :classes], codes.mixture[:, :classes],
        codes.residual, codes.intensity,
        np.zeros((codes.pulses, 0, classes), np.float32), codes.model_id,
        codes.config_hash)
