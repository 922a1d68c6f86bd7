"""A private Karabo with a GUI server, and what a project of it holds."""
from pathlib import Path
from types import SimpleNamespace

from spectra_classifier.model.strict_json import JsonObject

from ..broker import free_ports
from ..demo.plant import Plant
from ..demo.sources import (
    CHANNELS,
    FIRST_TRAIN,
    LOOPBACK,
    Simulated,
    released_model,
)
from ..servers import DeviceServer

SOURCE, CLASSIFIER, GUARD, SHUTTER = (
    f"SPB/{name}/1" for name in ("SOURCE", "CLASSIFIER", "GUARD", "SHUTTER"))
#: the project database, and a domain of it
MANAGER, DOMAIN = "KaraboProjectDB", "SPECTRA"


class GuiPlant(Plant):
    """`Plant` with what a GUI talks to: GUI server, project database, macro
    server; `port` is where the GUI server listens, on loopback."""

    def _start(self) -> None:
        super()._start()
        self.port, = free_ports(1)
        self.servers += [
            DeviceServer("cpp", "karabo/guiServer", ("GuiServerDevice",), {
                "Karabo_GuiServer_0": {"classId": "GuiServerDevice",
                                       "port": self.port}}).start(),
            DeviceServer(
                "middlelayer", "karabo/projectDB", ("ProjectManager",),
                {MANAGER: {"classId": "ProjectManager", "projectDB": {
                    "protocol": "local",
                    "local": {"requiredDomains": [DOMAIN]}}}}).start(),
            DeviceServer("macro", "karabo/macros").start()]


def project_init(pulses: int, model: Path | None = None,
                 preset: str = "realistic",
                 engine: str = "fused") -> JsonObject:
    """As manifest/server_init.json, with everything set to run at once.

    {server: {device id: {"classId": ..., property: value}}}.
    """
    from spectra_classifier import model as models
    path = model or released_model()
    loaded = models.load(path)
    setup = Simulated(SimpleNamespace(pulses=pulses, preset=preset), path,
                      loaded)
    source = {key: setup.configuration()[key] for key in (
        "preset", "scenario", "source.seed", "pulses")}
    source["source.firstTrain"] = FIRST_TRAIN
    source |= {name: {"hostname": LOOPBACK} for name in (
        "output", "truth", "follower", "monitor")}
    first, *others = loaded.definition.classes
    classifier = {
        "modelPath": str(path), "load.engine": engine,
        "input": {"connectedOutputChannels": [f"{SOURCE}:output"]},
        "reactions": [
            {"sampleClass": first, "alarm": "none", "permit": True},
            *({"sampleClass": name, "alarm": "warn", "permit": False}
              for name in others)],
        **{name: {"hostname": LOOPBACK} for name in CHANNELS},
        **setup.classifier_settings()}
    return {
        "demoSource": {SOURCE: {"classId": "SpectrometerSimulator"}
                       | source},
        "demoClassifier": {CLASSIFIER: {"classId": "SpectraClassifier"}
                           | classifier},
        "demoShutter": {SHUTTER: {"classId": "SimulatedShutter",
                                  "holdTime": 1.}},
        "demoGuard": {GUARD: {
            "classId": "PermitGuard", "classifierId": CLASSIFIER,
            "targetDevice": SHUTTER, "target.openSlot": "open",
            "target.closeSlot": "close", "target.holdSlot": "hold",
            "target.confirmProperty": "isOpen",
            "conditions.latching": False}}}
