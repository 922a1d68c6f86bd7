"""Pictures of every scene, from the real GUI and live devices.

    bash scripts/screenshots.sh [--images FOLDER] [--seconds N] [--pulses N]

Starts a private Karabo with a GUI server and a project database, a project
with source, classifier, guard and shutter in the GUI, arms, lets the sample
change, and saves a PNG of every scene.
"""
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from .person import Person
from .plant import CLASSIFIER, GUARD, SOURCE, project_init
from .session import options, session, start

#: device -> how the names of its pictures begin
FILES = {CLASSIFIER: "classifier", SOURCE: "simulator", GUARD: "guard"}
#: s until a scene shows what is live: its pictures come every 4 s at most
SETTLE = 6.
MODEL_TIMEOUT = 180.


def run_up(person: Person) -> None:
    """Wait for the model, start the source, arm; the overview is open."""
    person.do("open", device=SOURCE, scene="overview")
    person.do("open", device=CLASSIFIER, scene="overview")
    person.until(f"{CLASSIFIER}.modelStatus",
                 lambda text: "live" in str(text), MODEL_TIMEOUT)
    person.do("press", key=f"{SOURCE}.start")
    person.until(f"{CLASSIFIER}.trainsReceived", lambda n: n and int(n) > 5)
    person.until(f"{CLASSIFIER}.confidence", lambda c: c and float(c) > 0)
    person.do("press", key=f"{CLASSIFIER}.arm")
    person.until(f"{CLASSIFIER}.armed", bool)


def screenshots(person: Person, scenes: Iterable[str], folder: Path,
                seconds: float) -> None:
    """Save every scene of a project; `scenes`: "device id|scene"."""
    time.sleep(seconds)
    for name in scenes:
        device, _, scene = name.partition("|")
        file = f"{FILES[device]}-{scene}.png"
        person.do("open", device=device, scene=scene)
        time.sleep(SETTLE)
        answer = person.do("grab", device=device, scene=scene,
                           file=str(folder / file))
        print(f"{folder / file}: {answer['size']}", flush=True)


def main(arguments: Sequence[str]) -> None:
    parser = options(__doc__, pulses=600)
    parser.add_argument("--seconds", type=float, default=45.)
    chosen = parser.parse_args(arguments)
    with session(chosen.lab) as (lab, person, model):
        project = start(person, lab / "project.json",
                        project_init(chosen.pulses, model))
        run_up(person)
        screenshots(person, project["scenes"], chosen.images.resolve(),
                    chosen.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
