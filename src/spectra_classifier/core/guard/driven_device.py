"""Requested and actual state of a driven device."""
import math
from dataclasses import dataclass, replace
from typing import Self

#: seconds between two closes of a target that is not known to be closed
REPEAT = 0.5
SILENT = "the target does not answer"
#: of one that does not report whether it is open
UNANSWERED = "the target has not answered the command to close"


@dataclass(frozen=True)
class DrivenDevice:
    """A driven device (a shutter, say) as seen by its guard; immutable.

    Times are monotonic seconds.

    Attributes
    ----------
    patience
        Seconds that the device has to follow and to answer.
    reports
        Whether it shows if it is open.
    wanted
        Open or closed, None before the first command.
    begun
        Time of the first command of the present kind.
    commanded
        Time of the last command.
    is_open
        The last state it showed, None for neither open nor closed.
    heard
        Time of its last answer.
    unclosed
        Why one that does not report is not known to be closed; "" once it
        has carried out the command to close.
    """
    patience: float = 2.
    reports: bool = True
    wanted: bool | None = None
    begun: float = -math.inf
    commanded: float = -math.inf
    is_open: bool | None = None
    heard: float = -math.inf
    unclosed: str = UNANSWERED

    def drive(self, wanted: bool, now: float) -> tuple[Self, str]:
        """Return the new state and the command: "open", "close" or "".

        A close that is not followed is repeated, an open is not.
        """
        if wanted != self.wanted:
            return (replace(self, wanted=wanted, begun=now, commanded=now,
                            unclosed=UNANSWERED),
                    "open" if wanted else "close")
        if (not wanted and self.reports and self.is_open is not False
                and now - self.commanded > REPEAT):
            return replace(self, commanded=now), "close"
        return self, ""

    def restarted(self) -> Self:
        """Return the state of a device of which nothing is known yet."""
        return type(self)(self.patience, self.reports)

    @property
    def needs_answer(self) -> bool:
        """Whether only an answer to a close can show that it is closed."""
        return not (self.wanted or self.reports or not self.unclosed)

    def answered(self, refusal: str) -> Self:
        """Return the state after an answer to the command to close.

        Parameters
        ----------
        refusal
            One sentence, "" where the command was carried out.
        """
        return replace(self, unclosed=refusal)

    def report(self, is_open: bool | None, now: float) -> Self:
        """Return the state after an answer of the device.

        Parameters
        ----------
        is_open
            None where it shows neither state, or is not read.
        """
        return replace(self, is_open=is_open, heard=now)

    def trouble(self, now: float) -> str:
        """Return one sentence if the device does not follow, else ""."""
        if self.wanted is None or now - self.begun <= self.patience:
            return ""
        return self._silence(now) or self._contradiction()

    def disobeys(self, now: float) -> bool:
        """Return whether it failed in a way that needs an operator.

        A device that is silent while it is to be closed may only be switched
        off.
        """
        return bool(self.trouble(now)) and bool(
            self.wanted or (not self._silence(now)
                            and self._contradiction()))

    def unready(self, now: float) -> str:
        """Return why the device must not be opened now; "" where it may.

        It may be opened if it has just answered and shows that it is closed.
        """
        if why := self._silence(now) or self.trouble(now):
            return why
        if self.reports and self.is_open is not False:
            return "the target does not report that it is closed"
        return self.unclosed if self.needs_answer else ""

    def _silence(self, now: float) -> str:
        return "" if 0 <= now - self.heard <= self.patience else SILENT

    def _contradiction(self) -> str:
        if not self.reports:
            return self.unclosed if self.needs_answer else ""
        if self.is_open is self.wanted:
            return ""
        order = "open" if self.wanted else "close"
        if self.is_open is None:
            return ("the target reports neither open nor closed although it "
                    f"was commanded to {order}")
        is_ = "open" if self.is_open else "closed"
        return f"the target is {is_} although it was commanded to {order}"
