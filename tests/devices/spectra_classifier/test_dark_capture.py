"""The dark of a device: captured, judged, kept, watched."""
import asyncio
import logging
from types import SimpleNamespace

import numpy as np
import pytest

from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.devices.spectra_classifier.dark_capture import (
    DarkKeeper,
)
from spectra_classifier.devices.spectra_classifier.properties.dark import (
    DarkNode,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.files.dark import read_dark
from tests.devices.fakes import CHANNELS, live_model

PEDESTAL = 500 + np.arange(CHANNELS) % 7


class Rig:
    """A keeper with a device and a stream that hold still."""

    def __init__(self, folder, dark=(), model=True):
        self.path = folder / "dark.npz"
        self.shown, self.changes = {}, []
        live = live_model() if model else None
        self.device = SimpleNamespace(
            deviceId="a/b/c", logger=logging.getLogger("dark"),
            dark=DarkNode({"path": str(self.path), "trains": 4,
                           "spectrum": list(dark)}))
        self.stream = SimpleNamespace(
            processor=SimpleNamespace(dark_sum=None), preview=None,
            flow=SimpleNamespace(configuration=SimpleNamespace(
                model=live, settings=Settings(), channels=CHANNELS)))
        self.keeper = DarkKeeper(self.device, self.stream, self.shown.update,
                                 self.reconfigure)

    async def reconfigure(self, values):
        self.changes.append(values)
        self.device.dark.spectrum = values["dark.spectrum"]
        self.device.dark.rows = values["dark.rows"]

    def capture(self, light=0., trains=4, cells=0.):
        """Capture from frames with so much light of the first class.

        `cells`: by how much even memory cells lie above the pedestal.
        """
        self.keeper.begin()
        random = np.random.default_rng(5)
        shape = self.stream.flow.configuration.model.definition.references[0]
        for number in range(trains):
            energy = random.gamma(4, 0.25, (50, 1))
            sign = np.where(np.arange(50) % 2, -1, 1)[:, None]
            self.stream.processor.dark_sum.add(make_train(number, (
                PEDESTAL + sign * cells
                + 3 * random.standard_normal((50, CHANNELS))
                + light * energy * shape).astype(np.float32)))
        asyncio.run(self.keeper.finish())


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


def test_it_comes_into_force_and_is_kept(rig, tmp_path):
    rig.capture()
    np.testing.assert_allclose(
        rig.changes[0]["dark.spectrum"], PEDESTAL, atol=1.5)
    assert "captured from 200 frames of 4 trains" in rig.shown["dark.status"]
    assert rig.shown["dark.age"] >= 0
    assert rig.shown["dark.trainId"] == 3
    assert not rig.keeper.busy
    np.testing.assert_allclose(read_dark(rig.path).mean, PEDESTAL, atol=1.5)
    # after a restart
    again = Rig(tmp_path)
    again.keeper.restore()
    np.testing.assert_array_equal(again.device.dark.spectrum.value,
                                  read_dark(rig.path).mean)


def test_both_kinds_of_memory_cells_are_kept(rig, tmp_path):
    cells = 12 * np.resize([1, -1, -1, 1], CHANNELS)
    rig.capture(cells=cells)
    values = rig.changes[0]["dark.spectrum"]
    np.testing.assert_allclose(
        values, np.concatenate([PEDESTAL + cells, PEDESTAL - cells]), atol=2)
    assert "even and odd memory cells" in rig.shown["dark.status"]
    assert rig.shown["dark.age"] >= 0
    again = Rig(tmp_path)
    again.keeper.restore()
    np.testing.assert_array_equal(
        again.device.dark.spectrum.value, np.asarray(values, np.float32))


def test_a_spectrum_is_refused(rig):
    rig.capture(light=20.)
    assert rig.changes == []
    assert "refused: it fluctuates like 'low'" in rig.shown["dark.status"]
    assert not rig.path.exists()
    assert not rig.keeper.busy


def test_what_is_configured_wins_over_what_was_kept(rig, tmp_path):
    rig.capture()
    again = Rig(tmp_path, dark=[1.] * CHANNELS)
    again.keeper.restore()
    assert list(again.device.dark.spectrum.value) == [1.] * CHANNELS


def test_a_broken_file_does_not_stop_the_start(rig):
    rig.path.write_bytes(b"rubbish")
    rig.keeper.restore()
    assert len(rig.device.dark.spectrum.value) == 0


def test_one_at_a_time(rig):
    rig.keeper.begin()
    with pytest.raises(ConfigurationError, match="already"):
        rig.keeper.begin()


def test_it_needs_a_model(tmp_path):
    with pytest.raises(ConfigurationError, match="no model is live"):
        Rig(tmp_path, model=False).keeper.begin()


def test_a_dark_is_not_judged_by_another_model(rig):
    rig.keeper.begin()
    rig.stream.flow.configuration.model = live_model()
    rig.stream.processor.dark_sum.trains = 4
    asyncio.run(rig.keeper.finish())
    assert rig.changes == []
    assert "the model has changed meanwhile" in rig.shown["dark.status"]


def test_a_source_that_is_gone(rig, monkeypatch):
    monkeypatch.setattr(
        "spectra_classifier.devices.spectra_classifier.dark_capture.PATIENCE",
        0.2,
    )
    rig.capture(trains=2)
    assert "no train came for 0.2 s, after 2 of 4" in rig.shown["dark.status"]
    assert not rig.keeper.busy


def test_a_disk_that_is_full(rig, monkeypatch):
    def full(path, dark):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(
        "spectra_classifier.devices.spectra_classifier.dark_capture.write_dark",
        full,
    )
    rig.capture()
    # it is in force all the same, and says that it is not kept
    assert len(rig.changes) == 1
    assert "captured" in rig.shown["dark.status"]
    assert "lost with the next restart" in rig.shown["dark.status"]


def test_an_old_dark_is_a_problem(rig):
    rig.capture()
    assert rig.keeper.problem == ""
    rig.device.dark.maxAge = 60.
    rig.keeper._stored = SimpleNamespace(
        created=0., train_id=3, is_in_force=lambda values: True)
    rig.keeper._look()
    assert "record it again" in rig.keeper.problem
    assert rig.keeper.problem in rig.shown["dark.status"]


def test_a_dark_that_no_longer_fits_is_a_problem(rig):
    rig.capture()
    for number in range(9):
        rig.stream.preview = SimpleNamespace(dark_offset=8. + number / 10)
        rig.keeper._look()
    assert "no longer fits" in rig.keeper.problem
    assert rig.shown["dark.offset"] == pytest.approx(8.4)
