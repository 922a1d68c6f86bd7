"""What ring and snapshots cost beside the trains.

    python benchmarks/snapshots.py [--trains 30] [--pulses 2700] [--json FILE]
        [--folder FOLDER]

Reports, for trains of --pulses x 1280 uint16 with the codes of the released
model: what it takes to keep a train in the ring, and what a copy of its
spectra would take; how long a snapshot of --trains takes to be written and to
be replayed; and the longest time for which another thread of the process
could not run meanwhile, beside that of a quiet process and of the same bytes
written by h5py, which holds the interpreter lock.
"""
import argparse
import json
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
from live_source import Prepared, released
from swap_receiver import settings_of

from spectra_classifier import model as models
from spectra_classifier.core.spectra import make_train
from spectra_classifier.core.trains.train_buffer import RecordedTrain, Ring
from spectra_classifier.files.snapshots.replay import replay
from spectra_classifier.files.snapshots.snapshot import Event, RunContext
from spectra_classifier.files.snapshots.writing import write_snapshot

REPEATS = 200


def recorded(count, pulses, folder):
    """So many trains as a device keeps them."""
    loaded = models.load(released("gotthard2"))
    source = Prepared("gotthard2", pulses, None, loaded, folder)
    definition = loaded.definition
    engine = models.make_engine(loaded)
    settings = settings_of(source.classifier_settings(),
                           len(definition.axis))
    context = RunContext(
        definition.axis, definition.classes, definition.model_id,
        loaded.identity, loaded.manifest, loaded.graph, str(loaded.path),
        engine.name, 1, {}, "")
    blocks = np.split(source.spectra, len(source.spectra) // pulses)
    trains = []
    for number in range(count):
        train = make_train(number + 1, blocks[number % len(blocks)].copy())
        result = replace(engine.classify(train, settings), votes=None)
        trains.append(RecordedTrain(number + 1, pulses, float(number),
                                    context, {}, train, settings, result))
    return trains


@contextmanager
def longest_pause(report, name):
    """Milliseconds for which a thread that wants to run every ms did not."""
    end, pauses = threading.Event(), []

    def look():
        last = time.perf_counter()
        while not end.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    report[f"longest_pause_ms_{name}"] = 1e3 * max(pauses)


def timed(work, repeats=1):
    """Seconds that one call of `work` takes."""
    begin = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - begin) / repeats


def measure(count, pulses, folder):
    """The report as a dictionary."""
    trains = recorded(count, pulses, folder)
    ring, path = Ring(), folder / "event.h5"
    size = sum(train.train.spectra.nbytes for train in trains)
    report = {
        "trains": count, "megabytes_per_train": size / count / 1e6,
        "keep_us_per_train": 1e6 * timed(
            lambda: ring.add(trains[0], count, 10., 10**9), REPEATS),
        "copy_us_per_train": 1e6 * timed(
            lambda: trains[0].train.spectra.copy(), REPEATS)}
    with longest_pause(report, "quiet"):
        time.sleep(1)
    event = Event("manual", ("measured",), 1, time.time())
    with longest_pause(report, "snapshot"):
        report["write_seconds"] = timed(
            lambda: write_snapshot(path, event, trains))
    report["megabytes_per_second"] = size / 1e6 / report["write_seconds"]
    whole = np.concatenate([train.train.spectra for train in trains])
    with (longest_pause(report, "h5py"),
            h5py.File(folder / "other.h5", "w") as file):
        file["spectra"] = whole
    begin = time.perf_counter()
    found = replay(path)
    return report | {
        "replay_seconds": time.perf_counter() - begin,
        "replay_mismatches": found.mismatches,
        "replay_pulses": found.pulses}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=30)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--folder", type=Path,
                        help="where to write (default: a temporary folder)")
    parser.add_argument("--json", type=Path, help="also write the report")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        report = measure(arguments.trains, arguments.pulses, Path(folder))
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)


if __name__ == "__main__":
    main()
