"""What all devices of the package have in common.

Values from the outside are checked as a whole (`border`), and work that must
run for ever is kept in view (`supervision`).
"""
import logging
from collections.abc import Awaitable
from typing import Any

from karabo.middlelayer import AlarmCondition, Device, Hash, KaraboError, slot

from ... import __version__
from ...errors import ConfigurationError
from .supervision import Supervisor
from .value_checks import accepted, shown


class CheckedDevice(Device):
    """Base of all devices of the package."""

    __version__ = __version__

    # properties of Karabo's `Device`
    status: Any
    alarmCondition: Any

    def __init__(self, configuration: Hash) -> None:
        try:
            configuration = accepted(type(self), configuration, initial=True)
        except ConfigurationError as error:
            raise KaraboError(
                f"{type(self).__name__} is not started: {error}") from None
        self._fit(configuration)
        super().__init__(configuration)
        self.supervisor = Supervisor(self.deviceId.value, self.work_ended,
                                     self.work_recovered)

    async def slotKillDevice(self, message: Any = None) -> Any:
        """End in order, also while the device is starting.

        Karabo calls no `onDestruction` then, but cancels the tasks.
        """
        self.supervisor.stop()
        return await super().slotKillDevice(message)

    slotKillDevice = slot(slotKillDevice, passMessage=True)

    def _fit(self, configuration: Hash) -> None:
        """Make the instance fit a checked configuration, before its
        properties are made."""

    async def slotReconfigure(self, reconfiguration: Hash,
                              message: Any) -> None:
        """Every value is checked before the first one is set."""
        if locked := self._checkLocked(message):
            raise KaraboError(locked)
        try:
            values = accepted(type(self), reconfiguration, self.state.value)
        except ConfigurationError as error:
            raise self.refusal(error) from None
        await self.apply_values(values, message)

    slotReconfigure = slot(slotReconfigure, passMessage=True)

    def refusal(self, reason: Exception | str) -> KaraboError:
        """The error for the caller; logged here without a traceback."""
        self.status = f"Nothing was changed: {reason}"
        self.logger.warning(f"refused: {reason}")
        return refused_call(reason)

    async def apply_values(self, values: Hash, message: Any) -> None:
        """Set checked values."""
        await super().slotReconfigure(values, message)

    def _onException(self, slot: Any, exc: BaseException,
                     tb: Any) -> Awaitable[None]:
        """One line for a refusal; Karabo logs all others with traceback."""
        if getattr(exc, "loglevel", logging.ERROR) > logging.DEBUG:
            return super()._onException(slot, exc, tb)
        self.logger.warning(f"{slot.key if slot else 'call'}: {exc}")
        return self.onException(slot, exc, tb)

    def work_ended(self, name: str, sentence: str) -> None:
        """Work that must run has ended: take the safe side and say so."""
        self.alarmCondition = AlarmCondition.ALARM
        self.status = sentence

    def work_recovered(self, name: str) -> None:
        """The work runs again."""
        self.alarmCondition = AlarmCondition.NONE
        self.status = f"{name} runs again"


def refused_call(reason: Exception | str) -> KaraboError:
    """The error for a caller; Karabo logs no traceback of it."""
    return KaraboError(str(reason), loglevel=logging.DEBUG)


def asked_name(params: object) -> str:
    """The name in the parameters of requestScene and its like.

    "" where there is none; `KaraboError` where it is no text.
    """
    if not isinstance(params, Hash):
        raise KaraboError(f"the parameters are {shown(params)}: expected a "
                          "Hash with a name")
    name = params.get("name", "")
    if not isinstance(name, str):
        raise KaraboError(f"name is {shown(name)}: expected a text")
    return name
