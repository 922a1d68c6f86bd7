"""The consumer of the permit: holds the lease, drives a shutter."""
import json
import time
from asyncio import Event, wait, wait_for
from contextlib import suppress
from dataclasses import replace
from functools import partial

from karabo.middlelayer import (
    AlarmCondition,
    InputChannel,
    KaraboError,
    Overwrite,
    Slot,
    State,
    background,
    getProperties,
    setNoWait,
    sleep,
)

from ..core.hearing import Hearing
from ..core.lease import Lease
from ..core.target import Target
from .broker_watch import watch_broker
from .checked_device import CheckedDevice
from .guard_properties import (
    GuardReadings,
    GuardSettings,
    configuration_error,
)
from .loop_watch import LoopWatch, end_process

#: seconds between two looks at the lease
PERIOD = 0.02
#: seconds between two looks at whether anything is heard
LISTEN_PERIOD = 0.5
#: seconds that a connection may take to end
END_TIMEOUT = 5.
#: seconds between two updates of the numbers on the screen
SHOW_PERIOD = 0.5
#: what a classifier says of its permit with every train
PERMIT_GROUP = ("data.permit", "data.permitSequence", "data.permitValidFor",
                "data.permitReason", "data.permitTrainId")


class PermitGuard(GuardSettings, GuardReadings, CheckedDevice):
    """Opens its target while the permit of a classifier is renewed.

    Silence, a sequence that stands still and a classifier that starts anew
    all close it. Run it in a server of its own. The permit is advice to an
    interlock system, never personnel or machine protection.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PASSIVE, State.INTERLOCKED,
                 State.ERROR],
        description="ON: the target is open. PASSIVE: closed. INTERLOCKED: "
                    "closed and latched. ERROR: the target does not follow, "
                    "or the configuration cannot work")

    def __init__(self, configuration):
        super().__init__(configuration)
        self._tasks = []
        self._watch = None
        self._wake = Event()
        self._shown = -SHOW_PERIOD
        self._source, self._train_id = "", 0
        self._hearing = Hearing(self.reconnectAfter.value, time.monotonic())
        self._confirm = (self.confirmProperty.value
                         or self.targetProperty.value)
        self._confirm_open = _parsed(
            self.confirmOpenValue if self.confirmProperty else self.openValue)
        self._lease = Lease(longest=self.leaseTime.value)
        self._target = Target(patience=self.patience.value,
                              reports=bool(self._confirm))

    async def onInitialization(self):
        if wrong := configuration_error(self):
            self._set(state=State.ERROR, alarmCondition=AlarmCondition.ALARM,
                      reason=wrong, status=wrong)
            return
        if self.enableOnStart:
            self._act_on_permit(True)
        self._turn()            # closes the target, before anything else
        self._watch = LoopWatch(
            self.loopTimeout.value, partial(end_process, self.deviceId))
        self._watch.start()
        self._tasks = [background(self._turn_for_ever()),
                       background(self._talk_for_ever()),
                       background(watch_broker(self)),
                       background(self._listen_for_ever())]
        await self.input.connectChannel(self._channel)

    async def onDestruction(self):
        for task in self._tasks:
            task.cancel()
        if self._watch is not None:
            self._watch.stop()
            self._act_on_permit(False)
            self._turn()

    @InputChannel(raw=True, displayedName="Input",
                  description="Connected to the output of the classifier")
    async def input(self, data, meta):
        missing = [key for key in PERMIT_GROUP if key not in data]
        if missing:
            self._withdraw(f"{meta.source} sends no {missing[0]}: it is no "
                           "classifier")
            return
        permit, sequence, valid_for, reason, train_id = (
            data[key] for key in PERMIT_GROUP)
        self._source, self._train_id = str(meta.source), int(train_id)
        now = time.monotonic()
        self._hearing = self._hearing.heard(now)
        self._lease = self._lease.renew(
            bool(permit), int(sequence), float(valid_for), now, str(reason))
        self._turn()

    @input.connect
    async def input(self, name):
        self.logger.info(f"Connected to {name}")

    @input.close
    async def input(self, name):
        self._withdraw("the connection to the classifier is closed")

    @input.endOfStream
    async def input(self, name):
        self._withdraw("the classifier says that its stream has ended")

    @Slot(displayedName="Enable", description="Act on the permit")
    async def enable(self):
        self._act_on_permit(True)
        self._turn()

    @Slot(displayedName="Disable",
          description="Close, and do not act on the permit any more")
    async def disable(self):
        self._act_on_permit(False)
        self._turn()

    @Slot(displayedName="Close",
          description="Close at once; stays closed until acknowledged")
    async def close(self):
        self._lease = self._lease.withdraw("closed by an operator",
                                           latch=True)
        self._turn()

    @Slot(displayedName="Acknowledge",
          description="Clear what is latched; the next renewals open")
    async def acknowledge(self):
        self._lease = self._lease.acknowledge()
        self._turn()

    def _act_on_permit(self, enabled):
        # what is lost while nobody acts on it is nothing to acknowledge
        self._lease = replace(
            self._lease, latching=enabled and self.latching.value)
        self._set(enabled=enabled)

    def _withdraw(self, why):
        self._lease = self._lease.withdraw(why)
        self._turn()

    def _turn(self):
        """Look at the lease, command the target if need be; never waits."""
        now = time.monotonic()
        self._lease = self._lease.check(now)
        trouble = self._target.trouble(now)
        if trouble and self._target.wanted:
            self._lease = self._lease.withdraw(trouble)
        wanted = self.enabled.value and self._lease.granted
        self._target, command = self._target.drive(wanted, now)
        if command:
            self._send(command)
            self._wake.set()
        self._show(trouble, now)

    def _send(self, command):
        """Command without waiting for an answer: a close must not queue up
        behind an open that is not answered."""
        target, opening = self.targetDevice.value, command == "open"
        self.logger.info(f"Tell {target} to {command}: {self._lease.reason}")
        if self.openSlot:
            slot = self.openSlot if opening else self.closeSlot
            self.callNoWait(target, slot.value)
        else:
            value = self.openValue if opening else self.closedValue
            setNoWait(target, self.targetProperty.value, _parsed(value))

    async def _turn_for_ever(self):
        while True:
            self._watch.beat()
            self._turn()
            await sleep(PERIOD)

    @property
    def _channel(self):
        return f"{self.classifierId.value}:output"

    async def _listen_for_ever(self):
        """Connect anew where nothing is heard; closed meanwhile."""
        while True:
            await sleep(LISTEN_PERIOD)
            now = time.monotonic()
            # a lease that is held was heard of
            if not self._lease.granted and self._hearing.is_due(now):
                self._hearing = self._hearing.tried(now)
                self._set(reconnects=self._hearing.attempts)
                self.logger.warning(
                    f"Nothing heard from {self._channel}: connect anew, for "
                    f"the {self._hearing.attempts}. time")
                await self._connect_anew()

    async def _connect_anew(self):
        if (task := self.input.connected.get(self._channel)) is not None:
            task.cancel()
            # it may wait for its handler; if it does not end it is kept
            await wait([task], timeout=END_TIMEOUT)
        await self.input.connectChannel(self._channel)
        self._withdraw(f"nothing is heard from {self._channel}: it sends "
                       "nothing, or the way to it is dead; connected anew "
                       f"{self._hearing.attempts} times since the start")

    async def _talk_for_ever(self):
        while True:
            # an answer that does not come is judged by the target's patience
            with suppress(TimeoutError, KaraboError):
                await wait_for(self._talk(), self.patience.value)
            with suppress(TimeoutError):
                await wait_for(self._wake.wait(), self.talkPeriod.value)
            self._wake.clear()

    async def _talk(self):
        """Hold the target open and ask what it does."""
        target = self.targetDevice.value
        self._turn()            # nothing is held that is not granted now
        if self._target.wanted and self.holdSlot:
            await self.call(target, self.holdSlot.value)
        if self._confirm:
            found = await getProperties(target, self._confirm)
            if self._confirm in found:
                self._target = self._target.report(
                    found[self._confirm] == self._confirm_open,
                    time.monotonic())
        self._turn()

    def _show(self, trouble, now):
        lease, target = self._lease, self._target
        is_open = (target.is_open if self._confirm else target.wanted)
        reason = trouble or lease.reason
        if not (trouble or lease.latch or self.enabled):
            reason = "not enabled: the permit is not acted on"
        if trouble:
            state, alarm = State.ERROR, AlarmCondition.ALARM
        elif lease.latch:
            state, alarm = State.INTERLOCKED, AlarmCondition.INTERLOCK
        else:
            state = State.ON if is_open else State.PASSIVE
            alarm = AlarmCondition.NONE
        self._set(granted=bool(target.wanted), reason=reason, status=reason,
                  state=state, alarmCondition=alarm,
                  targetOpen=bool(is_open), trips=lease.trips)
        if now - self._shown >= SHOW_PERIOD:
            self._shown = now
            self._set(sourceId=self._source, permitTrainId=self._train_id,
                      permitSequence=lease.sequence or 0, lastRenewalAge=(
                          -1. if lease.renewed is None
                          else round(lease.age(now), 3)))

    def _set(self, **values):
        """Set properties that differ."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _parsed(text):
    """A value given as JSON, or the text itself."""
    try:
        return json.loads(text.value)
    except json.JSONDecodeError:
        return text.value
