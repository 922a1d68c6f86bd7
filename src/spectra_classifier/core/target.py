"""What a guard wants of the device it drives, and whether that follows."""
import math
from dataclasses import dataclass, replace

#: seconds between two closes of a target that is not known to be closed
REPEAT = 0.5


@dataclass(frozen=True)
class Target:
    """A shutter, say, as its guard sees it; every method gives a new one.

    `patience`: seconds the target has to follow and to answer; `reports`:
    whether it says anything of itself; `wanted`: open or not, None before
    the first command; `commanded`: monotonic seconds of the last command,
    `begun` of the first one of its kind; `is_open`: what it said last, None
    for nothing, and `heard` when.
    """
    patience: float = 2.
    reports: bool = True
    wanted: bool = None
    begun: float = -math.inf
    commanded: float = -math.inf
    is_open: bool = None
    heard: float = -math.inf

    def drive(self, wanted, now):
        """(target, command to be sent now: "open", "close" or "").

        A close that is not followed is repeated, an open never is.
        """
        if wanted != self.wanted:
            return (replace(self, wanted=wanted, begun=now, commanded=now),
                    "open" if wanted else "close")
        if (not wanted and self.reports and self.is_open is not False
                and now - self.commanded > REPEAT):
            return replace(self, commanded=now), "close"
        return self, ""

    def report(self, is_open, now):
        """What the target says of itself."""
        return replace(self, is_open=bool(is_open), heard=now)

    def trouble(self, now):
        """A sentence where the target does not do what is wanted, else ""."""
        if not self.reports or now - self.begun <= self.patience:
            return ""
        if now - self.heard > self.patience:
            return "the target does not answer"
        if self.is_open != self.wanted:
            is_, told = (("open", "close") if self.is_open
                         else ("closed", "open"))
            return f"the target is {is_} although it was told to {told}"
        return ""
