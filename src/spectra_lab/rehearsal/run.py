"""One rehearsal, inside the event loop."""
import re
import time
from asyncio import Event, Task, gather, sleep, wait_for
from collections import Counter, deque
from collections.abc import Callable, Sequence, Sized
from contextlib import suppress
from pathlib import Path

from karabo.middlelayer import (
    KaraboError,
    Proxy,
    State,
    background,
    getDevice,
    getProperties,
)

from spectra_classifier.errors import SpectraError
from spectra_classifier.model.strict_json import JsonObject
from spectra_classifier.simulation.shutter import ASKED

from .beamline import Beamline
from .crew import RECOVERY, Crew, until
from .expectations import CLASSIFIER, GUARD, SHUTTER, SOURCE
from .forger import Forger
from .judge import Judge
from .options import Options
from .plan import Plan, Strike
from .receiver import Witness
from .records import Said
from .screen import Screen
from .sources import RehearsalSource
from .strikes import Striker
from .timing import Memory, Times

LOOK = 1.           # s between two looks at memory and sums
FAR = 40            # trains from a change of the sample for a timed strike
ANSWER = 10.        # s to wait for a reaction that is expected
TRACED = 100        # strikes that the report lists one by one
TRAIN_RATE = 10     # Hz
FLOW = 2.           # s without a train in which no new fault strikes
#: s of a rehearsal from which on nothing is killed in its second half
LONG = 600.
#: s in which the kernels of a new version are compiled, on a busy machine
COMPILED = 300.
#: times the length asked for, until every fault has struck
PATIENCE = 3.
KEEP = 60.          # s between two summaries of a rehearsal that goes on
WITNESS, FORGER = "rehearsal/witness", "rehearsal/forger"
COUNTERS = ("accounting.pulsesReceived", "accounting.pulsesClassified",
            "accounting.pulsesRejected",
            "accounting.pulsesSkipped")
#: what the classifier says of itself at the end, since its last start
READINGS = (*COUNTERS, "trainsReceived", "trainsLost",
            "accounting.trainsSkipped",
            "accounting.trainsRejected", "load.outputsBlocked",
            "load.handlerErrors",
            "load.engineErrors", "load.queueHighWater")


class Rehearsal:
    """Strikes a beamline for `options.seconds`; `numbers` tell of it.

    `broker_port`; `source`: a source setup of the demonstration; `models`:
    two files of the same model; `snapshots`: folder; `screen`: shows the
    progress; `stop`: an `asyncio.Event` that ends it early; `keep(self)` is
    called now and then, so that what was found in hours is not lost with
    this process.
    """

    def __init__(self, options: Options, broker_port: int,
                 source: RehearsalSource, models: Sequence[Path],
                 snapshots: Path, screen: Screen, stop: Event,
                 keep: "Callable[[Rehearsal], None]") -> None:
        self.options = options
        self.screen = screen
        self.stop = stop
        self._keep = keep
        self._kept = time.monotonic()
        self.source = source
        self.judge = Judge()
        self.times = Times()
        self.memory = Memory()
        self.struck: Counter[str] = Counter()
        self.problems: list[str] = []
        self.readings: dict[str, int] = {}
        self.trace: deque[tuple[float, str, int]] = deque(maxlen=TRACED)
        self.seconds = 0.
        self.shutter: Proxy             # once the devices run
        self.witness = Witness(self._witness_settings())
        self.forger = Forger(Forger.settings(FORGER))
        self.beamline = Beamline(
            broker_port, source.settings(),
            source.classifier_configuration(models[0], snapshots),
            strangers=(f"{FORGER}:spectra",))
        self.crew = Crew(self.beamline, self.judge, self._next_train)
        self._striker = Striker(self.beamline, self.crew, self.judge,
                                self.witness, self.forger, models)
        self._plan = Plan(options.seed, options.kinds)
        self._opened = self._begun = 0.

    def _witness_settings(self) -> JsonObject:
        return {"deviceId": WITNESS, "log": {"level": "ERROR"},
                "results": {"connectedOutputChannels": [
                    "rehearsal/classifier:output"]},
                "truth": {"connectedOutputChannels": [
                    "rehearsal/source:truth"]}}

    def _next_train(self) -> int:
        """Train id at which a source that starts now begins."""
        last = self.witness.last_good
        if last is None:
            return self.source.first_train
        gone = time.monotonic() - last.at
        return last.train_id + round(TRAIN_RATE * gone) + 1

    def _newest(self) -> int:
        """Id of the last train of the source."""
        last = self.witness.last_good
        assert last is not None         # trains flow before anything strikes
        return last.train_id

    async def run(self) -> None:
        """The whole of it."""
        tasks: list[Task[None]] = []
        try:
            await self._set_up()
            tasks = [background(self.crew.work()),
                     background(self._look())]
            # what was found in many hours is told in any case
            try:
                await self._strike_on(tasks)
                tasks[0].cancel()       # or it starts the source again
                await self._finish()
            except (KaraboError, OSError, ValueError, KeyError) as error:
                self.problems.append(f"ended early: {type(error).__name__}: "
                                     f"{str(error)[:300]}")
        finally:
            self.forger.end()
            for task in tasks:
                task.cancel()
            await gather(*tasks, return_exceptions=True)
            self.beamline.stop()

    async def _set_up(self) -> None:
        say = self.screen.say
        say("starting source, classifier, guard and shutter (the first time, "
            "the engine is compiled)")
        self.forger.newest = self._newest
        self.forger.channels = self.source.twin.channels
        await self.forger.startInstance()
        await self.beamline.start()
        self.witness.judge = self.judge
        self.witness.classes = tuple(self.source.manifest["classes"])
        self.witness.source_classes = tuple(self.source.classes)
        await self.witness.startInstance()
        self.shutter = await getDevice(self.beamline.ids["shutter"])
        self.shutter.__enter__()
        for name, channel, count in (("source", "truth", 1),
                                     ("classifier", "output", 2)):
            # guard and witness
            await self.beamline.until(
                name, f"{channel}.connections",
                _at_least(count), 30)
        # a compilation holds up the first trains
        await self.beamline.until("classifier", "modelId", bool, COMPILED)
        await self.beamline.call("source", "start")
        if not await until(lambda: self.witness.last is not None
                           and self.witness.last_good is not None, 30):
            raise RuntimeError("no train has come through after 30 s")
        self._opened = time.monotonic()

    # while faults strike

    async def _strike_on(self, tasks: Sequence[Task[None]]) -> None:
        begin = self._begun = time.monotonic()
        self.screen.say("faults strike")
        while (not self.stop.is_set()
               and self._goes_on((now := time.monotonic()) - begin)):
            self.screen.show(now - begin, self)
            if now - begin > self.options.seconds / 2 > LONG / 2:
                self._plan.spare()
            for task in tasks:
                if task.done():
                    task.result()
            if not self._flows() or not (strike := self._plan.draw(
                    self._may_be_timed())):
                await sleep(0.1)
                continue
            await sleep(strike.pause)
            try:
                if strike.expectation.within:
                    await self.crew.step_back()
                    if not self._may_be_timed():
                        # the sample has moved on meanwhile
                        self._plan.put_back(strike)
                        continue
                await self._strike(strike)
            except (KaraboError, TimeoutError) as error:
                self.problems.append(f"{strike.kind}: "
                                     f"{str(error).splitlines()[:1]}")
            finally:
                self.crew.hands_off = False
        self.seconds = time.monotonic() - begin

    def _goes_on(self, elapsed: float) -> bool:
        """For the time asked for; longer where faults have not struck yet.
        """
        limit = self.options.seconds
        return elapsed < (limit if self._plan.complete(self.struck)
                          else PATIENCE * limit)

    def _flows(self) -> bool:
        last = self.witness.last
        return last is not None and time.monotonic() - last.at < FLOW

    def _may_be_timed(self) -> bool:
        """The shutter is open, and stays so if nothing happens."""
        truth = self.witness.last_truth
        return (bool(self.shutter.isOpen.value) and truth is not None
                and truth.majority in self.judge.permitted
                and truth.distance >= FAR)

    async def _strike(self, strike: Strike) -> None:
        timed = strike.expectation.within is not None
        begun, last = time.time(), self.witness.last
        truth = self.witness.last_truth
        assert last is not None and truth is not None       # trains flow
        self.struck[strike.kind] += 1
        self.trace.append((round(begun, 2), strike.kind, truth.train_id))
        struck, undo = await self._striker.begin(strike)
        try:
            if timed:
                await self._time(strike, struck, begun, last)
        finally:
            await undo()
        if timed and self.shutter.isOpen.value:
            self.judge.wrong("wrong_permits", f"{strike.kind}: the shutter "
                             "is open again, and nobody has acknowledged")

    async def _time(self, strike: Strike, struck: float, begun: float,
                    last: Said) -> None:
        kind, expected = strike.kind, strike.expectation
        assert expected.within is not None
        if kind in SOURCE:
            faulted = self.witness.first_faulted
            if not await until(lambda: faulted.get(kind, 0) > begun, ANSWER):
                self.problems.append(f"{kind}: the source did not send it")
                return
            struck = faulted[kind]
        if not await until(lambda: not self.shutter.isOpen.value, ANSWER):
            self.judge.wrong("wrong_permits", f"{kind}: the shutter is still "
                             f"open after {ANSWER:g} s")
            return
        # a close that overtook the word of the fault counts as at once
        seconds = max(0., float(self.shutter.closedAt.value) - struck)
        self.times.add(kind, seconds, await self._noticed_by())
        if seconds > expected.within:
            self.judge.wrong("too_late", f"{kind}: the shutter closed after "
                             f"{seconds:.3f} s, the limit is "
                             f"{expected.within} s")
        if expected.denies and not await until(
                lambda: self._said(expected.reason, last), ANSWER):
            self.judge.wrong("alarms_that_did_not_fire", f"{kind}: no train "
                             f"gave a reason with {expected.reason!r}")

    async def _noticed_by(self) -> str:
        """Who closed the shutter, in its own and the guard's words."""
        if self.shutter.lastCloseReason.value != ASKED:
            return SHUTTER
        reason = str(await self.beamline.get("guard", "reason"))
        return CLASSIFIER if "the classifier says" in reason else GUARD

    def _said(self, reason: str, since: Said) -> bool:
        return any(re.search(reason, said.reason)
                   for said in self.witness.recent if said.at > since.at)

    async def _look(self) -> None:
        """Task: memory, sums, and whether it recovers."""
        while True:
            now = time.monotonic()
            self.judge.settle(now)
            for name, server in self.beamline.servers.items():
                if server.running and server.pid is not None:
                    self.memory.look(name, server.pid)
            if self.shutter.isOpen.value:
                self._opened = now
            elif now - self._opened > RECOVERY:
                self._opened = now
                self.judge.wrong("not_recovered", "the shutter was not open "
                                 f"for {RECOVERY:g} s: {await self._why()}")
            if now - self._kept > KEEP:
                self._kept = now
                self.seconds = now - self._begun
                with suppress(OSError, SpectraError):
                    self._keep(self)
            await sleep(LOOK)

    async def _why(self) -> str:
        with suppress(TimeoutError, KaraboError):
            return str(await wait_for(
                self.beamline.get("classifier", "permitReason"), 5))
        return "the classifier does not answer"

    # the end

    async def _finish(self) -> None:
        self.screen.say("the source stops; counting")
        if await self.beamline.get("source", "state") == State.ACQUIRING:
            await self.beamline.call("source", "stop")
        last = None
        while last is not self.witness.last:    # until nothing comes any more
            last = self.witness.last
            await sleep(LOOK)
        self.judge.settle(float("inf"))
        end = time.monotonic() + RECOVERY
        while True:     # on a busy machine some are in the queue still
            found = await getProperties(self.beamline.ids["classifier"],
                                        list(READINGS))
            self.readings = {key: int(found[key]) for key in READINGS}
            received, *fates = (self.readings[key] for key in COUNTERS)
            if received == sum(fates) or time.monotonic() > end:
                break
            await sleep(LOOK)
        if received != sum(fates):
            self.judge.wrong("identity_broken", f"{received} pulses received,"
                             f" {sum(fates)} with a fate")
        if self.witness.problem:
            self.problems.append(self.witness.problem)
        self.shutter.__exit__(None, None, None)


def _at_least(count: int) -> Callable[[Sized], bool]:
    return lambda rows: len(rows) >= count
