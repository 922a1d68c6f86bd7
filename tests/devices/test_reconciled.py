"""Our counts against those of the simulator, fault by fault."""
import numpy as np
import pytest
from karabo.middlelayer import Hash, decodeBinary, encodeBinary

from spectra_classifier.core.preprocessing.source_layout import Layout
from spectra_classifier.core.trains.accounting import OURS, UNEXPLAINED
from spectra_classifier.devices.common.decoding import Reader, read_incoming
from spectra_classifier.live.statistics import AFTERMATH, STALLED
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import EASY
from spectra_classifier.simulation.stream.faults import FAULTS
from spectra_classifier.simulation.stream.feed import Feed
from spectra_classifier.simulation.stream.ledger import Ledger
from tests.broker.classifier_bench import array_hash
from tests.devices.fakes import CHANNELS
from tests.live.test_stream_state import Rig

FIRST, PULSES, MOST = 5000, 6, 40


def sent_as(message):
    """A message as a receiver gets it: encoded and decoded again."""
    data = Hash()
    for name, array in message.arrays.items():
        data[f"data.{name}"] = array_hash(array)
    return decodeBinary(encodeBinary(data))


def played(faults, seed=1, quiet=2):
    """(flow, ledger of the source) after every fault, with good trains
    between them."""
    source = GotthardSource(EASY, "redistribution", seed, first_train=FIRST,
                            channels=CHANNELS)
    feed, sent = Feed(source, PULSES), Ledger()
    rig = Rig()
    reader = Reader(Layout())
    for name in ("", *faults, ""):
        if name:
            feed.inject(name)
        for _ in range(1 + quiet):
            rig.clock.now += 0.1
            rig.flow.tick()
            for message in feed.tick():
                sent.sent(message)
                if message.arrays is not None:
                    rig.finish(rig.flow.arrive(read_incoming(
                        sent_as(message), reader, CHANNELS, MOST,
                        train_id=message.train_id, received=rig.clock())))
    return rig.flow, sent.report()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_sent_is_what_was_received_and_has_a_fate(seed):
    order = np.random.default_rng(seed).permutation(list(FAULTS)).tolist()
    flow, sent = played(order, seed)
    assert flow.ledger.identity() == ""
    assert flow.ledger.received == (sent["trains"], sent["pulses"])
    assert flow.accounting_problem == ""
    classified, written = flow.ledger.returned, flow.ledger.written
    assert classified == written


def test_what_was_not_sent_is_lost_without_an_explanation():
    flow, sent = played(["gap"] * 3)
    assert sent["trains_not_sent"] == 3
    assert flow.ledger.lost == {UNEXPLAINED: 3}


def test_a_train_that_is_counted_twice_is_an_alarm_and_no_permit():
    rig = Rig()
    rig.permitted()
    rig.flow.ledger = rig.flow.ledger.write(0)
    decision = rig.send()
    assert not decision.permit
    assert decision.condition == "accounting"
    assert "do not add up" in decision.reason
    assert decision.alarm == "alarm"


def test_trains_missing_behind_our_own_stall_are_ours():
    rig = Rig()
    rig.send()
    rig.clock.now += STALLED + 1
    rig.send(train_id=rig.train_id + 12)
    assert rig.flow.ledger.lost == {OURS: 11}
    rig.clock.now += 0.4                # still behind the stall: queued ones
    rig.send(train_id=rig.train_id + 20)
    assert rig.flow.ledger.lost == {OURS: 18}


def test_trains_missing_while_we_were_awake_are_not():
    rig = Rig()
    rig.send()
    for _ in range(30):
        rig.clock.now += 0.1
        rig.flow.tick()
    rig.send(train_id=rig.train_id + 31)
    assert rig.flow.ledger.lost == {UNEXPLAINED: 30}


def test_a_stall_does_not_excuse_for_ever():
    rig = Rig()
    rig.send()
    rig.clock.now += 1
    for _ in range(int(10 * (AFTERMATH + 2))):
        rig.clock.now += 0.1
        rig.flow.tick()
    rig.send(train_id=rig.train_id + 90)
    assert rig.flow.ledger.lost == {UNEXPLAINED: 89}
