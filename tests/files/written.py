"""One file of every kind that the package writes for others to read."""
import numpy as np
from mock_runs import gotthard_run

from spectra_classifier import files
from spectra_classifier.core.capture import Capture, Tally
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis, TrainResult, make_train
from spectra_classifier.files import captures
from spectra_classifier.files.results.report_writer import write_report
from spectra_classifier.files.runs.run_dataset import read_run
from spectra_classifier.files.snapshots.writing import write_snapshot
from spectra_classifier.training.report.evidence import Evidence, tables
from tests.files import recorded_trains

CLASSES = ("cold", "hot")
AXIS = Axis(np.linspace(9000, 9001, 6), "energy", "eV")


def labelled(path):
    """A training set, as `convert` writes it."""
    files.write_dataset(path, Dataset(
        AXIS, np.arange(24, dtype=np.uint16).reshape(4, 6), [0, 1, 0, 1],
        CLASSES, [0, 1, 2, 3], provenance={"path": "somewhere"}),
        licence="CC-BY-4.0")
    return path


def from_a_run(path):
    """Spectra out of a run, with their detector."""
    run = gotthard_run(path.parent / "r0012", np.ones((3, 2, 6), np.uint16))
    files.write_dataset(path, read_run(run, axis=AXIS))
    return path


def result(path):
    """What `classify` writes."""
    source = {"path": "r0012", "sha256": "0" * 64, "proposal": 900,
              "run": 12}
    pulses = 4
    with files.ResultWriter(
            path, classes=CLASSES, model={"id": "m-1"}, model_id="m-1",
            model_sha256="1" * 64, source=source, configuration={"a": 1},
            licence="CC-BY-4.0") as out:
        out.append(TrainResult(
            7, np.arange(pulses, dtype=np.uint64),
            np.array([0, 1, -1, -4], np.int8), *(
                np.zeros(shape, np.float32) for shape in (
                    pulses, (pulses, 2), (pulses, 2), pulses, pulses,
                    (pulses, 3, 2))), "m-1", "0f"))
    return path


def _capture(path):
    """(folder, capture) with one train and its dark on disk."""
    begun = Capture(1, "cold", 1, time="2026-01-01", dark=True)
    captures.start_capture(path.parent, begun, AXIS, captures.Background(
        np.full(6, 2., np.float32), np.arange(6) == 3))
    tally = Tally(3, 7., dict(Tally().left_out) | {"saturated": 1})
    capture = begun.with_train(tally, 6)
    captures.write_train(
        path.parent, capture, AXIS,
        make_train(7, np.arange(24, dtype=np.uint16).reshape(4, 6)),
        np.arange(4) > 0, tally, {})
    return captures.folder_of(path.parent, capture)


def capture_train(path):
    """A train that the trainer has kept."""
    return captures.trains_of(_capture(path))[0]


def capture_dark(path):
    """The dark of a capture."""
    return _capture(path) / captures.DARK


def snapshot(path):
    """The trains around an event, one of them lost."""
    loaded = recorded_trains.save_model(path.with_suffix(".onnx"))
    context = recorded_trains.context_of(loaded)
    write_snapshot(path, recorded_trains.EVENT, [
        recorded_trains.recorded(context, loaded, 1000),
        recorded_trains.lost(1001),
        recorded_trains.recorded(context, loaded, 1002, dtype=np.float32)])
    return path


def report(path):
    """The data of `train --report`."""
    random = np.random.default_rng(3)
    labels = np.arange(12) % 2
    write_report(path, "training of m-1", {"accuracy": 0.9}, AXIS, tables(
        Evidence(AXIS, CLASSES, random.random((12, 6)), random.random(12),
                 labels, np.arange(12) // 4, np.arange(12),
                 random.dirichlet((1, 1), 12), ((0, 3), (3, 6)),
                 random.random((3, 2)))))
    return path


#: what a reader is shown first, and its dimensions
PLOTS = {labelled: ("entry/data", "intensity", ("index", "energy")),
         from_a_run: ("entry/data", "intensity", ("index", "energy")),
         result: ("entry/result", "label", ("index",)),
         capture_train: ("entry/data", "intensity", ("index", "energy")),
         capture_dark: ("entry/data", "intensity", ("index", "energy")),
         snapshot: ("entry/spectra_0", "spectra", ("index", "two_theta")),
         report: ("entry/mean_spectra", "mean_spectra",
                  ("class", "position"))}
#: kinds with an identifier and a licence of their own
IDENTIFIED = (labelled, from_a_run, result, capture_train, capture_dark)
