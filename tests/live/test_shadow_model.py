"""The shadow gives way, whatever happens."""
import threading
import time

import numpy as np
import pytest

from spectra_classifier.core.spectra import Axis, Code
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from spectra_classifier.live.shadow_model import SOME, Shadow
from tests.devices.fakes import VALUES, live_model, spectra_of

PULSES = 3 * SOME + 7


def outcome_of(spectra, train_id=1, model=None, **changes):
    configuration = build(VALUES | changes, model or live_model())
    return Processor()(Incoming(train_id, len(spectra), 0.,
                                arrays={"data": spectra}), configuration)


@pytest.fixture
def idle():
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def shadow(idle):
    one = Shadow(idle)
    one.start()
    yield one
    assert one.stop()


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def compare(shadow, outcome):
    """Offer a train and wait until it is compared."""
    before = shadow.report
    shadow.offer(outcome)
    wait_for(lambda: shadow.report is not before
             and not shadow._wanted.is_set())
    return shadow.report


def test_the_same_model_agrees_train_by_train(shadow):
    shadow.use(live_model())
    spectra = np.concatenate([spectra_of(0, 200), spectra_of(1, 200)])
    for number in 1, 2:
        report = compare(shadow, outcome_of(spectra, number))
        assert (report.trains, report.pulses) == (number, 400 * number)
        assert report.rate == 1
        assert report.rows == ()


def test_where_another_model_differs(shadow):
    """It has its own gate: what is bright to the live one is dark to it."""
    shadow.use(live_model(min_intensity=1000.))
    spectra = spectra_of(1, 10)
    spectra[3:] *= 10
    report = compare(shadow, outcome_of(spectra, 5))
    assert report.rate == 0.7
    assert report.rows == (("all", "high", "rejected", 3, 5, 2),)


def test_dark_mask_and_what_was_not_looked_at_are_the_same_for_both(shadow):
    shadow.use(live_model())
    spectra = spectra_of(1, 10).astype(np.float32)
    spectra[:, 4] = np.nan
    outcome = outcome_of(spectra, **{"dark.spectrum": (1.,) * 32},
                         **{"source.maskedStrips": (4,),
                         "source.pulseSelection": "0:6"})
    assert (outcome.result.label[6:] == Code.SKIPPED).all()
    report = compare(shadow, outcome)
    assert (report.pulses, report.rate) == (6, 1)


def test_while_it_is_busy_trains_are_skipped_and_counted(shadow, idle):
    shadow.use(live_model())
    outcome = outcome_of(spectra_of(1, PULSES))
    idle.clear()                    # the live engine works
    for _ in range(5):
        shadow.offer(outcome)
    assert shadow.skipped == 4
    assert shadow.report.trains == 0
    idle.set()
    wait_for(lambda: shadow.report.trains == 1)


def test_between_a_few_pulses_it_looks_at_the_live_engine(shadow, idle):
    model = live_model()
    classify, sizes = model.engine.classify, []

    def watched(train, settings):
        assert idle.is_set()
        sizes.append(train.pulses)
        if len(sizes) == 2:
            idle.clear()        # a train came for the live engine
        return classify(train, settings)
    model.engine.classify = watched
    shadow.use(model)
    shadow.offer(outcome_of(spectra_of(1, PULSES)))
    wait_for(lambda: len(sizes) == 2)
    assert shadow.report.trains == 0
    idle.set()
    wait_for(lambda: shadow.report.trains == 1)
    assert sizes == [SOME] * 3 + [7]


def test_a_live_engine_that_is_never_done(shadow, idle, monkeypatch):
    monkeypatch.setattr("spectra_classifier.live.shadow_model.PATIENCE", 0.05)
    shadow.use(live_model())
    idle.clear()
    shadow.offer(outcome_of(spectra_of(1, 10)))
    wait_for(lambda: shadow.skipped == 1)
    assert shadow.report.trains == 0


def test_a_shadow_that_fails_says_so_and_goes_on(shadow):
    model = live_model()
    classify = model.engine.classify

    def broken(train, settings):
        raise MemoryError("no room")
    model.engine.classify = broken
    shadow.use(model)
    report = compare(shadow, outcome_of(spectra_of(1, 10)))
    assert report.problem == "MemoryError: no room"
    model.engine.classify = classify
    report = compare(shadow, outcome_of(spectra_of(1, 10)))
    assert (report.trains, report.problem) == (1, "")


def test_a_model_of_another_axis(shadow):
    half = live_model(axis=Axis.channels(16), bins=((0, 16),),
                      weights=np.ones(1),
                      references=np.ones((2, 16), np.float32))
    shadow.use(half)
    report = compare(shadow, outcome_of(spectra_of(1, 10)))
    assert report.problem == "the shadow model has 16 channels instead of 32"


def test_another_live_model_is_another_comparison(shadow):
    shadow.use(live_model())
    compare(shadow, outcome_of(spectra_of(1, 10)))
    report = compare(shadow, outcome_of(
        spectra_of(1, 10), model=live_model(min_intensity=11.)))
    assert report.trains == 1


def test_without_one_nothing_happens(shadow):
    shadow.offer(outcome_of(spectra_of(1, 10)))
    assert shadow.skipped == 0
    assert not shadow._wanted.is_set()
