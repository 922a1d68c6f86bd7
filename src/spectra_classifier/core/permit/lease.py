"""The consumer's side of the permit: a lease that runs out by itself.

The classifier says "true, number 4711, good for 500 ms" with every train.
The consumer believes it only while the number advances in time on the
consumer's own monotonic clock; everything else, silence included, is no.
Pure: the clock is an argument.
"""
import math
from dataclasses import dataclass, replace
from typing import Self

from .permit_message import wrong_word


@dataclass(frozen=True)
class Lease:
    """What a consumer holds; every method gives a new lease.

    `latching`: a granted lease that is lost stays lost until acknowledged;
    `longest`: limit in ms to what a renewal may ask for. `granted` and
    `reason` are as of the last call: call `check` before acting on them.
    `sequence`: the last number seen, None before any; `deadline`: monotonic
    seconds until which the sequence has to advance again, -inf while two
    advances are needed to trust the stream; `renewed`: time of the last
    renewal; `trips`: how often a granted lease was lost; `latch`: why it
    was, while latched.
    """
    latching: bool = False
    longest: float = 1000.
    granted: bool = False
    reason: str = "no permit has been received yet"
    sequence: int | None = None
    deadline: float = -math.inf
    renewed: float | None = None
    trips: int = 0
    latch: str = ""

    def renew(self, permit: bool, sequence: int, valid_for: float,
              now: float, reason: str = "") -> Self:
        """The lease after a message of the classifier.

        Parameters
        ----------
        permit, sequence, valid_for, reason
            As received: permit, number, ms of validity, and the classifier's
            own words. A value of a wrong type or range, NaN included,
            withdraws; it is never converted.
        now
            Monotonic seconds on the clock of the consumer.

        Returns
        -------
        Lease
            A repeated number renews nothing; one that goes back means that
            the classifier has restarted. After silence the first message is
            a starting point only: it may have waited in a buffer, so it is
            the advance from it that grants.
        """
        lease = self.check(now)
        if wrong := wrong_word({
                "permit": permit, "permitSequence": sequence,
                "permitValidFor": valid_for, "permitReason": reason}):
            return lease.withdraw(wrong)
        if lease.sequence is not None and sequence == lease.sequence:
            # the same work: it may withdraw, it cannot renew
            return lease if permit else lease._lose(_refusal(reason))
        if lease.sequence is not None and sequence < lease.sequence:
            return replace(lease._lose(
                "the classifier has restarted: its sequence went from "
                f"{lease.sequence} back to {sequence}"),
                sequence=sequence, deadline=-math.inf)
        continues = lease._holds(now)
        # the stream is alive whatever it says: a true that follows a false
        # is a change, not a leftover
        lease = replace(lease, sequence=sequence, renewed=now, deadline=(
            now + min(valid_for, self.longest) / 1000))
        if not permit:
            return lease._lose(_refusal(reason))
        if lease.latch:
            return lease
        if not continues:
            return replace(lease, granted=False, reason="waiting for the "
                           "sequence to advance")
        return replace(lease, granted=True, reason="granted")

    def check(self, now: float) -> Self:
        """The lease at monotonic `now`: lost where nothing renewed it."""
        if self._holds(now) or not self.granted:
            return self
        return self._lose(f"not renewed for {1000 * self.age(now):.0f}"
                          " ms: the classifier, its server or the way to it "
                          "is silent")

    def _holds(self, now: float) -> bool:
        # a clock that went back, or is NaN, proves nothing
        return (self.renewed is not None
                and self.renewed <= now <= self.deadline)

    def withdraw(self, why: str, latch: bool = False) -> Self:
        """Lost for a reason that the consumer itself has found.

        `latch`: latched in any case, whether or not it was granted.
        """
        lease = replace(self._lose(why), deadline=-math.inf)
        if not latch or lease.latch:
            return lease
        return replace(lease, latch=why, reason=_latched(why))

    def acknowledge(self) -> Self:
        """Unlatched; granted again with the next words that permit."""
        if not self.latch:
            return self
        return replace(self, latch="", deadline=-math.inf, reason="waiting "
                       "for the sequence to advance")

    def age(self, now: float) -> float:
        """Seconds since the last renewal, inf before any."""
        return math.inf if self.renewed is None else now - self.renewed

    def _lose(self, why: str) -> Self:
        if not self.granted:
            return self if self.latch else replace(self, reason=why)
        latch = why if self.latching else ""
        return replace(self, granted=False, latch=latch,
                       reason=_latched(why) if latch else why,
                       trips=self.trips + 1)


def _latched(why: str) -> str:
    return f"latched, to be acknowledged: {why}"


def _refusal(reason: str) -> str:
    return f"the classifier says no: {reason or 'without a reason'}"
