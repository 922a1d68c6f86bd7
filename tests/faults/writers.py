"""Everything of ours that writes files, and how to tell that one is whole.

name: (write(folder, number), check(path), pattern of the finished files)
"""
import os
from functools import cache
from itertools import pairwise

import h5py
import numpy as np

from spectra_classifier import files, model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files import captures
from spectra_classifier.files.dark import StoredDark, read_dark, write_dark
from spectra_classifier.files.snapshots.reading import open_snapshot
from spectra_classifier.files.snapshots.writing import (
    write_snapshot as write_event,
)
from spectra_classifier.files.writing import write_dataset
from spectra_classifier.live.audit.journal import Journal
from tests.devices.fakes import definition, spectra_of
from tests.files import recorded_trains
from tests.files.results.test_writer import result
from tests.files.results.test_writer import writer as result_writer
from tests.files.test_captures import take

PULSES, CHANNELS = 400, 256
TRAINS = 8      # of a snapshot


def write_model(folder, number):
    """The same name again and again: old or new, never between."""
    model.save(folder / "live.onnx", definition(), {
        "name": f"turn-{number}", "licence": "BSD-3-Clause",
        "remark": "x" * 300_000},
        np.concatenate([spectra_of(0, 2), spectra_of(1, 2)]))


def write_spectra(folder, number):
    random = np.random.default_rng(number)
    write_dataset(folder / "spectra.h5", Dataset(
        Axis(np.linspace(1, 2, CHANNELS), "energy", "eV"),
        random.random((PULSES, CHANNELS)).astype(np.float32)))


def check_spectra(path):
    assert files.read(path).spectra.shape == (PULSES, CHANNELS)


def write_codes(folder, number):
    with result_writer(folder / f"codes{number % 3}.h5") as out:
        for train in range(30):
            out.append(result(train + 1, PULSES))


def check_codes(path):
    with h5py.File(path) as file:
        assert len(file["entry/result/label"]) == 30 * PULSES


@cache
def recorded(folder):
    """Trains of a snapshot; made once, they take longer than the file."""
    path = folder / "taught" / "small.onnx"
    path.parent.mkdir()
    loaded = recorded_trains.save_model(path)
    context = recorded_trains.context_of(loaded)
    return [recorded_trains.recorded(context, loaded,
                               1000 + number, PULSES)
            for number in range(TRAINS)]


def write_snapshot(folder, number):
    write_event(folder / f"event{number % 3}.h5", recorded_trains.EVENT,
                recorded(folder))


def check_snapshot(path):
    with open_snapshot(path) as snapshot:
        assert [train.pulses for train in snapshot.trains()] == (
            [PULSES] * TRAINS)


def journal(folder):
    return Journal(folder, "audit", max_bytes=20_000, files=4)


def write_audit(folder, number):
    """Lines at the end of a file, and the next file when it is full."""
    journal(folder).append([{"turn": number, "part": part, "text": "x" * 200}
                            for part in range(20)])


def check_audit(path):
    """Nothing is missing between two records but what a kill has torn."""
    records = [(record["turn"], record["part"])
               for record in journal(path.parent).read()]
    assert records
    for (turn, part), after in pairwise(records):
        # a writer that begins anew begins at turn 2
        assert after in ((turn, part + 1), (turn + 1, 0), (2, 0))


def write_dark_file(folder, number):
    write_dark(folder / "dark.npz", StoredDark(
        np.full(16_384, number, np.float32), 1e9, number, 100, 10_000))


def check_dark(path):
    dark = read_dark(path)
    assert (dark.mean == dark.train_id).all()


def write_capture(folder, number):
    """A capture of some trains; the process makes its name its own."""
    take(folder, 1000 * os.getpid() + number % 1000, "solid")


def check_capture(path):
    note, shape = captures._note(path)
    assert note["used"] == shape[0] == 3


WRITERS = {
    "capture": (write_capture, check_capture, "*/train_*.h5"),
    "dark": (write_dark_file, check_dark, "dark.npz"),
    "audit": (write_audit, check_audit, "audit*.jsonl"),
    "model": (write_model, model.load, "*.onnx"),
    "spectra": (write_spectra, check_spectra, "*.h5"),
    "snapshot": (write_snapshot, check_snapshot, "event*.h5"),
    "codes": (write_codes, check_codes, "*.h5"),
}
