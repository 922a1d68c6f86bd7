"""Runs with a bunch pattern: the codes of the live device."""
import h5py
import numpy as np
import pytest
from extra_data.tests.mockdata.base import DeviceBase
from mock_runs import FIRST, SOURCE, Gotthard2, write_run
from small_run import CHANNELS, FRAMES, TRAINS, spectra_of, true_labels

from spectra_classifier.core.spectra import Code
from spectra_classifier.files.runs.matched_runs import JoinedRun
from spectra_classifier.files.runs.runs import RunOptions

CLOCK = "SQS_RR_UTC/TSYS/TIMESERVER"
TABLE = f"{CLOCK}:outputBunchPattern"
DECODER = "SQS_RR_SYS/MDL/PULSE_PATTERN_DECODER"
XGM = "SQS_DIAG1_XGMD/XGM/DOOCS"
#: destination and deflection of SASE 3
SA3 = 4 << 18 | 1 << 27
PLACES = 2700
#: pulses of the trains, in turn; the first frame is at place 10
PATTERNS = (range(10, 10 + FRAMES), range(10, 10 + FRAMES, 2), (12,), ())


class TimeServer(DeviceBase):
    """As European-XFEL/EXtra 21a663d, tests/mockdata/timeserver.py, has it.
    """
    output_channels = ("outputBunchPattern/data",)
    instrument_keys = [("bunchPatternTable", "u4", (PLACES,))]


class Decoder(DeviceBase):
    """From the same file."""
    control_keys = [(f"sase3/{name}", "i4", shape) for name, shape in (
        ("pulseIds", (PLACES,)), ("nPulses", ()))]


class Xgm(DeviceBase):
    """One value for each X-ray pulse, and then 1."""
    output_channels = ("output/data",)
    instrument_keys = [("intensitySa3TD", "f4", (1000,))]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    [path] = write_run(folder, [
        Gotthard2(FRAMES, CHANNELS), TimeServer(CLOCK), Decoder(DECODER),
        Xgm(XGM)], TRAINS)
    with h5py.File(path, "r+") as file:
        data = file[f"INSTRUMENT/{SOURCE}/data"]
        data["adc"][:TRAINS] = spectra_of(true_labels())
        data["gain"][:TRAINS] = 0
        data["memoryCell"][:TRAINS] = 255
        data["frameNumber"][:TRAINS] = np.arange(FRAMES) + 1
        data["bunchId"][:TRAINS] = FIRST
        table = file[f"INSTRUMENT/{TABLE}/data/bunchPatternTable"]
        lists = file[f"CONTROL/{DECODER}/sase3"]
        energy = file[f"INSTRUMENT/{XGM}:output/data/intensitySa3TD"]
        for train in range(TRAINS):
            places = list(PATTERNS[train % len(PATTERNS)])
            row, ids = np.zeros(PLACES, np.uint32), np.zeros(PLACES, int)
            row[places] = SA3
            ids[:len(places)] = places
            table[train], lists["pulseIds/value"][train] = row, ids
            lists["nPulses/value"][train] = len(places)
            energy[train] = 1
            energy[train, :len(places)] = 100 + np.arange(len(places))
    return folder


def expected():
    codes = np.full((TRAINS, FRAMES), int(Code.LOW_INTENSITY))
    for train in range(TRAINS):
        frames = [place - 10 for place in PATTERNS[train % len(PATTERNS)]]
        codes[train, frames] = true_labels()[train, frames]
    return codes


def labels_of(command, model_file, run, output, *options):
    outcome = command("classify", model_file, f"run:{run}", "-o", output,
                      "--source", SOURCE, *options)
    assert outcome.code == 0, outcome.stderr
    with h5py.File(output) as file:
        return file["entry/result/label"][()].reshape(TRAINS, FRAMES)


@pytest.mark.parametrize("source", [TABLE, DECODER])
def test_frames_without_xrays_have_no_beam(command, model_file, run, tmp_path,
                                           source):
    found = labels_of(command, model_file, run, tmp_path / "codes.h5",
                      "--bunch-pattern", source, "--branch", "SA3",
                      "--first-place", "10")
    np.testing.assert_array_equal(found, expected())


def test_a_pattern_that_contradicts_the_frames_changes_nothing(
        command, model_file, run, tmp_path):
    """As live: the codes do not rest on a pattern that cannot be."""
    found = labels_of(command, model_file, run, tmp_path / "codes.h5",
                      "--bunch-pattern", TABLE, "--branch", "SA3",
                      "--first-place", "5000")
    dark = [train for train in range(TRAINS)
            if not PATTERNS[train % len(PATTERNS)]]
    whole = true_labels().copy()
    whole[dark] = Code.LOW_INTENSITY        # no pulse contradicts nothing
    np.testing.assert_array_equal(found, whole)


@pytest.mark.parametrize("source", [TABLE, DECODER])
def test_energies_go_by_the_number_of_the_pulse(run, source):
    joined = JoinedRun(run, RunOptions(
        SOURCE, monitor=f"{XGM}:output", monitor_key="data.intensitySa3TD",
        min_energy=50., pattern=source, branch="SA3", first_place=10))
    for train in range(TRAINS):
        frames = [place - 10 for place in PATTERNS[train % len(PATTERNS)]]
        energy = np.full(FRAMES, np.nan)
        energy[frames] = 100 + np.arange(len(frames))
        np.testing.assert_array_equal(joined.beam(train).energy, energy)
    wrong = JoinedRun(run, RunOptions(
        SOURCE, monitor=f"{XGM}:output", monitor_key="data.intensitySa3TD",
        min_energy=50., pattern=source, branch="SA3", first_place=5000))
    assert wrong.beam(0) is None


@pytest.mark.parametrize(("options", "said"), [
    (["--branch", "SA9"], "--branch SA9: use one of SA1, SA2, SA3"),
    (["--frames", "all"], "--frames all: use one of one per bunch place"),
    (["--bunch-pattern", "NO/SUCH/SOURCE"], "NO/SUCH/SOURCE")])
def test_options_that_cannot_be_are_refused(command, model_file, run,
                                            tmp_path, options, said):
    outcome = command("classify", model_file, f"run:{run}", "-o",
                      tmp_path / "codes.h5", "--source", SOURCE, *options)
    assert outcome.code != 0
    assert said in outcome.stderr
