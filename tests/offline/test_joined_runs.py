"""A run of two modules, and one with a monitor: the codes of one module."""
import h5py
import numpy as np
import pytest
from extra_data.tests.mockdata.base import DeviceBase
from mock_runs import FIRST, SOURCE, Gotthard2, gotthard_run, write_run
from small_run import CHANNELS, FRAMES, TRAINS, spectra_of, true_labels

from spectra_classifier.core.model_definition import Preprocessing
from spectra_classifier.core.spectra import Code
from spectra_classifier.files.runs.matched_runs import JoinedRun, run_source
from spectra_classifier.files.runs.runs import RunOptions, RunSource
from spectra_classifier.model import load, save

SECOND = "SQS_EXP_GH2-1/DET/RECEIVER"
FOLLOWER = f"{SECOND}:daqOutput"
XGM = "SQS_DIAG1_XGMD/XGM/DOOCS"
HALF = CHANNELS // 2


class Second(Gotthard2):
    """The same detector under another name."""

    def __init__(self, *args):
        super().__init__(*args)
        self.device_id = SECOND


class Monitor(DeviceBase):
    """Pulse energies, more entries than there are pulses."""
    output_channels = ("output/data",)
    instrument_keys = [("intensityTD", "f4", (FRAMES + 4,))]


def split(folder, adc, how, energies=None):
    """A run of two modules with halves of the spectra each."""
    devices = [Gotthard2(FRAMES, HALF), Second(FRAMES, HALF), Monitor(XGM)]
    [path] = write_run(folder, devices, TRAINS)
    halves = ((adc[..., :HALF], adc[..., HALF:]) if how == "appended" else
              (adc[..., ::2], adc[..., 1::2]))
    with h5py.File(path, "r+") as file:
        for source, half in zip((SOURCE, FOLLOWER), halves, strict=True):
            data = file[f"INSTRUMENT/{source}/data"]
            data["adc"][:TRAINS], data["gain"][:TRAINS] = half, 0
            data["memoryCell"][:TRAINS] = 255
            data["frameNumber"][:TRAINS] = np.arange(FRAMES) + 1
            data["bunchId"][:TRAINS] = FIRST + np.arange(TRAINS)[:, None]
        file[f"INSTRUMENT/{XGM}:output/data/intensityTD"][:TRAINS] = (
            1 if energies is None else energies)
    return path


def labels_of(command, model_file, run, output, *options):
    outcome = command("classify", model_file, f"run:{run}", "-o", output,
                      "--source", SOURCE, *options)
    assert outcome.code == 0, outcome.stderr
    with h5py.File(output) as file:
        return (file["entry/result/label"][()],
                file["entry/result/confidence"][()])


@pytest.mark.parametrize("how", ["appended", "interleaved"])
def test_two_modules_give_the_codes_of_one(command, model_file, tmp_path,
                                           how):
    adc = spectra_of(true_labels())
    whole = gotthard_run(tmp_path / "one", adc)
    split(tmp_path / "two", adc, how)
    one = labels_of(command, model_file, whole, tmp_path / "one.h5")
    two = labels_of(command, model_file, tmp_path / "two", tmp_path / "2.h5",
                    "--follower", FOLLOWER, "--follower-join", how)
    np.testing.assert_array_equal(two[0], true_labels().ravel())
    for single, double in zip(one, two, strict=True):
        np.testing.assert_array_equal(double, single)


def test_a_train_that_the_follower_missed_is_bad_data(command, model_file,
                                                      tmp_path):
    path = split(tmp_path / "r", spectra_of(true_labels()), "appended")
    with h5py.File(path, "r+") as file:
        file[f"INDEX/{FOLLOWER}/data/count"][3] = 0
        data = file[f"INSTRUMENT/{FOLLOWER}/data"]
        data["frameNumber"][5, 2] = 0
    expected = true_labels()
    expected[3] = expected[5, 2] = Code.BAD_DATA
    found, _ = labels_of(command, model_file, tmp_path / "r",
                         tmp_path / "r.h5", "--follower", FOLLOWER)
    np.testing.assert_array_equal(found, expected.ravel())
    with h5py.File(tmp_path / "r.h5") as file:
        said = file["entry/process/problems/data"].asstr()[()]
    assert f"{FOLLOWER} has missed this train" in str(said)
    assert str(FIRST + 3) in str(said)


def test_what_is_joined_stands_in_the_provenance(tmp_path):
    path = split(tmp_path / "r", spectra_of(true_labels()), "appended")
    alone = run_source(tmp_path / "r", RunOptions(SOURCE))
    assert isinstance(alone, RunSource)
    joined = run_source(tmp_path / "r", RunOptions(SOURCE,
                                                   follower=FOLLOWER))
    assert isinstance(joined, JoinedRun)
    assert (joined.channels, alone.channels) == (CHANNELS, HALF)
    record = joined.provenance
    assert record["follower"]["source"] == FOLLOWER
    assert record["sha256"] != alone.provenance["sha256"]
    assert path.name == record["files"][0]["name"]


@pytest.fixture
def per_energy(model_file, tmp_path):
    """The model of the run, taught with spectra per pulse energy."""
    from dataclasses import replace
    definition = replace(load(model_file).definition,
                         preprocessing=Preprocessing(
                             normalisation="monitor"))
    path = tmp_path / "monitor.onnx"
    save(path, definition, {"name": "monitor", "licence": "BSD-3-Clause"},
         definition.references)
    return path


def test_a_model_per_energy_gets_spectra_per_energy(command, per_energy,
                                                    tmp_path):
    energies = np.full((TRAINS, FRAMES + 4), 2, np.float32)
    energies[:, ::2] = 4
    energies[4, 1] = 0.1
    adc = spectra_of(true_labels()) * energies[:, :FRAMES, None].astype(
        np.uint16)
    split(tmp_path / "r", adc, "appended", energies)
    options = ("--follower", FOLLOWER, "--monitor", f"{XGM}:output",
               "--min-energy", "0.5")
    found, _ = labels_of(command, per_energy, tmp_path / "r",
                         tmp_path / "r.h5", *options)
    expected = true_labels()
    expected[4, 1] = Code.LOW_INTENSITY
    np.testing.assert_array_equal(found, expected.ravel())


def test_model_and_monitor_have_to_agree(command, per_energy, model_file,
                                         tmp_path):
    split(tmp_path / "r", spectra_of(true_labels()), "appended")
    both = ("-o", tmp_path / "r.h5", "--source", SOURCE, "--follower",
            FOLLOWER)
    monitor = ("--monitor", f"{XGM}:output", "--min-energy", "0.5")
    for model, options, said in (
            (per_energy, (), "takes spectra per pulse energy"),
            (model_file, monitor, "leave out --monitor"),
            (per_energy, monitor[:2], "needs --min-energy"),
            (model_file, ("--follower-join", "beside"), "use one of")):
        outcome = command("classify", model, f"run:{tmp_path / 'r'}", *both,
                          *options)
        assert outcome.code != 0
        assert said in " ".join(outcome.stderr.split())
