"""What a guard wants of the device it drives, and whether that follows."""
import math
from dataclasses import dataclass, replace
from typing import Self

#: seconds between two closes of a target that is not known to be closed
REPEAT = 0.5
SILENT = "the target does not answer"


@dataclass(frozen=True)
class DrivenDevice:
    """A shutter, say, as its guard sees it; every method gives a new one.

    `patience`: seconds the target has to follow and to answer; `reports`:
    whether it says if it is open; `wanted`: open or not, None before the
    first command; `commanded`: monotonic seconds of the last command,
    `begun` of the first one of its kind; `is_open`: what it said last, None
    for neither open nor closed, and `heard` when.
    """
    patience: float = 2.
    reports: bool = True
    wanted: bool | None = None
    begun: float = -math.inf
    commanded: float = -math.inf
    is_open: bool | None = None
    heard: float = -math.inf

    def drive(self, wanted: bool, now: float) -> tuple[Self, str]:
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

    def report(self, is_open: bool | None, now: float) -> Self:
        """The target has answered; what it says of itself.

        `is_open`: None where it says neither, or is not asked for it.
        """
        return replace(self, is_open=is_open, heard=now)

    def trouble(self, now: float) -> str:
        """A sentence where the target does not do what is wanted, else ""."""
        if self.wanted is None or now - self.begun <= self.patience:
            return ""
        return self._silence(now) or self._contradiction()

    def disobeys(self, now: float) -> bool:
        """Whether it failed so that somebody has to look at it.

        A target that is silent while it is to be closed may only be off.
        """
        return bool(self.trouble(now)) and bool(
            self.wanted or (not self._silence(now)
                            and self._contradiction()))

    def unready(self, now: float) -> str:
        """Why the target must not be opened now, "" where it may be.

        It may if it has just answered, and says that it is closed.
        """
        if why := self._silence(now) or self.trouble(now):
            return why
        if self.reports and self.is_open is not False:
            return "the target does not say that it is closed"
        return ""

    def _silence(self, now: float) -> str:
        return "" if 0 <= now - self.heard <= self.patience else SILENT

    def _contradiction(self) -> str:
        if not self.reports or self.is_open is self.wanted:
            return ""
        order = "open" if self.wanted else "close"
        if self.is_open is None:
            return ("the target says neither open nor closed although it was "
                    f"told to {order}")
        is_ = "open" if self.is_open else "closed"
        return f"the target is {is_} although it was told to {order}"
