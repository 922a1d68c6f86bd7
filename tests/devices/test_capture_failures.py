"""Captures when the disk, the source or the process fails, at any point.

What is shown is what is on disk, numbers are given once, and no capture that
was good is lost.
"""
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from karabo.middlelayer import Hash, decodeBinary, encodeBinary

from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
    Source,
)
from spectra_classifier.devices.spectra_trainer.capture_recorder import (
    Recorder,
)
from spectra_classifier.devices.spectra_trainer.session import Session
from spectra_classifier.errors import InputError, SpectraError
from tests.broker.classifier_bench import array_hash

#: what the interpreter says before it touches a file system
TOUCHING = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}
#: more of them than a capture has
MANY = 20
TRAINS = 4


class Killed(BaseException):
    """The process has ended here: nothing that follows is done."""


class Disk:
    """Lets the use of the file system fail, from one point on or once."""

    def __init__(self):
        self.folder, self.left, self.error, self.once = "", None, None, True
        sys.addaudithook(self._hook)    # stays for good, and does nothing

    def _hook(self, event, args):
        if self.left is None or event not in TOUCHING or (
                self.folder not in str(args[0])):
            return
        self.left -= 1
        if self.left < 0:
            error = self.error
            if self.once:
                self.left = None
            raise error

    def fail(self, folder, after, error, once):
        self.folder, self.left = folder, after
        self.error, self.once = error, once

    def mend(self):
        self.left = None


DISK = Disk()


def sent(array):
    """As it comes out of a channel."""
    return decodeBinary(encodeBinary(Hash("data.adc", array_hash(array))))


def chunk(pulses=8):
    return sent(np.arange(pulses * 16, dtype=np.uint16).reshape(
        pulses, 16) + 500)


class Captures(RuleBasedStateMachine):
    """Takes captures as the trainer does."""

    @initialize()
    def begin(self):
        self._folder = tempfile.TemporaryDirectory()
        self.directory = self._folder.name
        self.session = Session(self.directory)
        self.good, self.given, self.discarded = set(), [], set()

    def teardown(self):
        DISK.mend()
        self._folder.cleanup()

    def _capture(self, name, chunks, marking=None):
        """A capture from these chunks; `marking`: how much of the file system
        may be used for its mark."""
        capture = self.session.next_capture(name, TRAINS)
        recorder = Recorder(self.directory, capture, self.session.captures,
                            Source(dark=np.zeros(16, np.float32)),
                            AxisSettings(), -1.)
        problem = ""
        for train_id, data in enumerate(chunks, 1):
            try:
                recorder.take(train_id, data)
            except SpectraError as error:
                problem = str(error)
                break
            except Exception as error:
                problem = repr(error)
                break
        if recorder.capture.trains < TRAINS:
            problem = problem or "the source is gone"
        add = partial(self.session.add, recorder.capture, problem)
        kept = add() if marking is None else with_failure(
            self.directory, marking, OSError(28, "No space left"), False, add)
        if kept.trains:
            self.given.append((kept.number, name))
        return kept

    @rule(name=st.sampled_from(["solid", "Solid", "liquid", "größer/so"]))
    def good_capture(self, name):
        kept = self._capture(name, [chunk()] * TRAINS)
        assert kept.kept and not kept.problem
        self.good.add((kept.number, name))

    @rule(name=st.sampled_from(["solid", "liquid"]),
          after=st.integers(0, TRAINS - 1),
          bad=st.sampled_from([
              None, Hash("data.adc", "text"), Hash(),
              sent(np.zeros((4, 17), np.uint16)),
              sent(np.zeros((0, 16), np.uint16))]))
    def bad_source(self, name, after, bad):
        self._capture(name, [chunk()] * after + (
            [] if bad is None else [bad] * (TRAINS - after)))

    @rule(name=st.sampled_from(["solid", "liquid"]),
          after=st.integers(0, MANY), once=st.booleans())
    def full_disk(self, name, after, once):
        with_failure(self.directory, after, OSError(
            28, "No space left on device"), once, lambda: self._capture(
                name, [chunk()] * TRAINS))

    @rule(name=st.sampled_from(["solid", "liquid"]),
          after=st.integers(0, MANY))
    def killed(self, name, after):
        try:
            with_failure(self.directory, after, Killed(), False,
                         lambda: self._capture(name, [chunk()] * TRAINS))
        except Killed:
            self.session = Session(self.directory)
            # what the process had written has come to light
            known = {(n, c) for n, c in self.given}
            self.given += [(each.number, each.sample_class)
                           for each in self.session.captures
                           if (each.number, each.sample_class) not in known]

    @rule(after=st.none() | st.integers(0, 6))
    def discard_last(self, after):
        before = self.session.kept
        try:
            if after is None:
                last = self.session.discard_last()
            else:
                last = with_failure(
                    self.directory, after, OSError(28, "No space left"),
                    False, self.session.discard_last)
        except InputError:
            assert not before
            return
        except (OSError, SpectraError):
            assert self.session.kept == before
            return
        assert (last.number, last.sample_class) == (
            before[-1].number, before[-1].sample_class)
        assert self.session.kept == before[:-1]
        self.discarded.add((last.number, last.sample_class))

    @rule()
    def reload(self):
        self.session = Session(self.directory)

    @invariant()
    def what_is_shown_is_on_disk(self):
        found = Session(self.directory)
        assert found.problems == []
        assert facts(found.captures) == facts(self.session.captures)

    @invariant()
    def numbers_are_given_once(self):
        numbers = [number for number, _ in self.given]
        assert len(set(numbers)) == len(numbers)
        shown = [each.number for each in self.session.captures]
        assert sorted(shown) == sorted(numbers)

    @invariant()
    def no_good_capture_is_lost(self):
        kept = {(each.number, each.sample_class): each
                for each in self.session.kept}
        for key in self.good - self.discarded:
            assert kept[key].complete


def facts(captures):
    return [(each.number, each.sample_class, each.trains, each.kept,
             each.tally.used) for each in captures]


def with_failure(folder, after, error, once, work):
    DISK.fail(str(Path(folder)), after, error, once)
    try:
        return work()
    finally:
        DISK.mend()


@pytest.mark.parametrize("after", range(5))
def test_a_mark_that_fails_is_shown_as_it_is_on_disk(after):
    """At any point, also when it is written and not yet synchronised."""
    captures = Captures()
    captures.begin()
    try:
        captures._capture("solid", [chunk()], marking=after)
        captures.what_is_shown_is_on_disk()
    finally:
        captures.teardown()


TestCaptures = Captures.TestCase
TestCaptures.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None)
