"""A small bench: three classes, and a state in which the permit stands."""
from dataclasses import dataclass, replace

import numpy as np
import pytest

from spectra_classifier.core.decision import (
    Alarm,
    DecisionConfig,
    DecisionState,
    ModelStanding,
    Observation,
    Reaction,
    acknowledge,
    arm,
    reconfigure,
    step,
    tick,
)

GOOD = ModelStanding(verified=True, min_intensity=5.,
                     reactions_confirmed=True)


@dataclass
class Bench:
    """Plays trains, 0.1 s apart, and keeps the state between them."""
    config: DecisionConfig
    state: DecisionState = DecisionState()    # noqa: RUF009 (immutable)
    train_id: int = 1000
    time: float = 50.

    def observation(self, labels=0, **changes):
        """The next train; `labels`: a class for 20 pulses, or an array."""
        if np.isscalar(labels):
            labels = np.full(20, labels)
        values = {
            "train_id": self.train_id, "time": self.time, "model": GOOD,
            "latency": 5., "train_age": 30., "coverage": 1., "drift": 0.1,
            "labels": np.asarray(labels, np.int8),
            "basis": self.state.basis} | changes
        return Observation(**values)

    def play(self, *trains, **changes):
        """The decision after the last of some trains."""
        for labels in trains:
            self.train_id += 1
            self.time += 0.1
            seen = self.observation(labels, **changes)
            self.state, decision = step(self.state, seen, self.config)
        return decision

    def wait(self, seconds, **changes):
        self.time += seconds
        self.state, decision = tick(self.state, self.time, self.config,
                                    **changes)
        return decision

    def arm(self, model=GOOD):
        self.state, refusal = arm(self.state, self.config, model)
        return refusal

    def acknowledge(self, **changes):
        self.state, refusal = acknowledge(self.state, self.time, self.config,
                                          **changes)
        return refusal

    def configure(self, **changes):
        self.config = replace(self.config, **changes)
        return self

    def reconfigure(self, basis="", **changes):
        """As `configure`, while trains flow."""
        self.configure(**changes)
        self.state = reconfigure(self.state, self.config,
                                 basis or self.config.hash)
        return self


def make_bench(**changes):
    """Class a permits, b warns, c fires the interlock."""
    values = {"classes": ("a", "b", "c"), "reactions": (
        Reaction("a", Alarm.NONE, True), Reaction("b", Alarm.WARN),
        Reaction("c", Alarm.INTERLOCK))} | changes
    return Bench(DecisionConfig(**values))


def make_granted(**changes):
    bench = make_bench(**changes)
    assert bench.arm() == ""
    decision = bench.play(*[0] * bench.config.window)
    assert decision.permit, decision.reason
    return bench


@pytest.fixture(scope="session")
def bench():
    """Function (**configuration) -> an unarmed bench."""
    return make_bench


@pytest.fixture(scope="session")
def granted():
    """Function (**configuration) -> a bench whose permit stands."""
    return make_granted


@pytest.fixture(scope="session")
def good():
    return GOOD
