"""What a trainer does behind its slots, without a broker."""
import asyncio
import logging
from types import SimpleNamespace

import numpy as np
import pytest
from karabo.middlelayer import Hash, State

from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
    Source,
)
from spectra_classifier.devices.spectra_trainer.actions import TrainerActions
from spectra_classifier.devices.spectra_trainer.capture_recorder import (
    Recorder,
)
from spectra_classifier.devices.spectra_trainer.session import Session

TRAINS = 4


class Desk(TrainerActions):
    """The properties of a trainer that takes a capture."""

    def __init__(self, directory):
        self._session = Session(directory)
        self._queue = None
        self.captureDirectory = SimpleNamespace(value=str(directory))
        self.source = SimpleNamespace(timeout=SimpleNamespace(value=0.05))
        self.captures = SimpleNamespace()
        self.logger = logging.getLogger("trainer")
        self.logger.setLevel(logging.CRITICAL + 1)
        self._preparation = object()
        self.state, self.status = State.ACQUIRING, ""

    def show_map(self):
        """It has none."""

    def record(self, name, *chunks):
        """(number, sentence) of a capture of what the source sends."""
        session = self._session
        capture = session.next_capture(name, TRAINS)

        async def work():
            self._queue = asyncio.Queue()
            for train_id, data in enumerate(chunks, 1):
                self._queue.put_nowait((train_id, data))
            await self._record(Recorder(
                session.directory, capture, session.captures, Source(),
                AxisSettings(), -1.))
        with asyncio.Runner(
                loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(work())
        assert self.state == State.ON
        return capture.number, self.status


def chunk(**more):
    return Hash("data", Hash("adc", np.tile(
        np.array([499, 501], np.uint16), (8, 8)) + (
        np.arange(8, dtype=np.uint16)[:, None]), *[
            item for pair in more.items() for item in pair]))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_capture_that_is_whole(desk):
    assert desk.record("solid", *[chunk()] * 4) == (
        1, "capture 1 of 'solid': done")


def test_a_source_that_dies(desk):
    _, words = desk.record("solid", chunk())
    assert "the source is gone" in words
    assert not desk._session.captures[0].kept


def test_an_error_that_nobody_has_foreseen_is_shown_with_its_capture(
        desk, monkeypatch):
    desk.record("solid", *[chunk()] * 4)
    taken = Recorder.take

    def surprise(self, train_id, data):
        if self.capture.trains == 2:
            raise ZeroDivisionError("a surprise")
        return taken(self, train_id, data)

    monkeypatch.setattr(Recorder, "take", surprise)
    _, words = desk.record("liquid", *[chunk()] * 4)
    assert words == ("capture 2 of 'liquid': capture has failed: "
                     "ZeroDivisionError: a surprise")
    monkeypatch.setattr(Recorder, "take", taken)
    for name in "liquid", "gas":
        number, words = desk.record(name, *[chunk()] * 4)
        assert words == f"capture {number} of {name!r}: done"
    assert [(each.number, each.kept) for each in desk._session.captures] == [
        (1, True), (2, False), (3, True), (4, True)]
    assert len(desk.captures.current) == 4
    found = Session(desk.captureDirectory.value)
    assert [(each.number, each.kept) for each in found.captures] == [
        (1, True), (2, False), (3, True), (4, True)]


def test_a_class_can_be_captured_again_after_a_first_write_that_failed(
        desk, monkeypatch):
    path = ("spectra_classifier.devices.spectra_trainer.capture_recorder."
            "write_train")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(path, full)
        assert "No space left" in desk.record("solid", chunk())[1]
    assert desk.record("solid", *[chunk()] * 4) == (
        1, "capture 1 of 'solid': done")
