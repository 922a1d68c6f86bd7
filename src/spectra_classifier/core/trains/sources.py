"""Selection of one source per input, by its name.

Two sources on one input would count the same trains twice, and it is
unknown which of them is right. The first one that sends is the source for as
long as the input is configured for it. Others are refused and counted, and
raise a fault while they send.
"""
from collections import Counter
from collections.abc import Sequence

from ...errors import InputError

#: s for which a second source is a fault after it was heard last
REPORTED = 10.
#: names that are counted one by one, and the name of the rest
MOST_NAMES, OTHERS = 20, "others"


class OneSource:
    """The source of one input; times are monotonic s.

    `name`: the source, "" where there is none; `refused`: trains of others,
    by name.
    """

    def __init__(self) -> None:
        self.name = ""
        self.refused: Counter[str] = Counter()
        self._stranger = ""
        self._heard = float("-inf")

    def admits(self, name: str, configured: Sequence[str],
               now: float) -> bool:
        """Whether a train is one of the source.

        Parameters
        ----------
        name : str
            The source in the meta data of the train, "device:channel".
        configured : sequence of str
            Channels that the input is configured for. One that passes
            trains on may send them under another name.
        now : float
            Monotonic time in s.
        """
        replaced = name in configured and self.name not in configured
        if not self.name or replaced:
            self.name = name
        if name == self.name:
            return True
        known = name in self.refused or len(self.refused) < MOST_NAMES
        self.refused[name if known else OTHERS] += 1
        self._stranger, self._heard = name, now
        return False

    def require(self, name: str, configured: Sequence[str],
                now: float) -> None:
        """Raise `InputError` for a train that `admits` refuses."""
        if not self.admits(name, configured, now):
            raise InputError(self.fault(now))

    def connected(self, channel: str, configured: Sequence[str]) -> bool:
        """A channel has connected; whether it may be that of the source."""
        if self.name not in configured:     # replaced, or another name
            self.name = ""
        return self.name in ("", channel)

    def fault(self, now: float) -> str:
        """A sentence while a second source sends, else ""."""
        if not now - self._heard <= REPORTED:
            return ""
        return (f"{self._stranger} sends as well as {self.name}: one input "
                "has one source, and it is unknown which one is right; "
                "disconnect the other one")
