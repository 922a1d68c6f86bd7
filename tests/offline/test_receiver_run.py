"""A run as the receiver of a Gotthard-II writes it, classified like live."""
from dataclasses import replace

import h5py
import numpy as np
import pytest
from mock_runs import SOURCE, Gotthard2, write_run

from spectra_classifier import model
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.memory_cells import Darks
from spectra_classifier.core.spectra import Code
from spectra_classifier.files.runs.run_dataset import dark_of_run, read_run
from spectra_classifier.files.runs.runs import RunOptions
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.configuration.live_model import LiveModel
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from spectra_classifier.offline import Job, analyse
from spectra_classifier.offline.job import open_source
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import REALISTIC
from spectra_classifier.simulation.stream.faults import message
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from tests.devices.fakes import VALUES

FIRST, TRAINS, FRAMES, CHANNELS = 2_500_000_000, 6, 80, 256
DETECTOR = replace(REALISTIC, lost_share=0.03, cell_pedestal=60.,
                   dead_strips=0, photons=400.)


@pytest.fixture(scope="module")
def source():
    return GotthardSource(DETECTOR, "redistribution", 3, FIRST,
                          channels=CHANNELS, receiver=True)


def written(folder, messages):
    """A run of these messages; returns its folder."""
    [path] = write_run(folder, [Gotthard2(FRAMES, CHANNELS)], len(messages),
                       first=FIRST)
    with h5py.File(path, "r+") as file:
        data = file[f"INSTRUMENT/{SOURCE}/data"]
        for row, sent in enumerate(messages):
            for name, array in sent.arrays.items():
                if name in data:
                    data[name][row] = array
    return folder


@pytest.fixture(scope="module")
def runs(source, tmp_path_factory):
    """(truths, messages, run, dark run)"""
    folder = tmp_path_factory.mktemp("runs")
    states = np.random.default_rng(2).integers(0, 2, (TRAINS, FRAMES))
    made = [source.train(FIRST + number, FRAMES, coordinate=states[number])
            for number in range(TRAINS)]
    dark = [message(source.train(FIRST + 50 + number, FRAMES, light=False))
            for number in range(TRAINS)]
    sent = [message(each) for each in made]
    # frames were lost in the middle of most trains
    assert sum(not each.arrays["frameNumber"].all() for each in sent) > 3
    return (made, sent, written(folder / "r0001", sent),
            written(folder / "r0002", dark))


@pytest.fixture(scope="module")
def model_path(source, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    train(take_captures(source, captures=2), TrainingOptions(
        members="linear", seed=1)).save(path)
    return path


def test_a_dark_run_shows_both_kinds_of_cells(source, runs):
    darks, _ = dark_of_run(runs[3])
    assert np.abs(darks.rows - source.darks).mean() < 6
    assert np.corrcoef(darks.cells, source.darks[0] - source.dark)[0, 1] > 0.99


def test_codes_of_the_run_are_those_of_the_beam(model_path, runs, tmp_path):
    made, sent, run, dark_run = runs
    darks, _ = dark_of_run(dark_run)
    loaded, data = model.load(model_path), f"run:{run}"
    opened = open_source(data, RunOptions())
    job = Job.of(model_path, data, opened, Settings(
        dark=darks.mean, cells=darks.cells))
    analyse(job, opened, tmp_path / "codes.h5", loaded, {})
    configuration = build(
        dict(VALUES) | {"minIntensity": -1., "dark.rows": 2,
                        "dark.spectrum": tuple(
                            darks.rows.ravel().tolist())}, LiveModel(
                str(model_path), loaded, model.make_engine(loaded, "fused")))
    process = Processor()
    live = [process(Incoming(each.train_id, FRAMES, 0., arrays={
        "data": each.arrays["adc"], "gain": each.arrays["gain"],
        "frame_number": each.arrays["frameNumber"]}), configuration)
        for each in sent]
    assert {outcome.remark for outcome in live} == {""}
    with h5py.File(tmp_path / "codes.h5") as file:
        result = file["entry/result"]
        for name, attribute in (("label", "label"), ("pulse_id", "pulse_ids"),
                                ("intensity", "intensity")):
            np.testing.assert_array_equal(result[name], np.concatenate(
                [getattr(each.result, attribute) for each in live]),
                err_msg=name)
        # a code is that of the row in the file that its spectrum is in
        rows, labels = result["index"][()], result["label"][()]
    assert sorted(rows) == list(range(TRAINS * FRAMES))
    filled = np.concatenate([each.arrays["frameNumber"] > 0 for each in sent])
    np.testing.assert_array_equal(labels == Code.BAD_DATA, ~filled[rows])
    truth = np.concatenate([each.label for each in made])
    judged = (labels >= 0) & (truth >= 0)
    assert judged.sum() > 200
    assert (labels == truth)[judged].mean() > 0.98


def test_spectra_of_a_run_are_levelled_and_keep_their_rows(source, runs):
    made, sent, run, _ = runs
    darks = Darks.of(source.darks, CHANNELS)
    data = read_run(run, darks=darks)
    signal = np.concatenate([source.signal(each) for each in made])
    used = np.concatenate([
        (each.frame > 0) & ~each.gain.any(axis=1) for each in made])
    np.testing.assert_allclose(data.spectra - darks.mean, signal[used],
                               atol=1e-3)
    raw = np.concatenate([each.arrays["adc"] for each in sent])
    np.testing.assert_allclose(data.spectra, raw[data.indices], atol=300)
    np.testing.assert_array_equal(read_run(run).spectra, raw[data.indices])


def test_from_the_command_line(command, model_path, runs, tmp_path):
    """The preset names the keys; the dark run both kinds of cells."""
    _, _, run, dark_run = runs
    words = (f"run:{run}", "--dark", f"run:{dark_run}", "--preset")
    done = command("classify", model_path, *words, "gotthard2 receiver", "-o",
                   tmp_path / "codes.h5", "--json")
    assert done.code == 0, done.stderr
    darks, _ = dark_of_run(dark_run)
    opened = open_source(f"run:{run}", RunOptions.of_preset(
        "gotthard2 receiver"))
    job = Job.of(model_path, f"run:{run}", opened, Settings(
        dark=darks.mean, cells=darks.cells))
    analyse(job, opened, tmp_path / "same.h5", model.load(model_path), {})
    with (h5py.File(tmp_path / "codes.h5") as one,
          h5py.File(tmp_path / "same.h5") as other):
        for name in "label", "intensity", "index":
            np.testing.assert_array_equal(one[f"entry/result/{name}"],
                                          other[f"entry/result/{name}"])
    assert command("convert", *words, "gotthard2 receiver", "-o",
                   tmp_path / "data.npz").code == 0
    with np.load(tmp_path / "data.npz") as found:
        expected = read_run(run, darks=darks).spectra - darks.mean
        np.testing.assert_allclose(found["Y"], expected, atol=1e-3)
    wrong = command("classify", model_path, *words, "camera", "-o",
                    tmp_path / "no.h5")
    assert wrong.code == 2
    assert "image to spectrum" in wrong.stderr
