"""A part of the pulses of every pattern, when there is no time for all."""
import numpy as np

from spectra_classifier.core.spectra import Code
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.records import Incoming
from tests.devices.fakes import VALUES, live_model, spectra_of

PATTERNS = tuple({"name": name, "first": first, "step": 2, "count": 0,
                  "required": True}
                 for name, first in (("pumped", 0), ("unpumped", 1)))


class SlowModel:
    """The clock goes on by a time per pulse that is looked at."""

    def __init__(self, seconds):
        self.now = 0.
        self.seconds = seconds
        self.configuration = build(
            VALUES | {"decision.pulsePatterns": PATTERNS}, live_model())
        engine = self.configuration.model.engine
        classify = engine.classify

        def slow(train, settings):
            self.now += self.seconds * np.count_nonzero(train.verdicts == 0)
            return classify(train, settings)
        engine.classify = slow


def test_a_slow_engine_looks_at_a_part_of_every_pattern_in_turn():
    model = SlowModel(0.004)        # 40 pulses in 100 ms: 1.6 times too slow
    process = Processor(lambda: model.now)
    process.patience = 0.25
    seen, outcomes = np.zeros(40, int), []
    for number in range(60):
        received = number * 0.1
        process.pacer.arrived(received)
        model.now = max(model.now, received)
        incoming = Incoming(number + 1, 40, received,
                            arrays={"data": spectra_of(1, 40)})
        outcomes.append(process(incoming, model.configuration))
        label = outcomes[-1].result.label
        if number >= 40:
            seen += label != Code.SKIPPED
            assert (label[::2] == 1).any()
            assert (label[1::2] == 1).any()
        assert outcomes[-1].degraded == (label == Code.SKIPPED).sum()
    assert outcomes[0].coverage == 1
    assert 0.3 < outcomes[-1].coverage < 0.9
    assert process.pacer.pace.share < 1
    assert model.now - received < 0.25      # nothing piles up
    assert (seen > 0).all()


def test_without_patience_nothing_is_left_out():
    model = SlowModel(0.004)
    process = Processor(lambda: model.now)
    for number in range(30):
        process.pacer.arrived(number * 0.1)
        outcome = process(
            Incoming(number, 40, number * 0.1,
                     arrays={"data": spectra_of(1, 40)}),
            model.configuration)
        assert outcome.coverage == 1
