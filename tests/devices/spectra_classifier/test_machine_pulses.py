"""X-ray pulses and laser from the machine, matched to trains; no broker."""
import numpy as np
import pytest

from spectra_classifier.core.decision.presence import (
    BEAM,
    NO_BEAM,
    NOT_KNOWN,
    SAMPLE_GONE,
)
from spectra_classifier.core.decision.shutter_reading import ShutterReading
from spectra_classifier.core.trains.train_matcher import (
    LATE,
    PASSED,
    SILENT,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.configuration.configuration import (
    build,
    plain_rows,
)
from spectra_classifier.live.records import Fate
from tests.devices.fakes import VALUES, live_model, spectra_of
from tests.devices.spectra_classifier.test_matched_streams import (
    FIRST,
    MONITOR,
    SHUTTER,
    Line,
    hash_of,
    stamp,
)

SA1, SOFT, LASER_BIT = 4 << 18, 1 << 27, 1 << 10
COLUMNS = "name", "first", "step", "count", "required", "kind"
PUMPED = tuple(dict(zip(COLUMNS, row, strict=True)) for row in (
    ("pumped", 0, 1, 0, True, "with laser"),
    ("unpumped", 0, 1, 0, True, "without laser")))
MACHINE = {"joining.patternPath": "data.bunchPatternTable",
           "joining.laser": "LP_SPB", "decision.pulsePatterns": PUMPED}


def table(xray, pumped, places=100):
    """A table: X-ray pulses for SA1, and the laser for some of them."""
    found = np.zeros(places, np.uint32)
    found[list(xray)] = SA1
    found[[place - min(xray, default=0) for place in pumped]] |= LASER_BIT
    return found


def train_of(frames, pumped, xray, dark=0):
    """Spectra: class 1 with laser, class 0 without, the rest dark."""
    spectra = spectra_of(0, frames, counts=0) + np.uint16(dark)
    for place in xray:
        spectra[place] = spectra_of(int(place in pumped), 1)[0]
    return spectra


class MachineLine(Line):
    def __init__(self, **changes):
        self.reading = ShutterReading()
        super().__init__(**changes)
        self.partners._shutter = lambda: self.reading

    def report(self, train_id, bits, path="bunchPatternTable"):
        self.partners.pattern(hash_of(**{path: bits}), stamp(train_id))

    def play(self, train_id, xray=(2, 6, 10), pumped=(2, 10), frames=12,
             bits=None):
        self.report(train_id, table(xray, pumped) if bits is None else bits)
        self.lead(train_id, train_of(frames, pumped, xray))
        self.now += 0.1
        return self.outcomes[-1]

    @property
    def states(self):
        return [p.state_name for p in self.decision.patterns]


def test_pumped_and_unpumped_are_decided_apart():
    line = MachineLine(**MACHINE)
    for number in range(5):
        outcome = line.play(FIRST + number)
    assert line.states == ["high", "low"]
    expected = np.full(12, -2)
    expected[[2, 6, 10]] = 1, 0, 1
    np.testing.assert_array_equal(outcome.result.label, expected)
    assert [p.eligible for p in line.decision.patterns] == [2, 1]
    assert outcome.light_problem == ""
    assert line.identity() == ""


def test_a_pattern_that_changes_is_followed_with_its_train():
    line = MachineLine(**MACHINE)
    for number in range(12):
        pumped = (2, 10) if number < 6 else (6,)
        line.play(FIRST + number, pumped=pumped)
        # never a vote of a pulse for the wrong pattern
        for pattern, one in zip(line.decision.patterns, (1., 0.),
                                strict=True):
            assert pattern.fractions == (1. - one, one)
    assert line.states == ["high", "low"]


def test_a_frame_with_no_pulse_has_no_beam_whatever_it_shows():
    """Light in one of the dark frames gives it no class."""
    line = MachineLine(**MACHINE)
    spectra = train_of(12, (2, 10), (2, 6, 10))
    spectra[4] = spectra_of(1, 1)[0]
    line.report(FIRST, table((2, 6, 10), (2, 10)))
    line.lead(FIRST, spectra)
    [outcome] = line.outcomes
    assert outcome.result.label[4] == -2
    assert outcome.light_problem == ""


def test_frames_that_are_not_where_they_are_thought():
    """One place off, the X-ray frames are dark and dark frames are bright."""
    line = MachineLine(**MACHINE | {"joining.firstPlace": 1})
    for number in range(6):
        outcome = line.play(FIRST + number, xray=(1, 3, 5, 7, 9, 11),
                            pumped=(), frames=12)
    assert "show a signal: check joining.firstPlace" in (
        outcome.light_problem)
    assert line.states == ["unknown", "unknown"]
    assert line.identity() == ""


NO_USE = [
    (None, SILENT), (table((2, 6, 40), ()), "are in none of the 12 frames"),
    (np.zeros(100, np.float32), "a table of type float32"),
    (np.zeros((2, 50), np.uint32), "shape (2, 50)"),
    (np.zeros(9000, np.uint32), "expected 1 to 8192 numbers"),
    ("none", "'none' is not a number"), (True, "a table of type bool")]


def test_a_pattern_of_no_use_decides_nothing_and_loses_no_pulse(subtests):
    for bits, said in NO_USE:
        with subtests.test(said=said):
            line = MachineLine(**MACHINE, **MONITOR)
            if bits is not None:
                line.report(FIRST, bits)
                line.tell(FIRST, energy=[9.] * 3)
            line.lead(FIRST, train_of(12, (2, 10), (2, 6, 10)))
            line.wait(0.31)
            [outcome] = line.outcomes
            assert outcome.fate is Fate.CLASSIFIED
            assert said in outcome.light_problem
            assert outcome.light is None
            assert not any(p.voted for p in line.decision.patterns)
            assert line.identity() == ""
            assert outcome.presence.word == NOT_KNOWN
            assert outcome.presence.sentence


def test_one_frame_for_each_pulse():
    line = MachineLine(**MACHINE | {
        "joining.frames": "one per X-ray pulse"})
    for number in range(5):
        line.report(FIRST + number, table((20, 24, 30), (20, 30)))
        line.lead(FIRST + number, train_of(3, (0, 2), (0, 1, 2)))
    assert line.states == ["high", "low"]
    line.report(FIRST + 5, table((20, 24), (20,)))
    line.lead(FIRST + 5, train_of(3, (0, 2), (0, 1, 2)))
    assert "3 frames and 2 X-ray pulses" in line.outcomes[-1].light_problem
    assert (line.decision.permit, line.identity()) == (False, "")


def test_energies_go_with_the_pulses_of_the_branch(subtests):
    """XGM: one value for each X-ray pulse, then 1 to the end."""
    sent = np.ones(1000, np.float32)
    sent[:3] = 9., 0.2, 9.
    for codes, word in (([0, 0, 0], SAMPLE_GONE), ([1, 0, 1], BEAM)):
        with subtests.test(word=word):
            line = MachineLine(**MACHINE, **MONITOR)
            spectra = train_of(12, (), ())
            for place, signal in zip((2, 6, 10), codes, strict=True):
                spectra[place] = spectra_of(1, 1)[0] * signal
            line.report(FIRST, table((2, 6, 10), (2, 10)))
            line.tell(FIRST, energy=sent)
            line.lead(FIRST, spectra)
            [outcome] = line.outcomes
            assert outcome.presence.word == word
            np.testing.assert_array_equal(
                outcome.incoming.beam.has_beam[[2, 6, 10]], [1, 0, 1])


CONTEXT = [
    # energies, shutter, table; presence of a dark train, sentence
    ([0.2] * 3, True, True, NO_BEAM, "mean pulse energy is 0.2"),
    ([9.] * 3, True, True, SAMPLE_GONE, "the beam is there"),
    ([9.] * 3, False, True, NO_BEAM, "the shutter is closed"),
    ([9.] * 3, False, False, NO_BEAM, "the shutter is closed"),
    ([9.] * 3, True, False, NOT_KNOWN, "belong to no pulse"),
    (None, False, True, NO_BEAM, "the shutter is closed"),
    (None, False, False, NO_BEAM, "the shutter is closed"),
    (None, True, True, NOT_KNOWN, "data.energy of the context: not in"),
    ([9.] * 3, None, True, SAMPLE_GONE, "the beam is there"),
    ([0.2] * 3, None, True, NO_BEAM, "mean pulse energy is 0.2"),
    ([9.] * 3, "open", True, SAMPLE_GONE, "the beam is there"),
    (None, None, True, NOT_KNOWN, "data.energy of the context: not in"),
    ("much", False, False, NO_BEAM, "the shutter is closed"),
    (np.ones((2, 2)), False, True, NO_BEAM, "the shutter is closed"),
    (np.ones((2, 2)), True, True, NOT_KNOWN, "of type float64 and shape"),
    ([9.] * 3, np.nan, True, SAMPLE_GONE, "the beam is there"),
    ([0.2] * 3, np.nan, True, NO_BEAM, "mean pulse energy is 0.2"),
    (None, np.nan, True, NOT_KNOWN, "the shutter reports")]


def test_monitor_shutter_and_pattern_each_for_itself(subtests):
    for energies, is_open, known, word, said in CONTEXT:
        with subtests.test(energies=repr(energies), shutter=repr(is_open),
                           pattern=known):
            line = MachineLine(**MACHINE, **MONITOR, **SHUTTER)
            if known:
                line.report(FIRST, table((2, 6, 10), (2,)))
            else:
                line.report(FIRST - 1, table((2, 6, 10), (2,)))
            told = {"energy": energies, "open": is_open}
            line.tell(FIRST, other=1, **{
                name: value for name, value in told.items()
                if value is not None})
            line.lead(FIRST, train_of(12, (), ()))
            line.wait(0.31)
            [outcome] = line.outcomes
            assert outcome.presence.word == word
            assert said in outcome.presence.sentence
            assert not line.decision.permit


DEVICE = {"joining.shutterProperty": "A/SHUTTER/1:isOpen"}
ASKED = [
    # the answer, pulse energy or None for no monitor; a dark train, sentence
    (False, None, NO_BEAM, "the shutter is closed"),
    (False, 9., NO_BEAM, "the shutter is closed"),
    (True, 9., SAMPLE_GONE, "the beam is there"),
    (True, 0.2, NO_BEAM, "mean pulse energy is 0.2"),
    (True, None, NOT_KNOWN, ""),
    ("CLOSED", None, NO_BEAM, "the shutter is closed"),
    ("MOVING", None, NOT_KNOWN, "A/SHUTTER/1:isOpen: it reports MOVING"),
    (None, None, NOT_KNOWN, "A/SHUTTER/1:isOpen: it has not answered yet"),
    ("old", None, NOT_KNOWN, "its last answer is 1.5 s old"),
    ("old", 9., SAMPLE_GONE, "the beam is there"),
    ("old", 0.2, NO_BEAM, "mean pulse energy is 0.2"),
    (False, "lost", NO_BEAM, "the shutter is closed"),
    (True, "lost", NOT_KNOWN, "monitor and shutter of this train"),
    ("old", "lost", NOT_KNOWN, "its last answer is 1.5 s old")]


@pytest.mark.parametrize("machine", [{}, MACHINE])
def test_the_shutter_of_a_device(machine, subtests):
    for answer, energy, word, said in ASKED:
        with subtests.test(answer=repr(answer), energy=repr(energy)):
            line = MachineLine(**DEVICE, **machine,
                               **(MONITOR if energy is not None else {}))
            if answer == "old":
                line.reading = ShutterReading(False, line.now - 1.5, "")
            elif answer is not None:
                line.reading = ShutterReading(answer, line.now, "")
            if machine:
                line.report(FIRST, table((2, 6, 10), (2,)))
            if isinstance(energy, float):
                line.tell(FIRST, energy=[energy] * (3 if machine else 12))
            line.lead(FIRST, train_of(12, (), ()))
            [outcome] = line.outcomes
            assert outcome.presence.word == word
            assert said in outcome.presence.sentence


@pytest.mark.parametrize(("values", "said"), [
    ({"joining.shutterProperty": "A/B/C"}, "expected device:property"),
    ({"joining.shutterProperty": ":isOpen"}, "expected device:property"),
    ({"joining.shutterProperty": "A/B/C:"}, "expected device:property"),
    (DEVICE | SHUTTER, "are both set"),
    (DEVICE | {"joining.shutterMaxAge": 0.}, "shutterMaxAge is 0")])
def test_a_shutter_that_cannot_be_is_refused(values, said):
    with pytest.raises(ConfigurationError, match=said):
        build(VALUES | values, live_model())


def test_every_pulse_is_right_or_not_decided():
    """Changes, missing, late and wrong tables, in a random order."""
    random = np.random.default_rng(7)
    line = MachineLine(**MACHINE)
    frames, pulses, faults = 48, 0, {}
    for number in range(400):
        train_id = FIRST + number
        if number % 17 == 0:
            xray = tuple(range(int(random.integers(0, 4)), frames,
                               int(random.integers(1, 5))))
            pumped = tuple(p for p in xray if random.random() < 0.5)
        fault = random.choice(
            ["", "missing", "late", "contradicts"], p=[0.7, 0.1, 0.1, 0.1])
        bits = table(xray, pumped)
        if fault == "contradicts":
            bits[60] = SA1
        if fault in ("", "contradicts"):
            line.report(train_id, bits)
        line.lead(train_id, train_of(frames, pumped, xray))
        line.wait(0.31 if fault in ("missing", "late") else 0.1)
        if fault == "late":
            line.report(train_id, bits)
        outcome = line.outcomes[-1]
        assert len(line.outcomes) == number + 1
        expected = np.full(frames, -2)
        expected[list(xray)] = [int(p in pumped) for p in xray]
        np.testing.assert_array_equal(outcome.result.label, expected)
        pulses += frames
        faults[fault] = faults.get(fault, 0) + 1
        assert bool(outcome.light_problem) == bool(fault)
        for pattern, one in zip(line.decision.patterns, (1., 0.),
                                strict=True):
            if fault:
                assert not pattern.voted
                assert line.decision.condition != ""
            elif pattern.voted:
                assert pattern.fractions == (1. - one, one)
        assert line.identity() == ""
    assert line.flow.ledger.received == (400, pulses)
    assert min(faults[name] for name in faults) > 20
    rows = {(name, what): count for name, what, count
            in line.partners.rows()}
    assert rows["pattern", f"missing: {LATE}"] + rows.get(
        ("pattern", f"missing: {PASSED}"), 0) == (
        faults["missing"] + faults["late"])


@pytest.mark.parametrize(("values", "said"), [
    ({"joining.patternPath": ""}, "'pumped' is of kind 'with laser': set "
     "joining.patternPath"),
    ({"joining.laser": "none"}, "choose the laser in joining.laser"),
    ({"joining.branch": "SA9"}, r"joining\.branch 'SA9': use one of SA1"),
    ({"joining.laser": "LP_X"}, r"joining\.laser 'LP_X': use one of none"),
    ({"joining.frames": "all"}, r"joining\.frames 'all': use one of one")])
def test_what_cannot_be_is_refused(values, said):
    with pytest.raises(ConfigurationError, match=said):
        build(VALUES | MACHINE | values, live_model())


def test_rows_of_earlier_versions_count_ids():
    row = dict(list(PUMPED[0].items())[:5])
    [found] = plain_rows("decision.pulsePatterns", [row])
    assert found == row | {"kind": "pulse id"}
