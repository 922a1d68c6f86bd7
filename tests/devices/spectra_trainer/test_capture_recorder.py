"""Trains become captures; what cannot be one says why."""
from collections import namedtuple

import h5py
import numpy as np
import pytest
from karabo.middlelayer import Hash

from spectra_classifier.core.capture import Capture
from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
    Source,
)
from spectra_classifier.devices.spectra_trainer import capture_recorder
from spectra_classifier.devices.spectra_trainer.capture_recorder import (
    Recorder,
)
from spectra_classifier.errors import (
    ConfigurationError,
    DataFileError,
    InputError,
)
from spectra_classifier.files.atomic import check_folder
from spectra_classifier.files.captures import (
    find_captures,
    folder_of,
    read_background,
    trains_of,
)

CHANNELS = 16


def chunk(pulses=8, channels=CHANNELS, level=500, **more):
    adc = np.full((pulses, channels), level, np.uint16)
    adc += np.arange(pulses, dtype=np.uint16)[:, None]
    adc[:, ::2] += 1
    adc[:, 1::2] -= 1
    return Hash("data", Hash("adc", adc, *[
        item for pair in more.items() for item in pair]))


def recorder(folder, number=1, others=(), cut=-1., **source):
    return Recorder(folder, Capture(number, "solid", 3), others,
                    Source(**source), AxisSettings(), cut)


def test_three_trains_make_a_capture(tmp_path):
    one = recorder(tmp_path)
    for train in range(3):
        assert one.take(100 + train, chunk())
    assert one.capture.trains == 3 and one.capture.tally.used == 24
    (found,), _ = find_captures(tmp_path)
    assert found.complete and found.tally.used == 24


def test_a_train_that_comes_twice_counts_once(tmp_path):
    one = recorder(tmp_path)
    assert one.take(100, chunk()) and not one.take(100, chunk())
    assert one.take(0, chunk()) and one.take(0, chunk())    # no train ids
    assert one.capture.trains == 3


def test_frames_that_never_came_and_switched_strips_do_not_teach(tmp_path):
    gain = np.zeros((8, CHANNELS), np.uint8)
    gain[2, 4] = 1
    frames = np.arange(1, 9, dtype=np.uint64)
    frames[5] = 0
    one = recorder(tmp_path)
    one.take(1, chunk(gain=gain, frameNumber=frames,
                      memoryCell=np.full(8, 255, np.uint8),
                      bunchId=np.full(8, 2_800_000_000, np.uint64)))
    assert one.capture.tally.used == 6
    assert one.capture.tally.left_out["saturated"] == 1
    assert one.capture.tally.left_out["bad data"] == 1


def test_two_darks_become_one_before_a_train_teaches(tmp_path):
    cells = 40 * np.resize([1, -1, -1, 1], CHANNELS).astype(np.float32)
    dark = np.full(CHANNELS, 400., np.float32)
    one = recorder(tmp_path, dark=np.stack([dark + cells, dark - cells]),
                   origin="c")
    train = chunk(20)
    adc = train["data.adc"].astype(np.float64)
    sign = np.where(np.arange(20) % 2, -1, 1)[:, None]
    train["data.adc"] = (adc + sign * cells).astype(np.uint16)
    one.take(1, train)
    (found,), _ = find_captures(tmp_path)
    np.testing.assert_array_equal(
        read_background(folder_of(tmp_path, found)).dark, dark)
    path, = trains_of(folder_of(tmp_path, found))
    with h5py.File(path) as file:
        np.testing.assert_allclose(file["entry/data/intensity"], adc)


def test_the_dark_of_the_classifier_goes_with_it(tmp_path):
    dark = np.full(CHANNELS, 400., np.float32)
    one = recorder(tmp_path, dark=dark, strips=(3,), origin="c")
    one.take(1, chunk())
    assert one.capture.dark
    assert one.capture.tally.intensity == pytest.approx(103.5 + 1 / 15)
    found = read_background(tmp_path / "0001_solid")
    assert found.dark.tolist() == dark.tolist()
    assert np.flatnonzero(found.masked).tolist() == [3]


def test_a_dark_of_another_detector_is_refused(tmp_path):
    one = recorder(tmp_path, dark=np.zeros(9, np.float32), origin="c")
    with pytest.raises(InputError, match=r"dark spectrum .* of c do not"):
        one.take(1, chunk())
    assert list(tmp_path.iterdir()) == []


def test_another_number_of_channels_is_refused(tmp_path):
    before = recorder(tmp_path)
    before.take(1, chunk())
    one = recorder(tmp_path, 2, (before.capture,))
    with pytest.raises(InputError, match="12 channels, but capture 1"):
        one.take(2, chunk(channels=12))
    assert not (tmp_path / "0002_solid").exists()
    with pytest.raises(InputError, match="12 channels, but capture 1"):
        # also in the middle of a capture
        recorder(tmp_path, 3, (before.capture,)).take(3, chunk(channels=12))


def test_a_change_of_channels_within_a_capture_is_refused(tmp_path):
    one = recorder(tmp_path)
    one.take(1, chunk())
    with pytest.raises(InputError, match="12 channels, but capture 1"):
        one.take(2, chunk(channels=12))


def test_a_disk_that_is_nearly_full_is_refused(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(capture_recorder.shutil, "disk_usage",
                        lambda _: usage(1, 1, 1000))
    with pytest.raises(DataFileError, match=r"disk of .* is full"):
        recorder(tmp_path).take(1, chunk())


def test_a_disk_that_fills_up_is_named(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(capture_recorder, "write_train", full)
    with pytest.raises(DataFileError, match="No space left"):
        recorder(tmp_path).take(1, chunk())


REFUSED = [
    ("", "is empty"), ("here", "absolute path"), ("/no/such", "absolute"),
    ("/tmp\0", "absolute path")]


def test_folders_that_are_refused(subtests):
    for text, words in REFUSED:
        with subtests.test(text=text), \
                pytest.raises(ConfigurationError, match=words):
            check_folder("captureDirectory", text)
