"""From the output of a worker to what a collector decides on."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from karabo.middlelayer import Hash, decodeBinary, encodeBinary

from spectra_classifier.core.drift import DriftReport
from spectra_classifier.core.spectra import Code
from spectra_classifier.core.trains.accounting import Arrival, TrainKind
from spectra_classifier.devices.classifier_base import property_values
from spectra_classifier.devices.spectra_collector.worker_output import (
    ARRAYS,
    NOT_COUNTED,
    OTHER_MODEL,
    TOO_LONG,
    WORDS,
    incoming_of,
    outcome_of,
    read_codes,
)
from spectra_classifier.devices.spectrometer_simulator.channels import (
    set_array,
)
from spectra_classifier.errors import InputError
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.records import Fate
from tests.devices.fakes import VALUES, live_model
from tests.live.test_stream_state import PERMIT_HIGH, Rig

PULSES, CLASSES = 10, 3
CONFIGURATION = build(VALUES | {"reactions": PERMIT_HIGH}, live_model())
LONG = "modelCode", "configCode"
DRIFT = DriftReport(0.4, "", "warm")


def sent(rig=None, **kwargs):
    """What a classifier writes for a train, as a receiver gets it."""
    rig = rig or Rig()
    rig.clock.now += 0.1
    finished = rig.finish(rig.arrive(**kwargs))
    node = Hash()
    for key, value in property_values.output_fields(
            finished, PULSES, CLASSES).items():
        if isinstance(value, np.ndarray):
            set_array(node, key, value)
        else:       # as Karabo sends them by the schema
            node[key] = np.uint64(value) if key in LONG else value
    return decodeBinary(encodeBinary(Hash("data", node))), finished


def codes_of(data, worker="w/1"):
    return read_codes(data, worker, received=50., source_time=49.)


def test_codes_go_through_unchanged():
    data, finished = sent(pulses=4)
    codes = codes_of(data)
    result = finished.outcome.result
    for name in ("label", "confidence", "residual", "intensity",
                 "pulse_ids"):
        np.testing.assert_array_equal(
            getattr(codes, name), getattr(result, name), err_msg=name)
    assert codes.scores.shape == (4, CLASSES)
    assert codes.train_id == result.train_id
    assert codes.fate is Fate.CLASSIFIED
    assert codes.number == finished.decision.sequence
    assert codes.gate == finished.gate == 10
    outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                         PULSES)
    assert outcome.fate is Fate.CLASSIFIED
    np.testing.assert_array_equal(outcome.result.label, result.label)
    np.testing.assert_array_equal(outcome.result.scores, result.scores)
    for name in "fractions", "low", "high":
        np.testing.assert_allclose(getattr(outcome.mixture, name), getattr(
            finished.outcome.mixture, name), rtol=1e-6)
    assert outcome.drift is DRIFT
    assert outcome.incoming.received == 50. - finished.latency / 1e3
    # what a train rests on is the configuration of both
    assert outcome.configuration.hash not in (
        CONFIGURATION.hash, codes.config_hash)
    assert outcome.configuration.decision is CONFIGURATION.decision


def test_a_train_that_a_worker_could_not_use_stays_so():
    codes = codes_of(sent(problem="no data")[0])
    outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                         PULSES)
    assert (outcome.fate, outcome.problem) == (Fate.REJECTED, "no data")


def test_the_codes_of_another_model_are_refused():
    codes = codes_of(sent()[0])
    other = build(VALUES, live_model(model_id="other"))
    outcome = outcome_of(incoming_of(codes), codes, other, "", DRIFT,
                         PULSES)
    assert (outcome.fate, outcome.reason) == (Fate.REJECTED, OTHER_MODEL)
    assert ("w/1 runs fake, this collector decides on other"
            in outcome.problem)
    assert outcome_of(incoming_of(codes), codes, build(VALUES), "",
                      DRIFT, PULSES).fate is Fate.SKIPPED


def test_what_speaks_against_the_workers_is_a_fault_of_every_train():
    rig = Rig()
    rig.permitted()
    codes = codes_of(sent(rig)[0])

    def decision(objection):
        incoming = incoming_of(codes)
        object.__setattr__(incoming, "arrival", Arrival(TrainKind.NEW))
        object.__setattr__(incoming, "received", rig.clock())
        object.__setattr__(incoming, "source_time", rig.clock())
        rig.flow.ledger, _ = rig.flow.ledger.arrive(rig.train_id + 1, 4)
        return rig.flow.finish(outcome_of(
            incoming, codes, rig.flow.configuration, objection,
            DriftReport(0.1, "", ""), PULSES), (0, 0)).decision
    assert decision("").permit
    assert decision("a worker is gone").reason == "a worker is gone"


def changed(**arrays):
    """The result of a train of four pulses of class 1 with other arrays."""
    data, _ = sent(pulses=4)
    for key, values in ({"label": np.ones(4, np.int8)} | arrays).items():
        data[f"data.{key}"] = values
    codes = codes_of(data)
    return outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                      PULSES).result


def test_a_label_without_a_class_is_unknown_and_no_code_is_bad_data():
    label = changed(label=np.array([1, 2, -6, -128], np.int8)).label
    assert list(label) == [1, Code.UNKNOWN, Code.BAD_DATA, Code.BAD_DATA]


def test_a_class_without_a_confidence_is_unknown(subtests):
    for wrong in (np.nan, np.inf, -np.inf, -1., 1.5):
        with subtests.test(wrong=wrong):
            result = changed(confidence=np.array([1, wrong, 1, 1], np.float32),
                             label=np.array([1, 1, 1, Code.SATURATED],
                                            np.int8))
            assert list(result.label) == [1, Code.UNKNOWN, 1, Code.SATURATED]
            assert result.confidence[1] == 0


def test_a_gate_that_is_not_known_is_off():
    data, _ = sent()
    data["data.gateLevel"] = float("nan")
    assert codes_of(data).gate == 0


def test_a_train_that_its_worker_does_not_count_has_no_vote():
    codes = replace(codes_of(sent(pulses=4)[0]), counted=False)
    outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                         PULSES)
    assert (outcome.fate, outcome.reason, outcome.problem) == (
        Fate.SKIPPED, NOT_COUNTED, "")


ABSURD = st.sampled_from([
    None, True, -1, 2**64, 10**400, 1.5, float("nan"), float("-inf"), "",
    "1", "nan", "\0", [], [1], [[1.]], b"1", Hash(), Hash("shape", 1),
    *(np.ones(shape, kind) for kind in ("i1", "u8", "f4", "f8", "?", "M8[s]")
      for shape in ((), 0, 3, 10, (10, 1), (10, 3), (2, 3, 4)))])


@given(key=st.sampled_from([
    *(key for key, _ in ARRAYS.values()), *(key for key, _ in WORDS.values()),
    "pulseCount", "driftScore", "driftReason", "beamState", "beamReason",
    "meanScore", "meanCode", "latency"]), value=ABSURD)
@example(key="trainId", value=True)
def test_whatever_comes_is_codes_or_refused(key, value):
    data, _ = sent(pulses=4)
    data[f"data.{key}"] = value
    try:
        codes = codes_of(data)
    except InputError:
        return
    assert value is not True
    assert 0 <= codes.train_id < 2**64
    assert len(codes.label) == len(codes.scores) == len(codes.pulse_ids)
    assert codes.label.dtype.kind == "i" and codes.gate >= 0
    assert 0 <= codes.latency < np.inf
    outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                         PULSES)
    if outcome.fate is Fate.CLASSIFIED:
        sure = outcome.result.label >= 0
        assert (outcome.result.confidence[sure] >= 0).all()
        assert outcome.result.label.max(initial=-1) < 2


def test_what_is_no_classifier_is_told(subtests):
    for key in ("label", "scores", "fate", "trainId", "gateLevel"):
        with subtests.test(key=key):
            data, _ = sent()
            data["data"].erase(key)
            with pytest.raises(InputError, match="w/1 sends no codes"):
                codes_of(data)


def test_a_foreign_mean_of_a_worker_is_foreign_here(subtests):
    data, _ = sent(pulses=4)
    pattern, = CONFIGURATION.decision.patterns
    for score, code, foreign in (
            (-1., 2, False), (0.4, 0, False), (1.2, 1, True),
            (float("nan"), 1, True), (1.2, 0, True), (float("nan"), 2, True)):
        with subtests.test(score=score, code=code):
            data["data.meanScore"], data["data.meanCode"] = score, code
            codes = codes_of(data)
            outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION,
                                 "", DRIFT, PULSES)
            assert outcome.means.foreign(pattern) == foreign


def test_a_table_must_be_one():
    data, _ = sent()
    data["data.scores"] = data["data.confidence"]
    with pytest.raises(InputError, match=r"scores has shape \(10,\)"):
        codes_of(data)


def test_a_train_that_does_not_fit_is_refused():
    codes = codes_of(sent(pulses=4)[0])
    outcome = outcome_of(incoming_of(codes), codes, CONFIGURATION, "", DRIFT,
                         3)
    assert (outcome.fate, outcome.reason) == (Fate.REJECTED, TOO_LONG)
    assert "4 pulses, source.maxPulses is 3" in outcome.problem


def test_a_vector_that_is_too_short_is_told():
    data, _ = sent()
    data["data.pulseCount"] = PULSES + 1
    with pytest.raises(InputError, match="for 11 pulses"):
        codes_of(data)
