"""State of the stream of trains: accounting, decision, statistics.

One object per device, used from its event loop only. Independent of Karabo,
so that it is tested without a broker.
"""
import time
from collections.abc import Callable
from dataclasses import replace

from ..core import decision as rules
from ..core.decision import Decision, ModelStanding, PulsePattern
from ..core.drift import DriftReport
from ..core.evaluation.expected_errors import ExpectedWrongCheck
from ..core.trains.accounting import Ledger, Tally
from .configuration.configuration import Configuration
from .queue_worker import ENGINE_ERROR
from .records import Fate, Finished, Incoming, Outcome, labels_of
from .statistics import Latencies, Rate, Stall

NOT_SELECTED = "not selected"
QUEUE_OVERFLOW = "engine hangs"
PENDING = "a change of the configuration is not in force yet"
RECEIVER_BLOCKED = "a receiver did not take it in time"


class StreamState:
    """Everything known about the stream, from arrival to publication.

    `configuration`: the one in force, None before the first; `submitted`:
    the newest one, which may still wait for its train edge. They are the
    same object when nothing is pending. `source`: sender of the newest
    train; `starting`: no model has been live or rejected yet, so that a
    train without codes is no fault.

    Parameters
    ----------
    clock
        Monotonic s.
    wall_clock
        Seconds since 1970.
    shared
        Other workers receive trains of the same source.
    ordered
        The trains arrive in order and with checked train ids.
    qualify
        Changes the standing of the live model.
    reconcile
        Returns a further accounting problem, or "".
    trouble
        Returns a fault of the inputs, or "".
    """

    def __init__(
            self, clock: Callable[[], float] = time.monotonic,
            wall_clock: Callable[[], float] = time.time, shared: bool = False,
            ordered: bool = False,
            qualify: Callable[[ModelStanding], ModelStanding] | None = None,
            reconcile: Callable[[], str] | None = None,
            trouble: Callable[[], str] | None = None) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._shared = shared
        self._ordered = ordered
        self._qualify = qualify or (lambda standing: standing)
        self._reconcile = reconcile or (lambda: "")
        self._trouble = trouble or (lambda: "")
        self.ledger = Ledger()
        self.state = rules.DecisionState()
        self.configuration: Configuration | None = None
        self.submitted: Configuration | None = None
        self.source = ""
        self.starting = True
        self.accounting_problem = ""
        self.engine_errors = 0
        self.last_problem = ""
        self.coverage = 0.
        self.switched = 0
        self.spiked = 0
        self.drift = DriftReport()
        self.expected_wrong = ExpectedWrongCheck()
        self._faults: dict[str, str] = {}   # one sentence per failure
        self._reconnected = False
        self._stall = Stall()
        self._start_statistics()

    def _start_statistics(self) -> None:
        self.latencies = Latencies()
        self.rate = Rate()

    # at the entry of the handler

    def connected(self) -> None:
        """Report that the source has (re)connected before the next train."""
        self._reconnected = True

    def arrive(self, incoming: Incoming) -> Incoming:
        """Count a train; returns it with its `arrival`."""
        if incoming.source != self.source:
            self._take_over(incoming.source)
        self.ledger, arrival = self.ledger.arrive(
            incoming.train_id, incoming.pulses, self._reconnected,
            self._stall.seen(self._clock()), self._shared, self._ordered)
        self._reconnected = False
        return replace(incoming, arrival=arrival)

    def _take_over(self, source: str) -> None:
        """Another source sends: drop what was decided for the last one."""
        if self.source:
            self._reconnected = True
            self.forget(f"disarmed: the source was {self.source}, and now is "
                        f"{source}")
        self.source = source

    def refuse(self, pulses: int, reason: str) -> None:
        """Count a train that is not accepted, whatever its train id."""
        self.ledger = self.ledger.refuse(pulses, reason)

    def overflow(self, incoming: Incoming) -> None:
        """Count as skipped a train for which there is no room at all."""
        self.ledger = self.ledger.skip(incoming.pulses, QUEUE_OVERFLOW)

    # after the worker

    def finish(self, outcome: Outcome, in_flight: tuple[int, int]) -> Finished:
        """Count an outcome and decide.

        Parameters
        ----------
        in_flight
            Numbers of trains and pulses, see `TrainQueue.in_flight`.
        """
        incoming, result = outcome.incoming, outcome.result
        arrival = incoming.arrival
        self._count(outcome)
        if arrival is None:
            raise ValueError(f"train {incoming.train_id} was not counted")
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
            pulse_numbers=result.pulse_ids if classified and result else None,
            light=outcome.light, light_problem=outcome.light_problem,
            confidence=result.confidence if classified and result else None,
            presence=outcome.presence, means=outcome.means,
            basis=self._basis_of(outcome))
        self.state, decision = rules.step(
            self.state, observation, self._in_force().decision)
        return Finished(
            outcome, decision, latency, age,
            outcome.problem or self.accounting_problem, self.drift,
            observation.model.min_intensity)

    def _fault(self, problem: str) -> str:
        """The fault that the decision sees; none while starting."""
        return "" if self.starting else problem or self._trouble()

    def _basis_of(self, outcome: Outcome) -> str:
        """Hash that the labels were made under; "" where they do not count.

        A train that was not classified has no labels that could vote.
        """
        if outcome.incoming.source != self.source:
            return ""
        if outcome.fate is not Fate.CLASSIFIED:
            return self.state.basis
        configuration = outcome.configuration
        return configuration.hash if configuration is not None else ""

    def _count(self, outcome: Outcome) -> None:
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
        elif (result := outcome.result) is not None:
            self.spiked = result.spiked
            self.ledger = self.ledger.classify(
                result.counts(), NOT_SELECTED, outcome.degraded)
            self.drift = outcome.drift or DriftReport()
            self.expected_wrong.add(result.label, result.confidence,
                                    result.scores.shape[1])

    def written(self, finished: Finished, pulses: int,
                blocked: bool = False) -> Finished:
        """Count a train whose output was written.

        Parameters
        ----------
        pulses
            Number of pulses in the output.
        blocked
            A receiver did not accept it in time.

        Returns
        -------
        The train with latency and age as written, not as received, and with
        another decision where its permit was withdrawn meanwhile.
        """
        incoming = finished.outcome.incoming
        if finished.outcome.fate is Fate.CLASSIFIED:
            self.ledger = self.ledger.write(pulses, blocked)
        now = self._clock()
        latency = 1e3 * (now - incoming.received)
        self.latencies.add(latency)
        self.rate.add(now)
        decision = finished.decision
        if decision.permit and not self.state.permit:
            decision = self.tick()
        return replace(
            finished, decision=decision, latency=latency,
            train_age=1e3 * (self._wall_clock() - incoming.source_time))

    def _in_force(self) -> Configuration:
        if self.configuration is None:
            raise RuntimeError("no configuration is in force yet")
        return self.configuration

    # requests of people, and the passing of time

    @property
    def standing(self) -> ModelStanding:
        """Whether the live model may permit."""
        if self.configuration is None:
            return rules.ModelStanding()
        return self._qualify(self.configuration.standing)

    @property
    def pending(self) -> bool:
        """Whether a configuration waits for its train edge."""
        return self.submitted is not self.configuration

    def submit(self, configuration: Configuration) -> None:
        """Announce a configuration; a change disarms at once."""
        changed = (self.submitted is not None
                   and self.submitted.hash != configuration.hash)
        self.submitted = configuration
        if changed and self.state.armed:
            self.state = rules.disarm(
                self.state, "disarmed: the configuration has changed")

    def commit(self, configuration: Configuration) -> None:
        """Put a configuration into force between two trains.

        If its hash differs, something has changed that codes or decision
        depend on, and everything decided before is dropped.
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

    def rest_on(self, basis: str) -> None:
        """Set the hash of everything that the next codes depend on.

        For codes that depend on more than our own configuration.
        """
        configuration = self._in_force()
        known = self.state.basis != configuration.hash
        self.state = rules.reconfigure(
            self.state, configuration.decision, basis,
            "disarmed: the configuration of the workers has changed"
            if known else "")

    def forget(self, because: str) -> None:
        """Disarm for a reason and drop everything that was decided."""
        if self.state.armed:
            self.disarm(because)
        self.state = rules.reset(self.state)

    def tick(self, fault: str = "") -> Decision:
        """Decide without a train, which can only withdraw a permit."""
        self._stall.seen(self._clock())
        self.state, decision = rules.tick(
            self.state, self._clock(), self._in_force().decision,
            self.standing, self.fault or self._fault(fault))
        return decision

    @property
    def fault(self) -> str:
        """A failure around the trains that still lasts, or ""."""
        return next(iter(self._faults.values()), "")

    def fail(self, name: str, sentence: str) -> None:
        """Report a failure: no permit while it lasts.

        An operator has to arm again, even after it is repaired.
        """
        self._faults[name] = sentence
        if self.state.armed:
            self.disarm(f"disarmed: {sentence}")

    def mend(self, name: str) -> None:
        """Report that a failure is over."""
        self._faults.pop(name, None)

    def arm(self) -> str:
        """Arm; returns "" or the reason why not."""
        if self.pending:
            return PENDING
        if self.fault:
            return self.fault
        self.state, why = rules.arm(
            self.state, self._in_force().decision, self.standing)
        return why

    def disarm(self, because: str) -> None:
        """Disarm for a reason that is shown."""
        self.state = rules.disarm(self.state, because)

    def acknowledge(self) -> str:
        """Release the latch; returns "" or the reason why not."""
        if self.pending:
            return PENDING
        self.state, why = rules.acknowledge(
            self.state, self._clock(), self._in_force().decision,
            self.standing, self._fault(""))
        return why

    def latch(self, sentence: str, patterns: tuple[PulsePattern, ...],
              lost: bool) -> None:
        """Restore a latch from before the start."""
        self.state = rules.latched(self.state, sentence, patterns, lost)

    def reset(self, in_flight: tuple[int, int]) -> None:
        """Restart the counts; arming and latch are kept.

        Only between two trains: none may be on its way to the output.
        """
        self.ledger = Ledger(received=Tally(*in_flight))
        self.state = rules.reset(self.state)
        self.engine_errors = 0
        self.last_problem = self.accounting_problem = ""
        self._start_statistics()

    @property
    def silent_for(self) -> float:
        """Seconds since the last new train; inf before the first."""
        fresh = self.state.fresh
        return float("inf") if fresh is None else self._clock() - fresh
