"""Pictures of every scene, from the real GUI and live devices.

    bash scripts/screenshots.sh [--images FOLDER] [--seconds N] [--pulses N]

Starts a private Karabo with a GUI server and a project database, a project
with source, classifier, guard and shutter in the GUI, arms, lets the sample
change, and saves a PNG of every scene.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from spectra_classifier.model.strict_json import JsonObject

from ..demo.sources import released_model
from .person import Person, gui_python
from .plant import (
    CLASSIFIER,
    DOMAIN,
    GUARD,
    MANAGER,
    SOURCE,
    GuiPlant,
    project_init,
)

ROOT = Path(__file__).resolve().parents[3]
#: device -> how the names of its pictures begin
FILES = {CLASSIFIER: "classifier", SOURCE: "simulator", GUARD: "guard"}
#: s until a scene shows what is live: its pictures come every 4 s at most
SETTLE = 6.
MODEL_TIMEOUT = 180.


def start(person: Person, file: Path, init: JsonObject) -> JsonObject:
    """Bring a project of `init` into the database, open it in the GUI, start
    all of it; returns what the GUI says that it has opened.

    `file`: where `init` is written to, as JSON.
    """
    file.write_text(json.dumps(init))
    person.do("await", device=MANAGER)
    uuid = subprocess.run(
        [
            sys.executable,
            "-m",
            "spectra_classifier.devices.tools.project_import",
            str(file),
            "--domain",
            DOMAIN,
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.split()[-1]
    opened = person.do("open_project", domain=DOMAIN, uuid=uuid)
    person.do("start_project")
    return opened


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, default=ROOT / "docs/images")
    parser.add_argument("--seconds", type=float, default=45.)
    parser.add_argument("--pulses", type=int, default=600)
    parser.add_argument("--lab", type=Path)
    chosen = parser.parse_args(arguments)
    python = gui_python(ROOT)
    if python is None:
        sys.exit("no environment with the Karabo GUI: bash scripts/test.sh "
                 "installs it")
    lab = chosen.lab or Path(tempfile.mkdtemp(prefix="spectra-gui-"))
    with GuiPlant(lab, print) as plant, Person(
            python, plant.port, lab / "gui") as person:
        # a copy, so that the pictures show no path of this machine
        model = Path(shutil.copy(released_model(), lab))
        project = start(person, lab / "project.json",
                        project_init(chosen.pulses, model))
        run_up(person)
        screenshots(person, project["scenes"], chosen.images.resolve(),
                    chosen.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
