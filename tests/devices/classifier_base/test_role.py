"""A worker classifies its share and never permits."""
import pytest
from karabo.middlelayer import Hash

from spectra_classifier.core.trains.accounting import Ledger
from spectra_classifier.devices.classifier_base.role import (
    NO_PERMIT,
    no_permit,
    share_input,
)
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.processor import STALE, Processor
from spectra_classifier.live.records import Fate, Incoming
from spectra_classifier.live.stream_state import StreamState
from tests.devices.fakes import VALUES, live_model, spectra_of
from tests.live.test_stream_state import PERMIT_HIGH, Rig


class WorkerRig(Rig):
    """A flow of a worker; overrides what is against its model."""

    def __init__(self):
        super().__init__()
        self.flow = StreamState(self.clock, self.clock, shared=True,
                              qualify=no_permit)
        self.configure(**{"model.overrideObjection": "somebody wants it"})


def test_a_worker_cannot_be_armed_and_says_why():
    rig = WorkerRig()
    for _ in range(6):
        decision = rig.send()
    assert decision.sample_state_name == "high"
    assert rig.flow.arm() == NO_PERMIT
    assert not decision.permit
    assert decision.reason == NO_PERMIT


def test_the_trains_of_the_others_are_not_lost():
    rig = WorkerRig()
    for train_id in 1000, 1002, 1007, 1009:
        decision = rig.send(train_id=train_id)
    assert rig.flow.ledger.lost == {}
    assert decision.sample_state_name == "high"     # a gap takes no vote
    assert rig.flow.accounting_problem == ""


def test_a_train_that_fills_a_gap_mends_nothing():
    ledger = Ledger()
    for train_id in 10, 12, 11:
        ledger, _ = ledger.arrive(train_id, 1, shared=True)
    assert ledger.lost == {}


@pytest.mark.parametrize("age, fate", [
    (0.9, Fate.CLASSIFIED), (1.1, Fate.SKIPPED), (float("nan"),
                                                  Fate.CLASSIFIED)])
def test_what_nobody_waits_for_is_skipped(age, fate):
    configuration = build(VALUES | {"reactions": PERMIT_HIGH}, live_model())
    train = Incoming(7, 4, 0., source_time=100. - age,
                     arrays={"data": spectra_of(1)})
    outcome = Processor(shared=True, wall_clock=lambda: 100.)(
        train, configuration)
    assert outcome.fate is fate
    if fate is Fate.SKIPPED:
        assert outcome.reason == STALE
        assert ("1100 ms old, conditions.maxTrainAge is 1000 ms"
                in outcome.problem)
    # alone at its source it has nobody to leave it to
    assert Processor(wall_clock=lambda: 100.)(
        train, configuration).fate is Fate.CLASSIFIED


@pytest.mark.parametrize("kind", [Hash, lambda *_: {}])
def test_the_role_shares_the_input(kind):
    configuration = kind()
    share_input(configuration)
    assert "input" not in configuration
    configuration["load.role"] = "worker"
    share_input(configuration)
    assert configuration["input"]["dataDistribution"] == "shared"
    configuration["input"]["dataDistribution"] = "copy"
    share_input(configuration)
    assert configuration["input"]["dataDistribution"] == "copy"
