"""Accuracy of a model from named clusters beside one from guided captures.

    python benchmarks/exploration/naming.py [--seed 54701] [--streams 3]
        [--presets easy realistic hard] [--scenarios ramp redistribution ramp3]

One simulated stream each, as the trainer device sees it: the sample goes to
and fro for a minute and nobody says when; every cluster is named after the
state that most of its spectra are in. Then it is held in every state in turn,
as a guided lesson does, twice, 10 trains each. Both models come from the same
code, files and processes as those of the device, and are judged on trains of
pure states a minute later, which neither has seen; unknown counts as wrong.
"""
import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from karabo.middlelayer import Hash

from spectra_classifier import model
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.recent_spectra import LastMinutes
from spectra_classifier.core.spectra import make_train
from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
    PulseReader,
    Source,
)
from spectra_classifier.devices.spectra_trainer.capture_recorder import (
    Recorder,
)
from spectra_classifier.devices.spectra_trainer.session import Session
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.timeline import Timeline

HOLD, MIXING, MINUTE = 60, 10, 600
PULSES, TRAINS, TEST = 100, 10, 12
SETTINGS = {"name": "taught", "time_budget": 6., "averaging": 1}


def chunk(train):
    return Hash("data", Hash(
        "adc", train.adc, "gain", train.gain, "frameNumber", train.frame))


def settings(source):
    """Darks and dead strips, as after a run without beam."""
    return Source(dark=source.darks, strips=tuple(
        np.flatnonzero(source.dark == 0).tolist()))


def by_clusters(source, folder):
    """(model, report) of named clusters, or why there is none."""
    reader, last = PulseReader(settings(source), -1.), LastMinutes()
    truth = {}
    for number in range(MINUTE):
        train = source.train(1000 + number, PULSES)
        found = reader.usable(reader.prepared(1000 + number, chunk(train)))
        rows = np.flatnonzero(found.used)
        last.add(1000 + number, number / 10, found.train.spectra[rows], rows)
        truth[number / 10] = train.fraction
    session = Session(folder)
    session.clusters.job(last.since(0.), axis(source),
                         reader.background).run(lambda *_: None, niceness=0)
    session.clusters.reload()
    chart = session.clusters.map
    coordinate = np.array([truth[second][pulse] for second, pulse in zip(
        chart.seconds.tolist(), chart.pulse.tolist(), strict=True)])
    names = [source.classes[int(np.bincount(np.rint(
        coordinate[chart.cluster == k]).astype(int)).argmax())]
        for k in range(chart.count)]
    if set(names) != set(source.classes):
        return None, f"clusters are {names}"
    for cluster, name in enumerate(names):
        session.name_cluster(cluster, name, {})
    return trained(session, source)


def guided(source, folder):
    session = Session(folder)
    first = 1000 + MINUTE
    for _ in range(2):
        for state, name in enumerate(source.classes):
            recorder = Recorder(
                session.directory, session.next_capture(name, TRAINS),
                session.captures, settings(source), axis(source), -1.)
            for _train in range(TRAINS):
                recorder.take(first, chunk(source.train(
                    first, PULSES, coordinate=state)))
                first += 1
            first += 40     # until the sample is there
            session.add(recorder.capture, "")
    return trained(session, source)


def trained(session, source):
    report = session.training(axis(source), SETTINGS).run(
        lambda *_: None, niceness=0)
    return model.load(session.work / "trained.onnx"), report


def axis(source):
    a = source.axis
    return AxisSettings(a.quantity, a.unit, float(a.values[0]), a.step)


def judged(loaded, source):
    """(right, eligible pulses) of pure states a minute later."""
    engine = model.make_engine(loaded, "numpy")
    reader = PulseReader(settings(source), -1.)
    right = count = 0
    for state, name in enumerate(source.classes):
        own = loaded.definition.classes.index(name)
        for number in range(TEST):
            train_id = 1000 + 3 * MINUTE + number * len(
                source.classes) + state
            found = reader.usable(reader.prepared(train_id, chunk(
                source.train(train_id, PULSES, coordinate=state))))
            result = engine.classify(
                make_train(train_id, found.train.spectra[found.used]),
                Settings(dark=reader.background.dark,
                         mask=reader.background.masked))
            eligible = result.label >= -1
            right += int((result.label[eligible] == own).sum())
            count += int(eligible.sum())
    return right, count


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=54701)
    parser.add_argument("--streams", type=int, default=3)
    parser.add_argument("--presets", nargs="+",
                        default=["easy", "realistic", "hard"])
    parser.add_argument("--scenarios", nargs="+",
                        default=["ramp", "redistribution", "ramp3"])
    chosen = parser.parse_args(arguments)
    for name in chosen.presets:
        for scenario in chosen.scenarios:
            for number in range(chosen.streams):
                seed = chosen.seed + number
                states = len(GotthardSource(
                    PRESETS[name], scenario, seed=seed).classes)
                source = GotthardSource(PRESETS[name], scenario, seed, 1000,
                                        Timeline(states, HOLD, MIXING),
                                        receiver=True)
                words = [name, scenario, str(seed)]
                for teach in by_clusters, guided:
                    with tempfile.TemporaryDirectory() as folder:
                        loaded, report = teach(source, Path(folder))
                        if loaded is None:
                            words.append(report)
                            continue
                        right, count = judged(loaded, source)
                        words.append(
                            f"{teach.__name__} {right / count:.4f} of "
                            f"{count} ({report['null_tests']['verdict']}, "
                            f"held out "
                            f"{report['cross_validation']['accuracy']:.4f})")
                print("; ".join(words), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
