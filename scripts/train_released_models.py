"""Train the released models again: models/<id>.onnx, manifest/<id>.json.

    python scripts/train_released_models.py [NAME ...] [--data FOLDER]
        [--strips]

NAME: gotthard2-ramp, published-ramp, fermentation-midir; all by default.
--data also writes the spectra of each as FOLDER/NAME.npz, for `evaluate`.
--strips trains nothing: it measures on the test spectra how few strips the
existing models need, and writes that into them.
Every seed is given below. On the same processor and versions the weights, and
so the ids, are equal; elsewhere they differ by rounding.
fermentation-midir needs the package chemotools (pip install chemotools).
"""
import argparse
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import write_data_cards
from numpy.typing import NDArray
from rich.progress import Progress

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files.spectra.npz import write_npz
from spectra_classifier.model import arrays
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.checks import valid_strips
from spectra_classifier.training.evaluate import evaluate
from spectra_classifier.training.fit import train
from spectra_classifier.training.labelled import labelled
from spectra_classifier.training.options import TrainingOptions

ROOT = Path(__file__).resolve().parents[1]
#: detectors for training, and others for the test
TRAINING_SEEDS, TESTING_SEEDS = range(1000, 1006), range(2000, 2003)
#: training curves of the publication, class boundary of its labels
PUBLISHED_CURVES, PUBLISHED_BOUNDARY = (80, 300, 260, 120), 185


#: training and test data
type Split = tuple[Dataset, Dataset]


@dataclass(frozen=True)
class Recipe:
    """How a released model is made."""
    name: str
    description: str
    licence: str
    options: TrainingOptions
    data: Callable[[], Split]


def gotthard2_ramp() -> Split:
    """Captures of six simulated detectors, interleaved, over their drift."""
    return (_captures(TRAINING_SEEDS, captures=3, trains=3, pulses=12),
            _captures(TESTING_SEEDS, captures=4, trains=3, pulses=60))


def _captures(seeds: range, **amounts: Any) -> Dataset:
    parts = [take_captures(GotthardSource(preset("realistic"), "ramp", seed),
                           dim=0.4, first_train=150 * number, **amounts)
             for number, seed in enumerate(seeds)]
    offsets = np.cumsum([0] + [part.groups.max() + 1 for part in parts[:-1]])
    spectra = np.concatenate([part.spectra for part in parts])
    return Dataset(
        parts[0].axis, spectra,
        np.concatenate([part.labels for part in parts]), parts[0].classes,
        np.concatenate([part.groups + offset for part, offset
                        in zip(parts, offsets, strict=True)]),
        provenance=_provenance(
            "simulation: Gotthard-II, preset realistic, scenario ramp, "
            f"detectors {seeds.start} to {seeds.stop - 1}, {amounts}",
            spectra))


def published_ramp() -> Split:
    """Four curves of the simulated ramp for training, the others for the test.
    """
    x, spectra = ramp.curves(seed=0)
    spectra = spectra.astype(np.float32)
    labels = (np.arange(len(spectra)) >= PUBLISHED_BOUNDARY).astype(int)
    data = Dataset(Axis(x, "two_theta", "deg"), spectra, labels,
                   ("low pressure", "high pressure"), provenance=_provenance(
                       "simulation: published ramp, seed 0", spectra))
    return _split(data, np.array(PUBLISHED_CURVES))


def fermentation_midir() -> Split:
    """Every 40th spectrum for training; classes by the glucose measured."""
    folder = resources.files("chemotools.datasets") / "data"
    text = (folder / "fermentation_spectra.csv").read_text()
    x = np.array(text.split("\n", 1)[0].split(","), float)
    spectra = np.loadtxt(text.splitlines()[1:], delimiter=",").astype(
        np.float32)
    hours, glucose = np.loadtxt(
        (folder / "fermentation_hplc.csv").read_text().splitlines()[1:],
        delimiter=",", usecols=(0, 1), unpack=True)
    # one spectrum every 1.25 minutes; glucose in g/l by liquid chromatography
    now = np.interp(np.arange(len(spectra)) * 1.25 / 60, hours, glucose)
    labels = np.digitize(-now, (-30, -10), right=True)
    data = Dataset(
        Axis(x, "wavenumber", "1/cm"), spectra, labels,
        ("glucose above 30 g/l", "glucose 10 to 30 g/l",
         "glucose below 10 g/l"),
        provenance=_provenance(
            "chemotools (PyPI): datasets/data/fermentation_spectra.csv, "
            "(c) Pau Cabaneros, MIT licence", spectra))
    return _split(data, np.arange(0, len(spectra), 40))


def _split(data: Dataset, rows: NDArray[np.int64]) -> Split:
    rest = np.setdiff1d(np.arange(len(data)), rows)
    return data.select(rows), data.select(rest)


def _provenance(text: str, spectra: NDArray[np.number]) -> dict[str, str]:
    return {"path": text, "sha256": hashlib.sha256(
        np.ascontiguousarray(spectra).tobytes()).hexdigest()}


RECIPES = {recipe.name: recipe for recipe in (
    Recipe("gotthard2-ramp",
           "Two states of the published ramp as single pulses on a simulated "
           "Gotthard-II, 2000 photons each, drift included; the published "
           "ensemble of point-wise members behind baseline and area",
           "BSD-3-Clause",
           TrainingOptions(members="published", baseline="reduced",
                           normalisation="area", copies=0), gotthard2_ramp),
    Recipe("published-ramp",
           "Low and high pressure state of the simulated published ramp, "
           "from the four curves of the publication",
           "BSD-3-Clause",
           TrainingOptions.published(noise="zero-mean", baseline="reduced"),
           published_ramp),
    Recipe("fermentation-midir",
           "Three glucose levels of an ethanol fermentation, mid-infrared",
           "MIT (data: chemotools, (c) Pau Cabaneros); model "
           "BSD-3-Clause",
           TrainingOptions(members="linear", bins=5, baseline="none"),
           fermentation_midir),
)}


def make(recipe: Recipe, data_folder: Path | None = None) -> dict[str, Any]:
    """Train, evaluate on test spectra, write; returns the manifest."""
    training, test = recipe.data()
    if data_folder is not None:
        data_folder.mkdir(parents=True, exist_ok=True)
        write_npz(data_folder / f"{recipe.name}.npz", test)
    with Progress() as bar:
        task = bar.add_task(recipe.name)
        result = train(training, recipe.options, lambda step, steps, loss:
                       bar.update(task, completed=step, total=steps))
    about: dict[str, Any] = {"licence": recipe.licence,
                             "description": recipe.description}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{recipe.name}.onnx"
        result.save(path, **about)
        figures = evaluate(model.load(path), test, engine="onnxruntime")
        for of_this_machine in "seconds_per_spectrum", "engine", "model":
            del figures[of_this_machine]
    result.info["metrics"]["unseen"] = figures
    _retire(recipe.name)
    draft = ROOT / "models" / f"{recipe.name}.onnx"
    statement = result.save(draft, manifest_dir=ROOT / "manifest", **about)
    draft.rename(draft.with_name(f"{statement['id']}.onnx"))
    return statement


def with_strips(recipe: Recipe, models: Path = ROOT / "models",
                manifests: Path = ROOT / "manifest") -> dict[str, Any]:
    """Add the strips that it needs to a released model; returns the manifest.

    Measured on test spectra. Weights, figures and the golden input do not
    change.
    """
    old, = (ROOT / "models").glob(f"{recipe.name}-*.onnx")
    loaded = model.load(old)
    known = loaded.manifest
    training, test = recipe.data()
    found = valid_strips.borne(
        loaded.definition, test.spectra, labelled(test).labels,
        valid_strips.untaught(training.spectra))
    properties = {entry.key: entry.value
                  for entry in onnx.load(old).metadata_props}
    info = {key: known[key] for key in (
        "name", "licence", "description", "priors", "software", "training")}
    info |= {"gate_rule": known["gate"]["rule"],
             "metrics": known["metrics"] | {"strips": found.figures},
             "training_accuracy": [entry["training_accuracy"]
                                   for entry in known["bins"]]}
    golden = arrays.decode(known["golden"]["input"], properties)
    if models == ROOT / "models":
        _retire(recipe.name)
    draft = models / f"{recipe.name}.onnx"
    statement = model.save(draft, found.applied(loaded.definition), info,
                           golden, manifests)
    draft.rename(draft.with_name(f"{statement['id']}.onnx"))
    return statement


def _retire(name: str) -> None:
    """Remove the files of an earlier training of this name."""
    for folder, suffix in ("models", "onnx"), ("manifest", "json"):
        for old in (ROOT / folder).glob(f"{name}-*.{suffix}"):
            old.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=", ".join(RECIPES))
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--strips", action="store_true")
    arguments = parser.parse_args()
    for name in set(arguments.names) - set(RECIPES):
        parser.error(f"{name} is not one of {', '.join(RECIPES)}")
    for name in arguments.names or RECIPES:
        statement = (with_strips(RECIPES[name]) if arguments.strips
                     else make(RECIPES[name], arguments.data))
        unseen = statement["metrics"]["unseen"]
        print(f"{statement['id']}: accuracy {unseen['accuracy']:.4f} of "
              f"{unseen['n']} unseen spectra, boundary error "
              f"{unseen['boundary_error']}, needs "
              f"{statement['gate']['min_valid_share']:.0%} of its strips")
    write_data_cards.write()


if __name__ == "__main__":
    main()
