"""What classifier and collector streams have in common."""
from enum import Enum, auto
from typing import Final, Protocol

from ...core.decision import Decision
from ...live.configuration.configuration import Configuration
from ...live.stream_state import StreamState

#: s between two checks of the clock, or a quarter of a shorter `staleAfter`
WATCH_PERIOD = 0.1
#: s between two updates of what changes slowly
SLOW_PERIOD = 0.5


class Reset(Enum):
    """Marks a reset in the order of what the worker delivers."""
    RESET = auto()


RESET: Final = Reset.RESET


class DecidingStream(Protocol):
    """The stream of a device, as far as its base class uses it."""
    flow: StreamState

    def submit(self, configuration: Configuration) -> None:
        """Put a configuration into force at the next train edge."""

    def refresh(self) -> Decision:
        """Decide without a train and publish the decision."""

    def let_pass(self) -> None:
        """Wait, in another thread, until no train is being processed."""

    def reset(self) -> None:
        """Restart the counts with the next train."""

    async def stop(self) -> None:
        """End the threads; trains that wait are dropped."""
