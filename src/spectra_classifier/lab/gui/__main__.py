"""Pictures of every scene, from the real GUI and live devices.

    bash scripts/screenshots.sh [--images FOLDER] [--seconds N] [--pulses N]

Starts a private Karabo with a GUI server, a project with source, classifier,
guard and shutter in the GUI, arms, lets the sample change, and saves a PNG
of every scene.
"""
import argparse
import sys
import tempfile
import time
from pathlib import Path

from .person import Person, gui_python
from .plant import CLASSIFIER, SOURCE, GuiPlant, project_init

ROOT = Path(__file__).resolve().parents[4]
#: scene -> file; the device says which scenes it has
FILES = "classifier-{}.png"
SETTLE = 3.     # s until a scene shows what is live
MODEL_TIMEOUT = 180.


def start(person, folder, init):
    """Open the project of `init` in the GUI and start all of it."""
    from ...devices.project import DOMAIN, make_project, save
    project = make_project(init)
    save(project, folder, DOMAIN)
    return person.do("project", folder=str(folder), domain=DOMAIN,
                     uuid=project.uuid)


def run_up(person):
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


def screenshots(person, folder, seconds):
    """Save all scenes of the classifier, and those of source and guard."""
    from ...devices.scenes import SCENES
    time.sleep(seconds)
    shots = [(CLASSIFIER, name, FILES.format(name)) for name in SCENES]
    shots.append((SOURCE, "overview", "simulator-overview.png"))
    for device, scene, file in shots:
        person.do("open", device=device, scene=scene)
        time.sleep(SETTLE)
        answer = person.do("grab", device=device, scene=scene,
                           file=str(folder / file))
        print(f"{folder / file}: {answer['size']}", flush=True)


def main(arguments):
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
        start(person, lab / "project", project_init(chosen.pulses))
        run_up(person)
        screenshots(person, chosen.images.resolve(), chosen.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
