"""Settings of source and classifier for a rehearsal."""
from pathlib import Path

from spectra_classifier.model.store import LoadedModel
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.model.verdict import objection

from ..demo.sources import FIRST_TRAIN, LOOPBACK, SEED, Simulated
from .options import Options

#: trains in each state of the sample: time for faults while one permits
HOLD, MIXING = 200, 20
#: trains that the judge may leave waiting
QUEUE = 100

#: little enough for a soak of days
SNAPSHOTS = {"snapshots.quota": 2.}


class RehearsalSource(Simulated):
    """The simulated Gotthard-II of the demonstration, on other terms."""

    first_train = FIRST_TRAIN

    def __init__(self, options: Options, model_path: Path,
                 loaded: LoadedModel) -> None:
        super().__init__(options, model_path, loaded)
        self.engine = options.engine

    def settings(self) -> JsonObject:
        """For the `SpectrometerSimulator`, as JSON."""
        return {"preset": self.preset, "scenario": self.scenario,
                "pulses": self.pulses, "source.seed": SEED,
                "source.firstTrain": self.first_train,
                "source.hold": HOLD, "source.mixing": MIXING,
                "truth": {"hostname": LOOPBACK, "maxQueueLength": QUEUE}}

    def classifier_configuration(self, model_path: Path,
                                 snapshots: Path) -> JsonObject:
        """For the `SpectraClassifier`, as JSON; the first class permits."""
        classes = self.manifest["classes"]
        settings = self.classifier_settings()
        return settings | {
            "modelPath": str(model_path), "load.engine": self.engine,
            "snapshots.directory": str(snapshots), **SNAPSHOTS,
            # whatever its training says of a model that was named
            "model.overrideObjection": "a rehearsal"
            if objection(self.manifest) else "",
            "output": {"hostname": LOOPBACK, "maxQueueLength": QUEUE},
            "reactions": [
                {"sampleClass": name, "alarm": "none", "permit": index == 0}
                for index, name in enumerate(classes)]}
