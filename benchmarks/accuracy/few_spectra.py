"""2, 3, 5 and 10 spectra per class: `auto` beside every single kind.

    python benchmarks/accuracy/few_spectra.py -o few_spectra.json

Draws of simulated families, one of each, of the simulated published ramp and
of the real sets. None of the draws took part in a choice; the sets of the
development half (`nested.half`) took part with other draws. A class is given
whatever the limits of unknown. Networks learn as in the folds of a
cross-validation. What OUTPUT has is not computed again: `--draws` and
`--kinds` may grow.
"""
import argparse
import importlib
import json
from pathlib import Path

import families
import numpy as np
import ours
import sets

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.spectra import Axis
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions

FEW, TESTED = (2, 3, 5, 10), 300
KINDS = ("linear", "ridge", "logistic", "mlp", "published")
#: of the draws of the table
SEEDS = range(59501, 59601)
FAMILIES, RAMP = "simulated families", "simulated ramp"
#: channels and class boundary of the ramp
STEP, BOUNDARY = 8, 185


def single(kind, spectra, labels, classes):
    """Spectra -> labels of members of one kind on equal bins."""
    short = ({"epochs": 200, "max_points": 2000} if kind == "published"
             else {})
    options = TrainingOptions(members=kind, **short)
    task = Task(Axis.channels(spectra.shape[1]), spectra, spectra, labels,
                classes, equal_bins(spectra.shape[1], options.bins))
    module = {"mlp": "mlp", "published": "pointwise"}.get(kind, "linear")
    method = importlib.import_module(
        f"spectra_classifier.training.members.{module}")
    fitted = method.fit(task, np.arange(len(labels)), options, False,
                        lambda loss: None)
    return lambda some: fitted.votes(some).mean(axis=1).argmax(axis=1)


def automatic(spectra, labels, classes):
    """The same of `auto`."""
    definition, _ = ours.train(spectra, labels, classes)
    return lambda some: ours.classify(
        definition, some, NumpyEngine).scores.argmax(axis=1)


def drawn(spectra, labels, few, random):
    """(taught, tested), each (spectra, labels), of `few` of each class."""
    train = np.concatenate([random.permutation(np.flatnonzero(labels == c))[
        :few] for c in range(labels.max() + 1)])
    test = random.permutation(np.setdiff1d(np.arange(len(labels)), train))
    return tuple((spectra[rows].astype(np.float32), labels[rows])
                 for rows in (train, test[:TESTED]))


def of_family(seed, few, random):
    family = families.family(seed)
    return tuple(family.draw([count] * family.classes, random)
                 for count in (few, TESTED // family.classes))


def tasks(folder):
    """{title: (seed, few, random) -> (taught, tested), None where `few` is
    all that there is}."""
    _, spectra = ramp.curves(seed=0)
    known = {RAMP: (spectra[:, ::STEP],
                    (np.arange(len(spectra)) >= BOUNDARY).astype(int))}
    for name, task in sets.TASKS if Path(folder).is_dir() else ():
        _, spectra, labels = sets.read(name, folder)
        known[f"{name} ({task})"] = (
            spectra, sets.task_labels(name, task, labels))

    def maker(spectra, labels):
        return lambda seed, few, random: (
            drawn(spectra, labels, few, random)
            if few < np.bincount(labels).min() else None)

    return {FAMILIES: of_family} | {
        title: maker(*data) for title, data in known.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--few", nargs="*", type=int, default=FEW)
    parser.add_argument("--tasks", nargs="*", default=[""],
                        help="words in the names of the tasks")
    parser.add_argument("--data", type=Path, default=sets.DATA)
    arguments = parser.parse_args()
    found = (json.loads(arguments.output.read_text())
             if arguments.output.is_file() else {})
    makers = {title: make for title, make in tasks(arguments.data).items()
              if any(word in title for word in arguments.tasks)}
    for number, seed in enumerate(SEEDS[:arguments.draws]):
        for title, make in makers.items():
            for few in arguments.few:
                split = make(seed, few, np.random.default_rng((seed, few)))
                if split is None:
                    continue
                entries = found.setdefault(title, {}).setdefault(str(few), [])
                if len(entries) == number:
                    entries.append({})
                entries[number] |= score(*split, [
                    kind for kind in ("auto", *arguments.kinds)
                    if kind not in entries[number]])
        arguments.output.write_text(json.dumps(found))
        print(number + 1, "draws", flush=True)


def score(taught, tested, kinds):
    """{kind: accuracy}."""
    classes = int(taught[1].max()) + 1
    found = {kind: automatic(*taught, classes) if kind == "auto"
             else single(kind, *taught, classes) for kind in kinds}
    return {kind: round(float(np.mean(predict(tested[0]) == tested[1])), 5)
            for kind, predict in found.items()}


if __name__ == "__main__":
    main()
