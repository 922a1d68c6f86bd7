"""The consumer's side of the permit: it expires unless it is renewed.

With every train the classifier sends the permit, a sequence number and a
validity, for example 500 ms. The consumer accepts it only while the number
advances in time on the consumer's own monotonic clock; anything else,
silence included, is no permit. Pure: the clock is an argument.
"""
import math
from dataclasses import dataclass, replace
from typing import Self

from .permit_message import wrong_word


@dataclass(frozen=True)
class Lease:
    """The permit as held by a consumer; every method returns a new lease.

    `granted` and `reason` are as of the last call: call `check` before acting
    on them. Times are monotonic seconds.

    Attributes
    ----------
    latching
        Whether a granted lease that is lost stays lost until acknowledged.
    longest
        Limit in ms to the validity that a renewal may request.
    sequence
        The last number received, None before any.
    deadline
        Time until which the sequence has to advance again; -inf while two
        advances are needed to trust the stream.
    renewed
        Time of the last renewal, None before any.
    trips
        How often a granted lease was lost.
    latch
        Why it was lost, while latched.
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
        """Return the lease after a message of the classifier.

        Parameters
        ----------
        permit, sequence, valid_for, reason
            As received: permit, number, ms of validity, and the reason. A
            value of a wrong type or range, NaN included, withdraws; it is
            never converted.
        now
            Monotonic seconds on the clock of the consumer.

        Returns
        -------
        Lease
            A repeated number renews nothing; a smaller one means that the
            classifier has restarted. After silence the first message is a
            starting point only, because it may have waited in a buffer: the
            next advance grants.
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
        # the stream is alive in any case: a true that follows a false
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
        """Return the lease at monotonic `now`: lost if it was not renewed."""
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
        """Return the lease, lost for a reason that the consumer has found.

        Parameters
        ----------
        latch
            Latch in any case, whether or not it was granted.
        """
        lease = replace(self._lose(why), deadline=-math.inf)
        if not latch or lease.latch:
            return lease
        return replace(lease, latch=why, reason=_latched(why))

    def acknowledge(self) -> Self:
        """Return the lease unlatched; the next permitting messages grant it.
        """
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
    return f"the classifier does not permit: {reason or 'without a reason'}"
