"""What is known about the stream: accounting, decision, statistics.

One object per device, used from its event loop alone. Nothing here knows
Karabo, so that all of it is tested without a broker.
"""
import time
from dataclasses import replace

from ..core import decision as rules
from ..core.drift import DriftReport
from ..core.evaluation.expected_errors import ExpectedWrongCheck
from ..core.trains.accounting import Ledger, Tally
from .queue_worker import ENGINE_ERROR
from .records import Fate, Finished, labels_of
from .statistics import Latencies, Rate, Stall

NOT_SELECTED = "not selected"
QUEUE_OVERFLOW = "engine hangs"
PENDING = "a change of the configuration is not in force yet"
RECEIVER_BLOCKED = "a receiver did not take it in time"


class TrainFlow:
    """From the handler entry to what is published.

    `configuration`: the one that the last delivery met; `submitted`: the
    newest one on its way. They are the same object when nothing is pending.
    `shared`: other workers take trains of the same source; `ordered`: the
    trains come in order, and their ids have been checked; `qualify`: what
    is made of the `ModelStanding`; `reconcile`: "" or what else does not add
    up; `trouble`: "" or a fault of the inputs. `source`: the one that the
    newest train came from; `starting`: no model has been live yet, and none
    was refused, so that a train without codes is no fault.
    """

    def __init__(self, clock=time.monotonic, wall_clock=time.time,
                 shared=False, ordered=False, qualify=None, reconcile=None,
                 trouble=None):
        self._clock = clock
        self._wall_clock = wall_clock
        self._shared = shared
        self._ordered = ordered
        self._qualify = qualify or (lambda standing: standing)
        self._reconcile = reconcile or (lambda: "")
        self._trouble = trouble or (lambda: "")
        self.ledger = Ledger()
        self.state = rules.DecisionState()
        self.configuration = None
        self.submitted = None
        self.source = ""
        self.starting = True
        self.accounting_problem = ""
        self.engine_errors = 0
        self.last_problem = ""
        self.coverage = 0.
        self.switched = 0
        self.drift = DriftReport()
        self.expected_wrong = ExpectedWrongCheck()
        self._faults = {}           # what has failed: one sentence
        self._reconnected = False
        self._stall = Stall()
        self._start_statistics()

    def _start_statistics(self):
        self.latencies = Latencies()
        self.rate = Rate()

    # at the entry of the handler

    def connected(self):
        """The next train is the first one after the source was gone."""
        self._reconnected = True

    def arrive(self, incoming):
        """Count a train that came in; it knows then what its id says."""
        if incoming.source != self.source:
            self._take_over(incoming.source)
        self.ledger, arrival = self.ledger.arrive(
            incoming.train_id, incoming.pulses, self._reconnected,
            self._stall.seen(self._clock()), self._shared, self._ordered)
        self._reconnected = False
        return replace(incoming, arrival=arrival)

    def _take_over(self, source):
        """Trains come from another source: what was decided is not its own.
        """
        if self.source:
            self._reconnected = True
            self.forget(f"disarmed: the source was {self.source}, and now is "
                        f"{source}")
        self.source = source

    def refuse(self, pulses, reason):
        """Count a train that is none of ours, whatever its id says."""
        self.ledger = self.ledger.refuse(pulses, reason)

    def overflow(self, incoming):
        """Count a train that cannot even wait to be published as skipped."""
        self.ledger = self.ledger.skip(incoming.pulses, QUEUE_OVERFLOW)

    # behind the worker

    def finish(self, outcome, in_flight):
        """Count an outcome and decide; `in_flight`: see `TrainQueue`."""
        incoming, result = outcome.incoming, outcome.result
        arrival = incoming.arrival
        self._count(outcome)
        classified = outcome.fate is Fate.CLASSIFIED
        in_output = Tally(1, incoming.pulses) if classified else Tally()
        self.accounting_problem = self.ledger.identity(
            Tally(*in_flight), in_output) or self._reconcile()
        now = self._clock()
        latency = 1e3 * (now - incoming.received)
        age = 1e3 * (self._wall_clock() - incoming.source_time)
        observation = rules.Observation(
            train_id=incoming.train_id, labels=labels_of(outcome), time=now,
            model=self.standing, kind=arrival.kind, lost=arrival.lost,
            latency=latency, train_age=age, coverage=self.coverage,
            drift=self.drift.score, drift_reason=self.drift.reason,
            accounting=self.accounting_problem,
            fault=self.fault or self._fault(outcome.problem),
            pulse_numbers=result.pulse_ids if classified else None,
            confidence=result.confidence if classified else None,
            presence=outcome.presence, basis=self._basis_of(outcome))
        self.state, decision = rules.step(
            self.state, observation, self.configuration.decision)
        return Finished(
            outcome, decision, latency, age,
            outcome.problem or self.accounting_problem, self.drift,
            observation.model.min_intensity)

    def _fault(self, problem):
        """A fault as the decision knows it."""
        return "" if self.starting else problem or self._trouble()

    def _basis_of(self, outcome):
        """Hash that the labels were made under; "" where they do not count.

        What no engine has looked at has no labels that could vote.
        """
        if outcome.incoming.source != self.source:
            return ""
        if outcome.fate is not Fate.CLASSIFIED:
            return self.state.basis
        return outcome.configuration.hash

    def _count(self, outcome):
        pulses = outcome.incoming.pulses
        self.coverage = outcome.coverage
        self.switched = outcome.switched
        if outcome.problem:
            self.last_problem = outcome.problem
        if outcome.reason == ENGINE_ERROR:
            self.engine_errors += 1
        if outcome.fate is Fate.REJECTED:
            self.ledger = self.ledger.reject(pulses, outcome.reason)
        elif outcome.fate is Fate.SKIPPED:
            self.ledger = self.ledger.skip(pulses, outcome.reason)
        else:
            self.ledger = self.ledger.classify(
                outcome.result.counts(), NOT_SELECTED, outcome.degraded)
            self.drift = outcome.drift
            self.expected_wrong.add(
                outcome.result.label, outcome.result.confidence,
                outcome.result.scores.shape[1])

    def written(self, finished, pulses, blocked=False):
        """The output of a train is out; (latency, train age) in ms.

        `pulses`: how many of them stand in it; `blocked`: a receiver did
        not take it in time.
        """
        incoming = finished.outcome.incoming
        if finished.outcome.fate is Fate.CLASSIFIED:
            self.ledger = self.ledger.write(pulses, blocked)
        now = self._clock()
        latency = 1e3 * (now - incoming.received)
        self.latencies.add(latency)
        self.rate.add(now)
        return latency, 1e3 * (self._wall_clock() - incoming.source_time)

    # what people and time do

    @property
    def standing(self):
        """What speaks for the live model."""
        if self.configuration is None:
            return rules.ModelStanding()
        return self._qualify(self.configuration.standing)

    @property
    def pending(self):
        """Whether a change waits for its train edge."""
        return self.submitted is not self.configuration

    def submit(self, configuration):
        """A change is on its way: whatever was armed is not any more."""
        changed = (self.submitted is not None
                   and self.submitted.hash != configuration.hash)
        self.submitted = configuration
        if changed and self.state.armed:
            self.state = rules.disarm(
                self.state, "disarmed: the configuration has changed")

    def commit(self, configuration):
        """A change has become live between two trains.

        The hash alone tells whether anything has changed that a code or the
        decision depends on: then nothing that was decided counts any more.
        """
        old = self.configuration
        if old is None or old.hash != configuration.hash:
            self.state = rules.reconfigure(
                self.state, configuration.decision, configuration.hash)
            self.drift = DriftReport()
            self.expected_wrong.forget()
        if configuration.model is not None:
            self.starting = False
        self.configuration = configuration

    def rest_on(self, basis):
        """Codes to come rest on more than our configuration: on `basis`."""
        known = self.state.basis != self.configuration.hash
        self.state = rules.reconfigure(
            self.state, self.configuration.decision, basis,
            "disarmed: the configuration of the workers has changed"
            if known else "")

    def forget(self, because):
        """Nothing that was decided counts any more, for this reason."""
        if self.state.armed:
            self.disarm(because)
        self.state = rules.reset(self.state)

    def tick(self, fault=""):
        """What silence changes: a `Decision`."""
        self._stall.seen(self._clock())
        self.state, decision = rules.tick(
            self.state, self._clock(), self.configuration.decision,
            self.standing, self.fault or self._fault(fault))
        return decision

    @property
    def fault(self):
        """What has failed around the trains and is not mended, or ""."""
        return next(iter(self._faults.values()), "")

    def fail(self, name, sentence):
        """Something that must not fail has failed: nothing permits now.

        An operator has to arm again, also when it is mended.
        """
        self._faults[name] = sentence
        if self.state.armed:
            self.disarm(f"disarmed: {sentence}")

    def mend(self, name):
        """It works again."""
        self._faults.pop(name, None)

    def arm(self):
        """"" when armed, else why not."""
        if self.pending:
            return PENDING
        if self.fault:
            return self.fault
        self.state, why = rules.arm(
            self.state, self.configuration.decision, self.standing)
        return why

    def disarm(self, because):
        self.state = rules.disarm(self.state, because)

    def acknowledge(self):
        """"" when the latch is released, else why not."""
        if self.pending:
            return PENDING
        self.state, why = rules.acknowledge(
            self.state, self._clock(), self.configuration.decision,
            self.standing, self._fault(""))
        return why

    def latch(self, sentence, patterns, lost):
        """Go on with what was latched before the start."""
        self.state = rules.latched(self.state, sentence, patterns, lost)

    def reset(self, in_flight):
        """Count anew; arming and latch stay as they are.

        Only between two trains: nothing may be on its way to the output.
        """
        self.ledger = Ledger(received=Tally(*in_flight))
        self.state = rules.reset(self.state)
        self.engine_errors = 0
        self.last_problem = self.accounting_problem = ""
        self._start_statistics()

    @property
    def silent_for(self):
        """Seconds since the last train that was news; inf before any."""
        fresh = self.state.fresh
        return float("inf") if fresh is None else self._clock() - fresh
