"""What open scenes cost the live classifier.

    python benchmarks/live_scenes.py [--pulses 2700] [--rounds 2]
        [--trains 600] [--json FILE]

Starts a private Karabo as scripts/screenshots.sh does, the real GUI drawing
on the same machine, and lets 10 trains a second flow. By turns no scene of
the classifier is open, and all of them, in a client of their own; each for a
bit more than the minute over which the device takes its percentiles. Reports
latency from handler entry to output written, trains lost, and cores used by
every process.
"""
import argparse
import json
import tempfile
import time
from pathlib import Path

from live_meter import Meter, processes_below

from spectra_classifier.devices.spectra_classifier.scenes import SCENES
from spectra_classifier.live.statistics import WINDOW
from spectra_lab.gui.__main__ import run_up
from spectra_lab.gui.person import Person
from spectra_lab.gui.plant import CLASSIFIER, GuiPlant, project_init
from spectra_lab.gui.session import required_python, start

#: trains of a phase that follow the last one of the phase before
SETTLING = 20
READ = ("load.latencyP50", "load.latencyP99", "rate", "trainsLost",
        "trainsReceived")
POLL = 1.


def shown(person):
    """{property: value}, as the configurator shows it."""
    return {name: float(person.do("property", device=CLASSIFIER,
                                  path=name)["value"]) for name in READ}


def phase(person, folder, scenes, trains):
    """The numbers of so many trains with these scenes open."""
    person.do("await", device=CLASSIFIER)
    for scene in scenes:
        person.do("open", device=CLASSIFIER, scene=scene)
    before = shown(person)
    meter = Meter(processes_below(folder), "demoClassifier", 0.)
    meter.start()
    end = before["trainsReceived"] + trains + SETTLING
    while (now := shown(person))["trainsReceived"] < end:
        time.sleep(POLL)
    meter.stop()
    return {"scenes": len(scenes), "latency_ms_p50": now["load.latencyP50"],
            "latency_ms_p99": now["load.latencyP99"], "rate_hz": now["rate"],
            "trains_lost": int(now["trainsLost"] - before["trainsLost"]),
            "cores": {name: round(value, 3) for name, value
                      in meter.report()["cores"].items()}}


def measure(python, folder, chosen):
    """The phases in turn."""
    with GuiPlant(folder, print) as plant:
        def client(name):
            return Person(python, plant.port, folder / name)

        with client("first") as person:
            start(person, folder / "project.json",
                  project_init(chosen.pulses))
            run_up(person)
        report = []
        for number in range(chosen.rounds):
            for scenes in (), tuple(SCENES):
                with client(f"{number}-{len(scenes)}") as person:
                    report.append(phase(person, folder, scenes,
                                        chosen.trains))
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--trains", type=int, default=WINDOW,
                        help="of a phase; percentiles are over the last "
                             f"{WINDOW}")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(required_python(), Path(folder), chosen)
    text = json.dumps({"pulses": chosen.pulses, "phases": report}, indent=1)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
