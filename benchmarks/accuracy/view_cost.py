"""What each view costs in the fused engine, for `training/selection/cost.py`.

    python benchmarks/accuracy/view_cost.py

CPU milliseconds of one thread per train of 2700 x 1280 uint16, least of ten,
for models of one view with 1, 5 and 15 bins and 2 or 5 classes, and networks.
"""
import time

import numpy as np

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import (
    MlpMembers,
    ModelDefinition,
    Preprocessing,
    Settings,
    ViewMembers,
)
from spectra_classifier.core.preprocessing.texture import PER_PART
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.training.selection import cost
from spectra_classifier.training.selection.candidates import (
    HIDDEN,
    NETWORK_VIEWS,
    candidates,
    network,
)

PULSES, CHANNELS = 2700, 1280


def model(views, counts, classes, random):
    """A `ModelDefinition` of random members on those views."""
    bins, view_of, coef = [], [], []
    for number, (view, each) in enumerate(zip(views, counts, strict=True)):
        for part in (sum((equal_bins(CHANNELS, c) for c in each), ())):
            width = (part[1] - part[0] if view.linear
                     else view.parts * PER_PART)
            bins.append(part)
            view_of.append(number)
            coef.append(random.normal(size=(classes, width)).astype("f4"))
    return ModelDefinition(
        "cost", tuple(map(str, range(classes))), Axis.channels(CHANNELS),
        Preprocessing(), tuple(bins), ViewMembers(
            tuple(views), tuple(view_of), tuple(coef),
            np.zeros((len(bins), classes), np.float32)),
        np.full(len(bins), 1 / len(bins)),
        random.random((classes, CHANNELS)).astype(np.float32), 0.)


def networks(candidate, classes, random):
    """A `ModelDefinition` of random networks."""
    bins = candidate.bins(CHANNELS)
    shapes = ((CHANNELS, HIDDEN), (HIDDEN,), (HIDDEN, classes), (classes,))
    return ModelDefinition(
        "cost", tuple(map(str, range(classes))), Axis.channels(CHANNELS),
        Preprocessing(normalisation="snv" if candidate.view.normalise
                      else "none"), bins, MlpMembers(*(tuple(
                          random.normal(size=shape).astype("f4")
                          for _ in bins) for shape in shapes)),
        np.full(len(bins), 1 / len(bins)),
        random.random((classes, CHANNELS)).astype(np.float32), 0.)


def milliseconds(definition, train):
    engine = FusedEngine(definition)
    engine.warm_up()
    times = []
    for _ in range(10):
        started = time.thread_time()
        engine.classify(train, Settings())
        times.append(1e3 * (time.thread_time() - started))
    return min(times)


def main():
    random = np.random.default_rng(0)
    train = make_train(0, random.integers(
        10, 2000, (PULSES, CHANNELS)).astype(np.uint16))
    for classes in 2, 5:
        for each in [*map(network, NETWORK_VIEWS), *candidates(CHANNELS)]:
            if each.scaled and each.view.linear:
                continue
            made = (networks(each, classes, random)
                    if each.kind == "network" else
                    model([each.view], [each.counts], classes, random))
            found = milliseconds(made, train)
            estimate = cost.milliseconds([each], CHANNELS, classes)
            print(f"{classes} classes, {each.name:28} {found:6.2f} ms, "
                  f"estimated {estimate:6.2f}")


if __name__ == "__main__":
    main()
