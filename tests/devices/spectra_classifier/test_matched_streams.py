"""Trains joined with a second module, monitor and shutter; no broker."""
from types import SimpleNamespace

import numpy as np
import pytest
from karabo.middlelayer import Hash

from spectra_classifier.core.decision.presence import (
    BEAM,
    NO_BEAM,
    NOT_KNOWN,
    SAMPLE_GONE,
)
from spectra_classifier.core.model_definition import Preprocessing
from spectra_classifier.core.trains import train_matcher as reasons
from spectra_classifier.core.trains.accounting import Tally
from spectra_classifier.devices.classifier_base.property_values import (
    tally_rows,
)
from spectra_classifier.devices.common.decoding import Reader, read_incoming
from spectra_classifier.devices.spectra_classifier.matched_streams import (
    MatchedStreams,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.matched_parts import MatchSettings
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Fate, labels_of
from spectra_classifier.live.stream_state import StreamState
from tests.core.preprocessing.test_detector_modules import split
from tests.devices.fakes import CHANNELS, VALUES, live_model, spectra_of

MONITOR = {"joining.energyPath": "data.energy", "joining.minPulseEnergy": 1.}
SHUTTER = {"joining.shutterPath": "data.open"}
FIRST = 1000


class Line:
    """From the handlers to the decision, with a clock that is told."""

    most = 100      # pulses of a train

    def __init__(self, **changes):
        self.now = 100.
        self.timers = []
        self.outcomes = []
        self.flow = StreamState(lambda: self.now, lambda: self.now)
        self.processor = Processor(lambda: self.now)
        self.partners = MatchedStreams(
            self.flow, self._process, self._later, lambda: self.now)
        self.configure(**changes)

    def configure(self, **changes):
        configuration = build(VALUES | changes, live_model())
        self.partners.configure(configuration)
        self.configuration = configuration
        self.reader = Reader(self.configuration.layout)
        self.flow.submit(self.configuration)
        self.flow.commit(self.configuration)

    def _later(self, seconds, function):
        self.timers.append((self.now + seconds, function))

    def wait(self, seconds):
        self.now += seconds
        due = [item for item in self.timers if item[0] <= self.now]
        for item in due:
            self.timers.remove(item)
            item[1]()

    def _process(self, incoming):
        outcome = self.processor(incoming, self.configuration)
        finished = self.flow.finish(outcome, self.partners.in_flight())
        self.flow.written(finished, len(labels_of(outcome)))
        self.decision = finished.decision
        self.outcomes.append(outcome)

    def lead(self, train_id, adc, **more):
        data = hash_of(adc=adc, **more)
        self.partners.lead(self.flow.arrive(read_incoming(
            data, self.reader, None, self.most, train_id=train_id,
            received=self.now, source_time=self.now)))

    def follow(self, train_id, adc, **more):
        self.partners.follower(hash_of(adc=adc, **more), stamp(train_id), 100)

    def tell(self, train_id, **values):
        self.partners.context(hash_of(**values), stamp(train_id))

    def identity(self):
        return self.flow.ledger.identity(Tally(*self.partners.in_flight()))


def stamp(train_id):
    return SimpleNamespace(tid=train_id)


def hash_of(**values):
    data = Hash("data", Hash())
    for name, value in values.items():
        data[f"data.{name}"] = value
    return data


def halves(spectra, how):
    return [part["data"] for part in split({"data": spectra}, how)]


def trains():
    """Spectra of both classes, dark ones and one with a switched strip."""
    for number in range(6):
        spectra = spectra_of(number % 2, 5)
        spectra[number % 5] = number
        yield FIRST + number, spectra


def test_nothing_is_joined_unless_it_is_asked_for():
    line = Line()
    line.follow(FIRST, spectra_of(0))
    line.tell(FIRST, energy=5.)
    line.lead(FIRST, spectra_of(1))
    [outcome] = line.outcomes
    assert outcome.fate is Fate.CLASSIFIED
    assert line.partners.rows() == []
    assert line.timers == []


@pytest.mark.parametrize("how", ["appended", "interleaved"])
@pytest.mark.parametrize("late", [0., 0.25])
def test_codes_of_two_modules_are_those_of_one(how, late):
    one, two = Line(), Line(**{"joining.followerJoin": how})
    two.follow(FIRST - 1, halves(spectra_of(0), how)[1])    # it is there
    for train_id, spectra in trains():
        one.lead(train_id, spectra)
        leader, follower = halves(spectra, how)
        if not late:
            two.follow(train_id, follower)
        two.lead(train_id, leader)
        if late:
            assert two.partners.in_flight() == (1, 5)
            assert two.identity() == ""
            two.wait(late)
            two.follow(train_id, follower)
    assert len(two.outcomes) == len(one.outcomes) == 6
    for single, double in zip(one.outcomes, two.outcomes, strict=True):
        np.testing.assert_array_equal(double.result.label,
                                      single.result.label)
        np.testing.assert_array_equal(double.result.confidence,
                                      single.result.confidence)
        assert double.incoming.waited == pytest.approx(late)
    assert two.identity() == ""


def test_half_a_spectrum_is_rejected_with_the_reason():
    line = Line(**{"joining.followerJoin": "appended"})
    leader, follower = halves(spectra_of(1), "appended")
    line.follow(FIRST - 1, follower)
    line.lead(FIRST, leader)
    assert line.outcomes == []
    line.wait(0.31)
    [outcome] = line.outcomes
    assert outcome.fate is Fate.REJECTED
    assert outcome.problem == (
        f"train {FIRST}: only half of the spectra is there, the follower is "
        "missing: did not come in time")
    np.testing.assert_array_equal(labels_of(outcome), [-4] * 4)
    assert line.decision.condition != ""
    line.follow(FIRST, follower)
    line.lead(FIRST + 1, leader)
    line.follow(FIRST + 1, follower)
    assert line.outcomes[-1].fate is Fate.CLASSIFIED
    assert ("rejected", f"no follower: {reasons.LATE}", 1, 4) in tally_rows(
        line.flow.ledger)
    assert ("joined", "complete trains", 1) in line.partners.rows()
    assert ("follower", f"missing: {reasons.LATE}", 1) in (
        line.partners.rows())
    assert line.identity() == ""


def test_a_follower_of_no_use_rejects_the_train():
    line = Line(**{"joining.followerJoin": "appended"})
    leader, follower = halves(spectra_of(1), "appended")
    for train_id, adc, said in (
            (FIRST, follower[None], "the follower: data.adc has shape"),
            (FIRST + 1, follower[:2], "the follower has 2 pulses"),
            (FIRST + 2, follower[:, :-1], f"{CHANNELS - 1} channels")):
        line.follow(train_id, adc)
        line.lead(train_id, leader)
        assert line.outcomes[-1].fate is Fate.REJECTED
        assert said in line.outcomes[-1].problem


def test_a_change_lets_go_what_waits_as_it_is():
    line = Line(**{"joining.followerJoin": "appended"})
    leader, follower = halves(spectra_of(1), "appended")
    line.follow(FIRST - 1, follower)
    line.lead(FIRST, leader)
    line.configure(**{"joining.followerJoin": "interleaved"})
    assert line.outcomes[-1].incoming.reason == (
        f"no follower: {reasons.RELEASED}")
    assert line.partners.in_flight() == (0, 0)


def test_a_stream_that_connects_anew_starts_anew():
    line = Line(**{"joining.followerJoin": "appended"})
    leader, follower = halves(spectra_of(1), "appended")
    line.follow(FIRST, follower)
    line.partners.connected("follower")
    line.lead(FIRST, leader)
    assert line.outcomes == []      # not with a part of the past


DARK = [
    (0, {"energy": 0.2}, NO_BEAM), (0, {"energy": [9.] * 4}, SAMPLE_GONE),
    (100, {"energy": np.full(4, 9, np.float32)}, BEAM),
    (0, {"energy": 9., "open": False}, NO_BEAM)]


def test_what_a_dark_train_means(subtests):
    for counts, values, word in DARK:
        with subtests.test(counts=counts, values=repr(values)):
            line = Line(**MONITOR, **(SHUTTER if "open" in values else {}))
            for number in range(5):
                line.tell(FIRST + number, **values)
                line.lead(FIRST + number, spectra_of(1, counts=counts))
            assert line.decision.presence.word == word
            alarms = {alarm.name for alarm in line.decision.alarms}
            assert alarms & {"noBeam", "sampleGone"} == {
                NO_BEAM: {"noBeam"},
                SAMPLE_GONE: {"sampleGone"}}.get(word, set())


NO_USE = [
    (None, "are missing: the stream is silent"),
    ({"other": 1.}, "data.energy of the context: not in the data"),
    ({"energy": "much"}, "'much' is not a number"),
    ({"energy": np.ones((2, 2))}, "expected one number, or one per pulse")]


def test_a_monitor_of_no_use_does_not_stop_the_codes(subtests):
    for tell, said in NO_USE:
        with subtests.test(said=said):
            line = Line(**MONITOR)
            if tell is not None:
                line.tell(FIRST, **tell)
            line.lead(FIRST, spectra_of(1))
            [outcome] = line.outcomes
            np.testing.assert_array_equal(outcome.result.label, [1] * 4)
            assert outcome.presence.word == NOT_KNOWN
            assert said in outcome.presence.sentence


def test_a_shutter_is_one_number():
    line = Line(**SHUTTER)
    line.tell(FIRST, open=[1, 1])
    line.lead(FIRST, spectra_of(1))
    assert "data.open of the context: shape (2,), expected one" in (
        line.outcomes[0].presence.sentence)


@pytest.mark.parametrize(("values", "said"), [
    ({"follower": "sideways"}, "use one of off, appended, interleaved"),
    ({"energy": "data.energy"}, "set it above what the monitor shows"),
    ({"wait": 0.}, "joining.timeout")])
def test_what_cannot_be_joined_is_refused(values, said):
    with pytest.raises(ConfigurationError, match=said):
        MatchSettings(**values)


def by_energy():
    return live_model(preprocessing=Preprocessing(normalisation="monitor"),
                      min_intensity=0.5)


def test_a_model_per_energy_needs_a_monitor():
    with pytest.raises(ConfigurationError, match=r"set joining\.energyPath"):
        build(VALUES, by_energy())


def test_a_model_per_energy_gets_spectra_per_energy():
    line = Line(**MONITOR)
    line.configuration = build(VALUES | MONITOR, by_energy())
    line.tell(FIRST, energy=[200., 800., 0.1, 400.])
    line.lead(FIRST, spectra_of(1) * np.array([[2], [8], [1], [4]],
                                              np.uint16))
    [outcome] = line.outcomes
    np.testing.assert_array_equal(outcome.result.label, [1, 1, -2, 1])
    np.testing.assert_allclose(outcome.result.intensity[[0, 1, 3]], 2)
    line.lead(FIRST + 1, spectra_of(1))
    line.wait(0.31)
    assert line.outcomes[-1].fate is Fate.REJECTED
    assert "takes spectra per pulse energy" in line.outcomes[-1].problem
