"""A practice beamline for somebody at the Karabo GUI.

    bash scripts/practice.sh [--pumped] [--pulses N]

A private Karabo with a GUI server and a project in its database: source,
classifier, trainer, guard, shutter. Runs until Ctrl-C. With `--pumped` the
source replays a night in which every second pulse is pumped.
"""
import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.files import write_dataset
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import REALISTIC

from ..demo.sources import SEED, released_model
from ..teach.sample import Sample
from .lesson import OFFERED, PRESET, lesson_init
from .plant import CLASSIFIER, DOMAIN, GUARD, SOURCE, GuiPlant

SCENARIO = "ramp"
#: trains of the night with and without the laser, and pulses of a train
LASER_ON, LASER_OFF, PUMPED_PULSES = 120, 60, 40
#: s for the project database to come up
PATIENCE = 120.
_ATTEMPT = 2.


def pumped_night(path: Path) -> Path:
    """Write spectra of trains in which every second pulse is pumped.

    While the laser is on, pulses 0, 2, 4 ... show the second state and all
    others the first one; then, while it is off, all show the first one.
    """
    trains = LASER_ON + LASER_OFF
    source = GotthardSource(REALISTIC, SCENARIO, SEED)
    taken = take_captures(source, captures=2, trains=trains,
                          pulses=PUMPED_PULSES)
    assert taken.labels is not None     # captures are of a class
    pumped = ((np.arange(PUMPED_PULSES) % 2 == 0)
              & (np.arange(trains) < LASER_ON)[:, None]).ravel()
    pools = [np.flatnonzero(taken.labels == state) for state in (0, 1)]
    rows = np.where(pumped, np.resize(pools[1], pumped.size),
                    np.resize(pools[0], pumped.size))
    write_dataset(path, Dataset(
        taken.axis, taken.spectra[rows], pumped.astype(np.int64),
        taken.classes))
    return path


def practice_init(folder: Path, pulses: int, pumped: bool,
                  engine: str = "fused") -> JsonObject:
    """What the project holds; files of it lie in a folder.

    {server: {device id: {"classId": ..., property: value}}}.
    """
    captures = folder / "captures"
    captures.mkdir(parents=True, exist_ok=True)
    # a copy, so that the screens show no path of this machine
    model = Path(shutil.copy(released_model(), folder))
    init = lesson_init(Sample(PRESET, SCENARIO, pulses), captures, engine,
                       model)
    init["demoGuard"][GUARD]["conditions.latching"] = True
    if pumped:
        source = init["demoSource"][SOURCE]
        source |= {
            "profile": "replay", "pulses": PUMPED_PULSES,
            "replay.file": str(pumped_night(folder / "night.h5")),
            "replay.singlesFirst": False, "replay.cyclic": True}
        settings = init["demoClassifier"][CLASSIFIER]
        for name in "dark.spectrum", "dark.rows", "source.maskedStrips":
            settings.pop(name, None)    # the file has the dark subtracted
    return init


def bring(init: JsonObject, file: Path) -> str:
    """Put the project into the database as soon as that answers.

    Returns its uuid.

    Raises `RuntimeError` with what the command printed.
    """
    file.write_text(json.dumps(init))
    end = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run(
            [sys.executable, "-m",
             "spectra_classifier.devices.tools.project_import", str(file),
             "--domain", DOMAIN], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split()[-1]
        if time.monotonic() > end:
            raise RuntimeError(done.stderr)
        time.sleep(_ATTEMPT)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pumped", action="store_true")
    parser.add_argument("--pulses", type=int, default=600)
    parser.add_argument("--engine", default="fused",
                        choices=("fused", "numpy", "onnxruntime"))
    parser.add_argument("--lab", type=Path)
    chosen = parser.parse_args(arguments)
    lab = chosen.lab or Path(tempfile.mkdtemp(prefix="spectra-practice-"))
    # also where a shell in the background has it ignored
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.default_int_handler)
    with GuiPlant(lab, print, OFFERED) as plant:
        init = practice_init(lab / "practice", chosen.pulses, chosen.pumped,
                             chosen.engine)
        uuid = bring(init, lab / "project.json")
        print(f"ready: host localhost, port {plant.port}; project "
              f"spectra_classifier ({uuid}) in the domain {DOMAIN}; Ctrl-C "
              "ends it", flush=True)
        try:
            while True:
                plant.require_running()
                time.sleep(1)
        except KeyboardInterrupt:
            pass
    print("stopped", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
