"""Checks every train of a classifier against the model that it names."""
import time
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from karabo.middlelayer import Device, InputChannel

from spectra_classifier import model as models
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Code, make_train
from spectra_lab.demo.receiver import queued


@dataclass(frozen=True)
class Seen:
    """A train as it came: times in s and ms; `mixed`: not of one model."""
    train_id: int
    received: float
    model_id: str
    latency: float
    mixed: bool


def siblings(loaded, spectra, folder, count=2):
    """Models that differ in the confidence of every pulse.

    Returns {model id: (path, loaded)}; the labels are the same, so that
    whoever swaps them changes nothing that matters.
    """
    found = {}
    for number in range(count):
        calibration = loaded.definition.calibration
        definition = replace(loaded.definition, calibration=replace(
            calibration,
            temperature=(1 + number / 2) * calibration.temperature))
        name = f"sibling{number}"
        path = folder / f"{name}.onnx"
        models.save(path, definition,
                    {"name": name, "licence": "BSD-3-Clause"}, spectra[:4])
        sibling = models.load(path)
        found[sibling.definition.model_id] = path, sibling
    return found


def expectations(found, trains, settings):
    """{model id: [(labels, confidence) of each prepared train]}."""
    expected = {}
    for model_id, (_, loaded) in found.items():
        engine = models.make_engine(loaded)
        results = [engine.classify(make_train(1, spectra), settings)
                   for spectra in trains]
        expected[model_id] = [(r.label, r.confidence) for r in results]
    for one, other in combinations(expected.values(), 2):
        for (_, mine), (_, theirs) in zip(one, other, strict=True):
            if np.mean(mine != theirs) < 0.5:
                raise RuntimeError("two models say nearly the same: a mixed "
                                   "train would not be seen")
    return expected


def settings_of(classifier_settings, channels):
    """`Settings` of what is set on the device."""
    if not classifier_settings:
        return Settings()
    mask = np.zeros(channels, bool)
    mask[classifier_settings["source.maskedStrips"]] = True
    return Settings(dark=np.array(classifier_settings["dark.spectrum"],
                                  np.float32),
                    mask=mask)


def agrees(codes, expected):
    """Whether (labels, confidence) are the expected ones to the last bit,
    but for pulses that were not looked at."""
    label, _ = codes
    looked_at = label != Code.SKIPPED
    return all(len(found) == len(wanted)
               and np.array_equal(found[looked_at], wanted[looked_at])
               for found, wanted in zip(codes, expected, strict=True))


class SwapReceiver(Device):
    """`kept`: a `Seen` per train; `expected` is set before it starts."""

    def __init__(self, configuration):
        super().__init__(configuration)
        self.expected = {}
        self.kept = []
        self.problem = ""

    @queued(InputChannel(raw=True, displayedName="Results",
                         description="Output of the classifier"))
    async def results(self, data, meta):
        try:
            pulses = int(data["data.pulseCount"])
            codes = (np.array(data["data.label"], np.int8)[:pulses],
                     np.array(data["data.confidence"], np.float32)[:pulses])
            model_id = str(data["data.modelId"])
            whole = any(agrees(codes, expected)
                        for expected in self.expected.get(model_id, ()))
            self.kept.append(Seen(
                int(data["data.trainId"]), time.monotonic(), model_id,
                float(data["data.latency"]), not whole))
        except Exception as error:      # Karabo would only log it
            self.problem = f"results: {type(error).__name__}: {error}"

    @results.connect
    async def results(self, name):
        """Without handlers of ours Karabo prints that it has none."""

    @results.close
    async def results(self, name):
        """As above."""
