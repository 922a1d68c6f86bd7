"""The consumer of the permit: holds the lease, drives a shutter."""
import json
import math
import time
from asyncio import Event, wait, wait_for
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from karabo.middlelayer import (
    AccessMode,
    AlarmCondition,
    Hash,
    InputChannel,
    KaraboError,
    Overwrite,
    Slot,
    State,
    VectorString,
    getProperties,
    getSchema,
    sleep,
)

from ...core.guard.driven_device import SILENT, DrivenDevice
from ...core.guard.lease import Lease
from ...core.guard.permit_message import plain, wrong_word
from ...core.guard.reconnect_backoff import ReconnectBackoff
from ...core.guard.target_node import TargetNode, Value
from ..common.broker_watch import watch_broker
from ..common.channels import ChannelMeta
from ..common.checked_device import CheckedDevice
from ..common.loop_watch import LoopWatch, end_process
from ..common.property_paths import set_at
from ..common.scene_slots import SceneSlots
from .properties import (
    GuardProperties,
    WordInput,
    drive_of,
    source_error,
    take_channels,
    time_error,
)
from .refusing_slot import RefusingSlot
from .scene import SCENES
from .target_schema import nodes_of

#: seconds between two checks of the lease
PERIOD = 0.02
#: seconds between two checks whether messages arrive
LISTEN_PERIOD = 0.5
#: seconds that a connection may take to end
END_TIMEOUT = 5.
#: seconds between two updates of the numbers on the screen
SHOW_PERIOD = 0.5
#: seconds for which a message that was not believed is a warning
WARN_FOR = 10.
#: seconds between two checks of a target that does not fit
LOOK_AGAIN = 5.
#: seconds that an operator waits for a target to become ready
READY_TIMEOUT = 4.5
#: permit group that a classifier sends with every train
PERMIT_GROUP = ("data.permit", "data.permitSequence", "data.permitValidFor",
                "data.permitReason", "data.permitTrainId")
#: what is set once in each run of a device, and so tells it from the next
IDENTITY = ("classId", "classVersion", "serverId", "pid")
STATE = "state"
#: once it has looked at its target
STARTED = (State.ON, State.PASSIVE, State.INTERLOCKED, State.ERROR)
NEVER = -math.inf
UNKNOWN = "the target has not said yet what it is"


class PermitGuard(SceneSlots, GuardProperties, CheckedDevice):
    """Opens its target while the permit of a classifier is renewed.

    It believes the channel `output` of that one device. Silence, a sequence
    that does not advance and a classifier that restarts all close it. Run
    it in a server of its own. The permit is advice to an interlock system,
    never personnel or machine protection.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, *STARTED],
        description="ON: the target is open. PASSIVE: closed. INTERLOCKED: "
                    "closed and latched. ERROR: the target does not follow, "
                    "or the configuration cannot work")

    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=list(SCENES), accessMode=AccessMode.READONLY)
    scenes = SCENES

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._watch: LoopWatch | None = None
        self._wake = Event()
        self._shown = self._refused_at = NEVER
        self._source, self._train_id, self._refused = "", 0, 0
        self._backoff = ReconnectBackoff(self.source.reconnectAfter.value,
                                         time.monotonic())
        self._lease = Lease(longest=self.conditions.lease.value)
        self._drive = drive_of(self)
        wrong_target = self._drive.problem(self.deviceId,
                                           self.classifierId.value)
        # a close is sent only where it is known to be one
        self._can_close = not wrong_target
        wrong_source = source_error(self, self._configured)
        self._channel = ("" if wrong_source
                         else f"{self.classifierId.value}:output")
        #: why it cannot work, for good
        self._fault = (wrong_source or wrong_target
                       or time_error(self))
        #: why this target cannot be driven, as far as is known
        self._misfit = UNKNOWN
        self._nodes: dict[str, TargetNode] = {}
        self._identity: list[str] | None = None
        self._looked = NEVER
        #: last value of watchdog.property, read or written
        self._beat: Value | None = None
        #: when the last renewal that was confirmed was sent
        self._renewed, self._renewals = NEVER, 0
        self._target = DrivenDevice(patience=self.target.patience.value,
                                    reports=bool(self._drive.confirm))

    def _fit(self, configuration: Hash) -> None:
        self._configured = take_channels(configuration)

    async def onInitialization(self) -> None:
        if self.enableOnStart and not self._fault:
            self._act_on_permit(True)
        self._turn()            # closes the target, before anything else
        self._watch = LoopWatch(
            self.load.loopTimeout.value,
            partial(end_process, self.deviceId)).start()
        tasks: dict[str, Callable[[], Awaitable[None]]] = {
                "the look at the lease": self._turn_for_ever,
                "the talk to the target": self._talk_for_ever,
                "the watch of the broker": partial(watch_broker, self),
                "the listening": self._listen_for_ever}
        if self._drive.watchdog.key:
            tasks["the renewal"] = self._renew_for_ever
        for name, work in tasks.items():
            self.supervisor.need(name, work)
        if self._channel:
            await self.input.connectChannel(self._channel)

    async def onDestruction(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._act_on_permit(False)
        self._turn()

    def work_ended(self, name: str, sentence: str) -> None:
        """A task has ended that nothing is safe without."""
        self._fault = f"{sentence}; the process ends"
        self._set({"state": State.ERROR,
                   "alarmCondition": AlarmCondition.ALARM,
                   "reason": self._fault, "status": self._fault})
        # whatever is broken: the command goes out by itself, too
        self._send("close")
        self._turn()

    # what comes in

    @InputChannel(raw=True, displayedName="Input",
                  description="Connected to the output of the classifier. "
                              "It cannot be configured: classifierId says "
                              "whose")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        source = str(meta.source)
        if missing := [key for key in PERMIT_GROUP if key not in data]:
            # whatever the sender is, it does not belong to this input
            why = (f"{plain(source)} sends no {missing[0]}: it is not a "
                   "classifier")
            self._lease = self._lease.withdraw(why)
            self._refuse(why)
        elif source != self._channel or self._strangers():
            self._refuse(f"{plain(source)} is not believed: "
                         f"{self._channel or 'nobody'} is")
        else:
            self._hear(*(data[key] for key in PERMIT_GROUP))
        self._turn()

    input.cls = WordInput

    def _hear(self, permit: Any, sequence: Any, valid_for: Any, reason: Any,
              train_id: Any) -> None:
        """Something of the classifier itself, of any types."""
        if wrong := wrong_word({
                "permit": permit, "permitSequence": sequence,
                "permitValidFor": valid_for, "permitReason": reason,
                "permitTrainId": train_id}):
            self._lease = self._lease.withdraw(wrong)
            self._refuse(wrong)
            return
        now = time.monotonic()
        self._source, self._train_id = self._channel, int(train_id)
        self._backoff = self._backoff.heard(now)
        self._lease = self._lease.renew(
            permit, sequence, valid_for, now, reason)

    def _strangers(self) -> set[str]:
        """Connections of the input that were not configured."""
        return self.input.connected.keys() - {self._channel}

    def _refuse(self, why: str) -> None:
        """Count and show a message that is not believed."""
        self._refused += 1
        self._refused_at = time.monotonic()
        self._set({"source.lastRefusal": why})

    @input.connect
    async def input(self, name: str) -> None:
        self.logger.info(f"Connected to {name}")

    @input.close
    async def input(self, name: str) -> None:
        if name == self._channel:
            self._withdraw("the connection to the classifier is closed")

    @input.endOfStream
    async def input(self, name: str) -> None:
        if name == self._channel:
            self._withdraw("the classifier has ended its stream")

    # requests of operators

    async def objection(self, action: str) -> str:
        """Why `enable` and `acknowledge` are refused now, "" if they act.

        Waits a little for a target that has not answered yet.
        """
        # a question that was lost costs one patience, the next one another
        end = time.monotonic() + min(2 * self.target.patience.value,
                                      READY_TIMEOUT)
        self._looked = NEVER        # an operator waits for the answer
        why = self._fault
        while not why and (why := self._unready()):
            if time.monotonic() > end:
                break
            self._wake.set()
            await sleep(PERIOD)
            why = self._fault
        if why:
            self.logger.warning(f"{action} is refused: {why}")
            self._set({"status": f"{action} is refused: {why}"})
        return why

    # `disable` and `close` close: they are allowed in every state

    @RefusingSlot(displayedName="Enable", allowedStates=STARTED,
                  description="Act on the permit; refused if the target "
                              "cannot be opened and closed")
    async def enable(self) -> None:
        if not await self.objection("enable"):
            self._act_on_permit(True)
            self._turn()

    @Slot(displayedName="Disable",
          description="Close, and stop acting on the permit")
    async def disable(self) -> None:
        self._act_on_permit(False)
        self._turn()

    @Slot(displayedName="Close",
          description="Close at once; stays closed until acknowledged")
    async def close(self) -> None:
        self._lease = self._lease.withdraw("closed by an operator",
                                           latch=True)
        self._turn()

    @RefusingSlot(displayedName="Acknowledge",
                  allowedStates=[State.INTERLOCKED, State.ERROR],
                  description="Clear what is latched; the next renewals "
                              "open. Refused while the target is not closed "
                              "and does not answer")
    async def acknowledge(self) -> None:
        if not await self.objection("acknowledge"):
            self._lease = self._lease.acknowledge()
            self._turn()

    def _act_on_permit(self, enabled: bool) -> None:
        # a permit lost while it is not acted on needs no acknowledgement
        self._lease = replace(
            self._lease, latching=enabled and self.conditions.latching.value)
        self._set({"enabled": enabled})

    def _withdraw(self, why: str) -> None:
        self._lease = self._lease.withdraw(why)
        self._turn()

    # what goes out

    def _unready(self) -> str:
        """Why the target must not be opened, "" where it may stay open."""
        if self._misfit or self._target.wanted:
            return self._misfit
        if self._identity is None:
            return UNKNOWN
        return self._target.unready(time.monotonic())

    def _turn(self) -> None:
        """Look at the lease, command the target if need be; never waits."""
        now = time.monotonic()
        self._lease = self._lease.check(now)
        trouble = self._target.trouble(now)
        if self.enabled and self._target.disobeys(now):
            # with or without `latching`: opened again by a renewal, it would
            # be opened and closed for ever
            self._lease = self._lease.withdraw(trouble, latch=True)
        if gap := self._gap(now):
            # it has closed by itself, and would open again by itself
            self._lease = self._lease.withdraw(gap, latch=True)
        wanted = bool(self.enabled and self._lease.granted
                      and not self._fault and not self._unready())
        self._target, command = self._target.drive(wanted, now)
        if command:
            if self._target.begun == now:       # not one that is repeated
                self.logger.info(f"Tell {self._drive.device} to {command}: "
                                 f"{self._lease.reason}")
            self._send(command)
            self._wake.set()
        self._show(trouble, now)

    def _gap(self, now: float) -> str:
        """Why the watchdog of the open target may have run out, or ""."""
        key, limit = self._drive.watchdog.key, self.watchdog.time.value
        if not (key and self._target.wanted):
            return ""
        since = max(self._renewed, self._target.begun)
        return "" if 0 <= now - since <= limit else (
            f"no renewal of {key} was confirmed for {limit:g} s: the "
            "watchdog of the target has run out")

    def _send(self, command: str) -> None:
        """Command without waiting for an answer: a close must not queue up
        behind an open that is not answered."""
        if self._can_close:
            for call in self._calls(command):
                self.callNoWait(self._drive.device, *call)

    def _calls(self, command: str) -> list[tuple[Any, ...]]:
        """Slots of the target that do it, with their arguments."""
        drive, opening = self._drive, command == "open"
        calls: list[tuple[Any, ...]] = []
        if drive.open_slot:
            calls.append((drive.open_slot if opening else drive.close_slot,))
        elif drive.key:
            calls.append(("slotReconfigure", Hash(
                drive.key, drive.open_value if opening
                else drive.closed_value)))
        stopped = drive.watchdog.closed_value
        if not opening and stopped is not None:
            calls.append(("slotReconfigure",
                          Hash(drive.watchdog.key, stopped)))
        return calls

    async def _turn_for_ever(self) -> None:
        while True:
            if self._watch is not None:
                self._watch.beat()
            self._turn()
            await sleep(PERIOD)

    async def _listen_for_ever(self) -> None:
        """Reconnect where nothing is received; closed meanwhile."""
        while True:
            await sleep(LISTEN_PERIOD)
            now = time.monotonic()
            # a lease that is held was heard of
            if (self._channel and not self._lease.granted
                    and self._backoff.is_due(now)):
                self._backoff = self._backoff.tried(now)
                self._set({"source.reconnects": self._backoff.attempts})
                self.logger.warning(
                    f"Nothing received from {self._channel}: reconnecting, "
                    f"attempt {self._backoff.attempts}")
                await self._connect_anew()

    async def _connect_anew(self) -> None:
        if (task := self.input.connected.get(self._channel)) is not None:
            task.cancel()
            # it may wait for its handler; if it does not end it is kept
            await wait([task], timeout=END_TIMEOUT)
        await self.input.connectChannel(self._channel)
        self._withdraw(f"nothing is heard from {self._channel}: it sends "
                       "nothing, or the connection is dead; reconnected "
                       f"{self._backoff.attempts} times since the start")

    async def _renew_for_ever(self) -> None:
        """Renew what the watchdog of the target looks at."""
        while True:
            next_one = time.monotonic() + self.watchdog.period.value
            self._turn()        # nothing is renewed that is not granted now
            if self._target.wanted:
                await self._renew()
            await sleep(max(0., next_one - time.monotonic()))

    async def _renew(self) -> None:
        """Write once, at once, and wait for the answer.

        Never two are on their way: after whatever has stopped this process,
        its broker or the network, one may arrive late, and no row of them.
        """
        drive, watchdog = self._drive, self._drive.watchdog
        value = watchdog.following(self._beat, self._nodes[watchdog.key])
        self._beat = self._nodes[watchdog.key].held(value)
        sent, why = time.monotonic(), ""
        try:
            await wait_for(
                self.call(drive.device, "slotReconfigure",
                          Hash(watchdog.key, value)),
                self.watchdog.time.value)
        except TimeoutError:
            return              # a gap
        except KaraboError as error:
            why = f"the target refuses the renewal: {plain(str(error))}"
        self._turn()            # a gap is one, although the answer has come
        if not why:
            self._renewed = sent
            self._renewals += 1
        elif self._target.wanted:
            self._lease = self._lease.withdraw(why, latch=True)
            self._turn()

    async def _talk_for_ever(self) -> None:
        while True:
            if self._can_close:
                await self._talk()
            with suppress(TimeoutError):
                await wait_for(self._wake.wait(), self.target.talkPeriod.value)
            self._wake.clear()

    async def _talk(self) -> None:
        """Hold the target open and ask what it does."""
        self._turn()            # nothing is held that is not granted now
        try:
            # an answer that does not come is judged by the target's patience
            await wait_for(self._ask(), self.target.patience.value)
        except TimeoutError:
            if self._misfit:
                self._forget()      # what did not fit is gone
        except KaraboError:
            pass
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # nor is an answer that cannot be read
            self.logger.warning(f"The target answers something else: {error}")
        if (not self._misfit
                and self._target.trouble(time.monotonic()) == SILENT):
            self._forget()      # another one may come under its name
        self._turn()

    async def _ask(self) -> None:
        device = self._drive.device
        if self._target.wanted and self._drive.hold_slot:
            await self.call(device, self._drive.hold_slot)
        if self._misfit:
            await self._look_at_schema()
        if self._misfit:
            return
        beat = self._drive.watchdog.key
        keys = [key for key in (STATE, *IDENTITY, self._drive.confirm, beat)
                if key in self._nodes]
        found = await getProperties(device, keys)
        identity = [_set_once(found, key) for key in IDENTITY if key in keys]
        # one that is starting answers already, and takes no command yet
        if (found.get(STATE) == State.INIT.value
                or self._identity not in (None, identity)):
            if self._target.wanted:
                self._lease = self._lease.withdraw(
                    "the target has restarted while it was open", latch=True)
            self._forget()
            return
        if self._identity is None:
            self._identity = identity
            self._target = self._target.restarted()
            self._turn()    # what was sent before it took commands is lost
        if self._target.needs_answer:
            await self._close_for_sure()
        if beat and not self._target.wanted:
            # the first renewal has to be a change
            self._beat = self._nodes[beat].held(found[beat])
        self._target = self._target.report(
            self._drive.reading(found[self._drive.confirm],
                                self._nodes[self._drive.confirm])
            if self._drive.confirm in keys else None, time.monotonic())

    async def _close_for_sure(self) -> None:
        """Close a target that does not report, and wait for the answer."""
        refusal = ""
        try:
            for call in self._calls("close"):
                await self.call(self._drive.device, *call)
        except KaraboError as error:
            refusal = (f"the target refuses to close: {plain(str(error))}; "
                       "target.confirmProperty can show whether it is closed")
        self._target = self._target.answered(refusal)

    async def _look_at_schema(self) -> None:
        """Whether the target has what it is driven by."""
        now = time.monotonic()
        if self._misfit != UNKNOWN and now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        self._nodes = nodes_of(await getSchema(self._drive.device),
                               (STATE, *IDENTITY, *self._drive.names))
        self._misfit = self._drive.misfit(self._nodes)

    def _forget(self) -> None:
        """Whatever answers next has to say what it is."""
        self._misfit, self._identity, self._nodes = UNKNOWN, None, {}

    def _show(self, trouble: str, now: float) -> None:
        lease, target = self._lease, self._target
        is_open = bool(target.is_open if target.reports else target.wanted)
        misfit = "" if self._misfit == UNKNOWN else self._misfit
        reason = self._fault or misfit or trouble
        if reason:
            state, alarm = State.ERROR, AlarmCondition.ALARM
        elif lease.latch:
            state, alarm = State.INTERLOCKED, AlarmCondition.INTERLOCK
        else:
            state = State.ON if is_open else State.PASSIVE
            alarm = AlarmCondition.NONE
        if not reason:
            reason = lease.reason
            if not (lease.latch or self.enabled):
                reason = "not enabled: the permit is not acted on"
            elif lease.granted and not target.wanted:
                reason = f"waiting for the target: {self._unready()}"
        if now - self._refused_at <= WARN_FOR:
            if alarm == AlarmCondition.NONE:
                alarm = AlarmCondition.WARN
            refusal = self.source.lastRefusal.value
            if refusal not in reason:
                reason = f"{reason}; {refusal}"
        if self.reason != reason:
            self._set({"reason": reason, "status": reason})
        self._set({"granted": bool(target.wanted), "state": state,
                   "alarmCondition": alarm, "targetOpen": is_open,
                   "conditions.trips": lease.trips})
        if now - self._shown >= SHOW_PERIOD:
            self._shown = now
            self._set({
                "source.channel": self._source,
                "source.permitSequence": int(lease.sequence or 0),
                "source.permitTrainId": self._train_id,
                "source.lastRenewalAge": (
                    -1. if lease.renewed is None
                    else round(lease.age(now), 3)),
                "source.refusedMessages": self._refused,
                "watchdog.value": ("" if self._beat is None
                                   else json.dumps(self._beat)),
                "watchdog.age": (
                    round(now - self._renewed, 3)
                    if target.wanted and self._renewed > NEVER else -1.),
                "watchdog.renewals": self._renewals})

    def _set(self, values: Mapping[str, Any]) -> None:
        """Set the properties, by path, that differ."""
        for path, value in values.items():
            if attrgetter(path)(self) != value:
                set_at(self, path, value)


def _set_once(found: Hash, key: str) -> str:
    """Value and time of a property: a restart may change the time only."""
    attributes = found[key, ...]
    return " ".join(str(part) for part in (
        found[key], attributes.get("sec"), attributes.get("frac")))
