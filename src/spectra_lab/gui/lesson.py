"""The lesson of the trainer, by somebody at the GUI; a picture of its scene.

    python -m spectra_lab.gui.lesson [--images FOLDER]
        [--pulses N] [--scenario ramp|ramp3|...] [--summary FILE.json]

Buttons and fields of the scenes of trainer and source, nothing else. The
summary has the keys of scripts/teach.sh, apart from what only labels tell.
"""
import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from operator import eq
from pathlib import Path
from typing import Any

from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.simulation.scenario import SCENARIOS

from ..demo.plant import SERVERS
from ..teach.sample import Sample
from .person import Person
from .plant import CLASSIFIER, SOURCE, project_init
from .session import options, session, start

TRAINER = "SPB/TRAINER/1"
OFFERED = SERVERS | {"demoTrainer": ("SpectraTrainer",)}
PRESET = "realistic"
FILE = "trainer-teach.png"
#: s; a training has the lowest priority on the machine
MODEL_TIMEOUT, WORK_TIMEOUT, SETTLE = 180., 400., 2.


def lesson_init(sample: Sample, captures: Path, engine: str = "fused",
                model: Path | None = None,
                training: JsonObject | None = None) -> JsonObject:
    """`project_init` for a `Sample`, with a trainer that captures into a
    folder; `training`: its settings of that node."""
    init = project_init(sample.pulses, model, sample.preset, engine)
    init["demoSource"][SOURCE]["scenario"] = sample.scenario
    init["demoTrainer"] = {TRAINER: {
        "classId": "SpectraTrainer", "classifierId": CLASSIFIER,
        "captureDirectory": str(captures),
        "model.permittingClasses": [sample.classes[0]],
        "training": training or {},
        **sample.axis_settings(),
        "input": {"connectedOutputChannels": [f"{SOURCE}:output"]}}}
    return init


def prepare(person: Person) -> None:
    """Wait for the model, let data flow; the scenes are open."""
    person.do("open", device=SOURCE, scene="overview")
    person.do("open", device=CLASSIFIER, scene="overview")
    person.do("open", device=TRAINER, scene="teach")
    person.until(f"{CLASSIFIER}.modelStatus",
                 lambda text: "live" in str(text), MODEL_TIMEOUT)
    person.do("press", key=f"{SOURCE}.start")
    person.until(f"{CLASSIFIER}.trainsReceived", lambda n: n and int(n) > 5,
                 60.)


def teach(person: Person, classes: Sequence[str], trains: int = 10,
          cycles: int = 2) -> float:
    """Capture in turn, train, evaluate, arm; returns the seconds it took."""
    begun = time.monotonic()
    person.do("edit", key=f"{TRAINER}.trainsToCapture", value=trains)
    number = 0
    for _ in range(cycles):
        for state, name in enumerate(classes):
            number += 1
            bring(person, state, name)
            person.do("edit", key=f"{TRAINER}.className", value=name)
            person.until(f"{TRAINER}.className", partial(eq, name))
            press(person, "capture", f"capture {number} of {name!r}: done")
    for slot in "train", "evaluate", "arm":
        press(person, slot, f"{slot}: done")
    return time.monotonic() - begun


def bring(person: Person, state: int, name: str) -> None:
    """Hold the sample in a state."""
    person.do("edit", key=f"{SOURCE}.heldState", value=float(state))
    person.until(f"{SOURCE}.trueState", lambda now: now == name)


def summary(person: Person, classes: Sequence[str],
            seconds: float) -> JsonObject:
    """How it went, as the screens and the configurator show it."""
    def shown(device: str, path: str) -> Any:
        return person.do("property", device=device, path=path)["value"]

    return {
        "seconds_total": round(seconds, 2),
        "seconds_training": shown(TRAINER, "training.time"),
        "accuracy_held_out": shown(TRAINER, "training.heldOutAccuracy"),
        "accuracy_evaluated": shown(TRAINER, "training.evaluatedAccuracy"),
        "trains_lost": int(shown(CLASSIFIER, "trainsLost")),
        "trains": int(shown(CLASSIFIER, "trainsReceived")),
        "classes": list(classes), "verdict": shown(TRAINER, "verdictText"),
        "latency_ms_p99": shown(CLASSIFIER, "load.latencyP99")}


def press(person: Person, slot: str, words: str) -> None:
    """Press a button of the trainer and wait for its words."""
    person.do("press", key=f"{TRAINER}.{slot}")
    said = person.until(
        f"{TRAINER}.status", lambda text: words in str(text)
        or "refused" in str(text) or "failed" in str(text), WORK_TIMEOUT)
    if words not in said:
        raise RuntimeError(said)


def lesson_options(text: str) -> argparse.ArgumentParser:
    """As `options`, with the sample and a file for the `summary`."""
    parser = options(text, pulses=600)
    parser.add_argument("--scenario", default="ramp", choices=SCENARIOS)
    parser.add_argument("--summary", type=Path, metavar="FILE.json")
    return parser


def tell(numbers: JsonObject, file: Path | None) -> None:
    """Print a `summary`, and write it where it is wanted."""
    text = json.dumps(numbers, indent=2)
    print(text, flush=True)
    if file:
        file.write_text(text + "\n")


def main(arguments: Sequence[str]) -> None:
    chosen = lesson_options(__doc__).parse_args(arguments)
    sample = Sample(PRESET, chosen.scenario, chosen.pulses)
    with session(chosen.lab, OFFERED) as (lab, person, model):
        captures = lab / "captures"
        captures.mkdir(exist_ok=True)
        start(person, lab / "project.json", lesson_init(
            sample, captures, model=model))
        prepare(person)
        seconds = teach(person, sample.classes)
        tell(summary(person, sample.classes, seconds), chosen.summary)
        time.sleep(SETTLE)      # until the scene shows what is live
        print(person.do("grab", device=TRAINER, scene="teach",
                        file=str(chosen.images.resolve() / FILE)))


if __name__ == "__main__":
    main(sys.argv[1:])
