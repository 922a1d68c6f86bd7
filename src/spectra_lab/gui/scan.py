"""A scan of a motor and its way back, at the GUI; pictures of who watches it.

    python -m spectra_lab.gui.scan [--images FOLDER] [--pulses N]

The sample of the simulator follows the motor with a hysteresis of 3 mm, and
with a delay of about half a second, which at this speed adds to it.
"""
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from spectra_classifier.model.strict_json import JsonObject

from ..demo.plant import SERVERS
from .lesson import MODEL_TIMEOUT
from .person import Person
from .plant import CLASSIFIER, SOURCE, project_init
from .session import options, session, start

SCAN, PEAKS, MOTOR = "SPB/SCAN/1", "SPB/PEAKS/1", "SPB/MOTOR/1"
OFFERED = SERVERS | {"demoScan": ("StateScan", "SimulatedMotor"),
                     "demoPeaks": ("PeakMonitor",)}
#: (device, scene) -> file
PICTURES = {(SCAN, "scan"): "state-scan.png",
            (PEAKS, "peaks"): "peak-monitor.png"}
#: name -> from, to, in degrees
REGIONS = {"first": (10.7, 12.1), "second": (12.95, 14.3)}
#: positions of the motor; where the sample changes on its way up and down
POSITIONS, UP, DOWN, WIDTH = range(21), 12., 9., 5.
#: s at every position, and until the last evaluation is drawn
REST, SETTLE = 1.5, 8.


def scan_init(pulses: int, model: Path | None = None) -> JsonObject:
    """`project_init` with a motor, a `StateScan` of its position and a
    `PeakMonitor` of the source."""
    init = project_init(pulses, model)
    init["demoSource"][SOURCE]["heldState"] = 0.
    init["demoScan"] = {
        MOTOR: {"classId": "SimulatedMotor", "speed": 100.},
        SCAN: {"classId": "StateScan", "scan": {
            "property": f"{MOTOR}.position", "unit": "mm",
            "resolution": 0.01},
            "input": {"connectedOutputChannels": [f"{CLASSIFIER}:output"]}}}
    init["demoPeaks"] = {PEAKS: {
        "classId": "PeakMonitor", "classifierId": CLASSIFIER, "minutes": 2,
        "peaks": {"regions": [
            {"name": name, "first": first, "last": last, "tolerance": 0.02}
            for name, (first, last) in REGIONS.items()]},
        "input": {"connectedOutputChannels": [f"{SOURCE}:output"]}}}
    return init


def go_through(person: Person) -> None:
    """Start the data, move the motor up and down; the scenes are open."""
    for device, scene in ((SOURCE, "overview"), (CLASSIFIER, "overview"),
                          *PICTURES):
        person.do("open", device=device, scene=scene)
    person.until(f"{CLASSIFIER}.modelStatus",
                 lambda text: "live" in str(text), MODEL_TIMEOUT)
    person.do("press", key=f"{SOURCE}.start")
    person.until(f"{SCAN}.scan.trains", lambda count: count and count > 0,
                 60., why=f"{SCAN}.scan.problem")
    person.do("press", key=f"{SCAN}.restart")
    for middle, way in (UP, POSITIONS), (DOWN, reversed(POSITIONS)):
        for position in way:
            person.do("configure", device=MOTOR,
                      values={"target": float(position)})
            person.do("execute", device=MOTOR, slot="move")
            person.until(f"{SCAN}.scan.value", partial(_is, position))
            person.do("edit", key=f"{SOURCE}.heldState", value=min(max(
                (position - middle) / WIDTH + 0.5, 0.), 1.))
            time.sleep(REST)


def _is(position: float, value: Any) -> bool:
    return value == position


def main(arguments: Sequence[str]) -> None:
    chosen = options(__doc__, pulses=200).parse_args(arguments)
    with session(chosen.lab, OFFERED) as (lab, person, model):
        start(person, lab / "project.json", scan_init(chosen.pulses, model))
        go_through(person)
        time.sleep(SETTLE)      # until the scene shows what is live
        for device, *paths in (
                (SCAN, "scan.trains", "scan.matched", "scan.problem",
                 "scan.hysteresis"),
                (PEAKS, "peaks.trainsMeasured", "peaks.trainsPassedOver",
                 "peaks.trainsRefused", "peaks.time", "peaks.problem",
                 "peaks.beyond")):
            for path in paths:
                print(path, person.do("property", device=device,
                                      path=path)["value"])
        for (device, scene), file in PICTURES.items():
            print(person.do("grab", device=device, scene=scene,
                            file=str(chosen.images.resolve() / file)))


if __name__ == "__main__":
    main(sys.argv[1:])
