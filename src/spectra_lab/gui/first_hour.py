"""From an empty start to an armed model by naming clusters, at the GUI.

    python -m spectra_lab.gui.first_hour [--images FOLDER]
        [--pulses N] [--scenario ramp|ramp3|...] [--summary FILE.json]

Buttons and fields of the scenes of trainer and source, nothing else. The
sample changes all the time, and nobody states when.
"""
import sys
import time
from collections.abc import Sequence
from functools import partial
from operator import eq
from pathlib import Path

from spectra_classifier.model.strict_json import JsonObject

from ..teach.sample import Sample
from .lesson import (
    MODEL_TIMEOUT,
    OFFERED,
    PRESET,
    SETTLE,
    TRAINER,
    lesson_init,
    lesson_options,
    press,
    summary,
    tell,
)
from .person import Person
from .plant import CLASSIFIER, SOURCE
from .session import session, start

FILE = "trainer-explore.png"
#: trains that the sample rests in a state, and that it needs for a change
HOLD, MIXING = 60, 10
#: times that the sample comes into every state before the operator explores
CYCLES = 2.2
REASON = "first hour: states named by looking at their spectra"


def first_hour_init(sample: Sample, captures: Path, engine: str = "fused",
                    model: Path | None = None,
                    training: JsonObject | None = None) -> JsonObject:
    """`lesson_init` with a sample that goes its way."""
    init = lesson_init(sample, captures, engine, model, training)
    init["demoSource"][SOURCE] |= {
        "source.hold": HOLD, "source.mixing": MIXING, "heldState": -1.}
    init["demoTrainer"][TRAINER]["exploration"] = {"minutes": 1.}
    return init


def prepare(person: Person) -> None:
    """Wait for the model; the scenes are open, no data flow."""
    person.do("open", device=SOURCE, scene="overview")
    person.do("open", device=CLASSIFIER, scene="overview")
    person.do("open", device=TRAINER, scene="explore")
    person.do("open", device=TRAINER, scene="teach")
    person.until(f"{CLASSIFIER}.modelStatus",
                 lambda text: "live" in str(text), MODEL_TIMEOUT)


def trains_needed(classes: int) -> int:
    """Trains to be kept until every state was there often enough."""
    turn = 2 * max(classes - 1, 1) * (HOLD + MIXING)
    return int(CYCLES * turn)


def teach(person: Person, classes: Sequence[str]) -> float:
    """Start the data, explore, name, train, arm; returns seconds it took.

    Clusters are numbered by their first spectrum, and the sample begins in its
    first state: so cluster and class have the same number.
    """
    begun = time.monotonic()
    person.do("press", key=f"{SOURCE}.start")
    needed = trains_needed(len(classes))
    person.until(f"{TRAINER}.exploration.trainsKept",
                 lambda count: count and int(count) >= needed, 300.,
                 why=f"{TRAINER}.exploration.problem")
    press(person, "explore", "explore: done")
    for cluster, name in enumerate(classes):
        for field, value in (("exploration.cluster", cluster),
                             ("className", name)):
            person.do("edit", key=f"{TRAINER}.{field}", value=value)
            person.until(f"{TRAINER}.{field}", partial(eq, value))
        press(person, "nameCluster", "nameCluster: done")
        # those words may be of the cluster before
        person.until(f"{TRAINER}.exploration.clusters",
                     partial(_is_named, cluster, name),
                     why=f"{TRAINER}.status")
    press(person, "train", "train: done")
    person.do("edit", key=f"{TRAINER}.model.overrideReason", value=REASON)
    person.until(f"{TRAINER}.model.overrideReason", partial(eq, REASON))
    press(person, "arm", "arm: done")
    return time.monotonic() - begun


def _is_named(cluster: int, name: str,
              rows: Sequence[JsonObject]) -> bool:
    return rows[cluster]["name"] == name


def main(arguments: Sequence[str]) -> None:
    parser = lesson_options(__doc__)
    parser.add_argument("--niceness", type=int, default=15, help="of "
                        "exploration and training, see training.niceness")
    chosen = parser.parse_args(arguments)
    sample = Sample(PRESET, chosen.scenario, chosen.pulses)
    with session(chosen.lab, OFFERED) as (lab, person, model):
        captures = lab / "captures"
        captures.mkdir(exist_ok=True)
        start(person, lab / "project.json", first_hour_init(
            sample, captures, model=model,
            training={"niceness": chosen.niceness}))
        prepare(person)
        seconds = teach(person, sample.classes)
        tell(summary(person, sample.classes, seconds), chosen.summary)
        person.do("edit", key=f"{TRAINER}.exploration.lookBack", value=30.)
        time.sleep(SETTLE)      # until the scene shows what is live
        print(person.do("grab", device=TRAINER, scene="explore",
                        file=str(chosen.images.resolve() / FILE)))


if __name__ == "__main__":
    main(sys.argv[1:])
