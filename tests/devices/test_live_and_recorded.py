"""The worker of the device and `classify`, on the same trains."""
import h5py
import numpy as np
from mock_runs import FIRST, gotthard_run

from spectra_classifier import model
from spectra_classifier.core.spectra import Code
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.configuration.live_model import LiveModel
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from spectra_classifier.offline import classify_run
from tests.devices.fakes import CHANNELS, VALUES, definition, spectra_of

TRAINS, FRAMES = 10, 40


def arrays():
    """Spectra of both classes, some dark, switched or never received."""
    random = np.random.default_rng(4)
    shape = TRAINS, FRAMES, CHANNELS
    kinds = random.integers(0, 2, TRAINS * FRAMES)
    adc = np.concatenate([spectra_of(kind, 1) for kind in kinds])
    adc = random.poisson(adc).astype(np.uint16).reshape(shape)
    adc[:, ::7] = 1
    gain = (random.random(shape) < 0.002).astype(np.uint8)
    return adc, gain, random.random(shape[:2]) < 0.05


def live(path, adc, gain, lost):
    """The results of the device's worker for every train."""
    loaded = model.load(path)
    configuration = build(VALUES, LiveModel(
        str(path), loaded, model.make_engine(loaded, "fused")))
    process = Processor()
    return [process(Incoming(FIRST + number, FRAMES, 0., arrays={
        "data": adc[number], "gain": gain[number],
        "frame_number": np.where(lost[number], 0, np.arange(FRAMES) + 1)}),
        configuration).result for number in range(TRAINS)]


def test_codes_of_the_file_are_those_of_the_beam_bit_by_bit(tmp_path):
    path = tmp_path / "model.onnx"
    model.save(path, definition(), {"name": "m", "licence": "BSD-3-Clause"},
               np.concatenate([spectra_of(0, 2), spectra_of(1, 2)]))
    adc, gain, lost = arrays()
    run = gotthard_run(tmp_path / "r0012", adc, 3, gain=gain, lost=lost)
    classify_run(path, run, tmp_path / "codes.h5", chunk_trains=3)
    results = live(path, adc, gain, lost)
    with h5py.File(tmp_path / "codes.h5") as file:
        entry = file["entry"]
        assert {*entry["result/label"][()].tolist()} >= {
            0, 1, Code.LOW_INTENSITY, Code.SATURATED, Code.BAD_DATA}
        for group, name, attribute in (
                ("result", "label", "label"),
                ("result", "confidence", "confidence"),
                ("result", "residual", "residual"),
                ("result", "intensity", "intensity"),
                ("result", "pulse_id", "pulse_ids"),
                ("scores", "scores", "scores"),
                ("scores", "mixture", "mixture")):
            np.testing.assert_array_equal(
                entry[f"{group}/{name}"],
                np.concatenate([getattr(r, attribute) for r in results]),
                err_msg=name)
