"""How each fault is done and undone."""
import os
import subprocess
import sys
import time
from asyncio import sleep, wait_for
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

from karabo.middlelayer import KaraboError, State, call, setWait

from .beamline import Beamline
from .crew import Crew, until
from .expectations import ATTACK
from .forger import Forger
from .judge import Excuse, Judge
from .plan import Strike
from .receiver import Witness

#: s until a server and its device work again after their end
REVIVAL = 60.
#: s until a classifier that went on has caught up
CATCH_UP = 2.
BUSY = "while True: pass"

#: what undoes a strike
type Undo = Callable[[], Awaitable[None]]


class Striker:
    """Does one `Strike` after the other.

    `beamline`, `crew`, `judge`, `witness`, `forger`: of the rehearsal;
    `models`: two model files to swap between.
    """

    def __init__(self, beamline: Beamline, crew: Crew, judge: Judge,
                 witness: Witness, forger: Forger,
                 models: Iterable[Path]) -> None:
        self._beamline = beamline
        self._crew = crew
        self._judge = judge
        self._witness = witness
        self._forger = forger
        self._models = list(models)

    async def begin(self, strike: Strike) -> tuple[float, Undo]:
        """Strike; the time before it (as of `time.time`), what undoes it."""
        kind, struck = strike.kind, time.time()
        victim, _, way = kind.replace("'s", "").partition(" ")
        undo: Undo = self._nothing
        if way in ("killed", "stopped", "stopped briefly"):
            undo = self._process(kind, victim, way, strike.seconds)
        elif way in ("without broker", "broker frozen"):
            undo = self._link(kind, victim, way, strike.seconds)
        elif kind == "model swapped":
            undo = await self._swap()
        elif kind == "snapshot":
            await self._beamline.call("classifier", "snapshot")
        elif kind == "cores busy":
            undo = self._busy(strike.seconds)
        elif kind in ATTACK:
            undo = await getattr(self, f"_{kind.replace(' ', '_')}")(
                strike.seconds)
        else:
            await self._inject(kind, strike.trains)
        return struck, undo

    @staticmethod
    async def _nothing() -> None:
        """Nothing is to be undone."""

    # processes and links

    def _process(self, kind: str, victim: str, way: str,
                 seconds: float) -> Undo:
        server = self._beamline.servers[victim]
        if way == "killed":
            excuse = self._excuse(kind, victim)
            self._crew.down.add(victim)
            server.kill()
        else:
            # what is held back for long overflows the queue of the source
            excuse = (self._excuse(kind, victim)
                      if victim == "classifier" and way == "stopped"
                      else None)
            server.pause()

        async def undo() -> None:
            if way == "killed":
                await self._revived(victim)
            else:
                await sleep(seconds)
                server.resume()
                await sleep(CATCH_UP)
            self._end(excuse)
        return undo

    def _link(self, kind: str, victim: str, way: str,
              seconds: float) -> Undo:
        link = self._beamline.links[victim]
        if way == "without broker":
            excuse = self._excuse(kind, victim)
            self._crew.down.add(victim)
            link.cut()
        else:
            excuse = None
            link.freeze()

        async def undo() -> None:
            if way == "without broker":
                server = self._beamline.servers[victim]
                if not await until(lambda: not server.running, 20):
                    self._judge.wrong(
                        "not_recovered", f"{victim} goes on without its "
                        "broker and tells nobody")
                    server.kill()
                link.restore()
                await self._revived(victim)
            else:
                await sleep(seconds)
                link.restore()
                await sleep(CATCH_UP)
            self._end(excuse)
        return undo

    def _excuse(self, kind: str, victim: str) -> Excuse | None:
        if victim == "guard":
            return None         # it is none of the way of a train
        return self._judge.excuse(kind, time.monotonic())

    @staticmethod
    def _end(excuse: Excuse | None) -> None:
        if excuse is not None:
            excuse.end = time.monotonic()

    async def _revived(self, victim: str) -> None:
        """Let the supervisor start it; wait until trains come out again."""
        seen = self._witness.last
        self._crew.down.discard(victim)
        self._crew.supervise()
        if victim == "guard":
            await self._beamline.until(
                "guard", "state", lambda state: state != State.INIT, REVIVAL)
        elif not await until(lambda: self._witness.last is not seen
                             and self._witness.last_truth is not None,
                             REVIVAL):
            self._judge.wrong("not_recovered", f"no train came out {REVIVAL} "
                              f"s after the end of the {victim}")
        await sleep(CATCH_UP)

    # what a crew does

    async def _swap(self) -> Undo:
        self._models.reverse()
        await setWait(self._beamline.ids["classifier"],
                      modelPath=str(self._models[0]))
        return self._nothing

    def _busy(self, seconds: float) -> Undo:
        busy = [subprocess.Popen([sys.executable, "-c", BUSY])
                for _ in range(os.cpu_count() or 1)]

        async def undo() -> None:
            try:
                await sleep(seconds)
            finally:
                for process in busy:
                    process.kill()
                    process.wait()
        return undo

    # what somebody does who is wrong or means harm

    async def _second_source(self, seconds: float) -> Undo:
        self._forger.begin("spectra")

        async def undo() -> None:
            await sleep(seconds)
            self._forger.end()
        return undo

    async def _forged_permits(self, seconds: float) -> Undo:
        """Nothing opens: the classifier cannot say that it may."""
        line, guard = self._beamline, self._beamline.servers["guard"]
        excuse = self._judge.excuse("forged permits", time.monotonic())
        self._crew.down.add("guard")
        guard.kill()
        line.servers["classifier"].pause()
        self._forger.begin("permits")

        async def undo() -> None:
            line.configure("guard", input={"connectedOutputChannels": [
                f"{self._forger.deviceId}:output"]})
            line.revive("guard")
            with suppress(TimeoutError):        # one that works will not
                await line.until("guard", "state",
                                 lambda state: state != State.INIT, REVIVAL)
            for slot in "enable", "acknowledge":
                with suppress(TimeoutError, KaraboError):
                    await line.call("guard", slot)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if await line.get("shutter", "isOpen"):
                    self._judge.wrong("wrong_permits", "the guard has opened "
                                      "for a device that forges permits")
                    break
                await sleep(0.1)
            self._forger.end()
            line.servers["guard"].kill()
            line.configure("guard", input={})
            line.servers["classifier"].resume()
            await self._revived("guard")
            self._end(excuse)
        return undo

    async def _list_for_scalar(self, seconds: float) -> Undo:
        """Whatever it makes of the list, it notices the silence."""
        line = self._beamline
        for values in ({"screens.previewPulse": [5]},
                       {"expectedWrong.pulses": [27]},
                       {"screens.previewPulse": 5}):
            with suppress(KaraboError):
                await wait_for(setWait(line.ids["classifier"], **values), 5)
        line.servers["source"].pause()

        async def undo() -> None:
            await sleep(seconds)
            try:
                await line.until("classifier", "permit",
                                 lambda permit: not permit, 2)
            except TimeoutError:
                self._judge.wrong(
                    "wrong_permits", "list for scalar: the property permit "
                    f"of the classifier is true after {seconds:.1f} s "
                    "without a train")
            line.servers["source"].resume()
            await sleep(CATCH_UP)
        return undo

    async def _few_strips_left(self, seconds: float) -> Undo:
        name = self._beamline.ids["classifier"]
        before = list(await self._beamline.get("classifier",
                                               "source.maskedStrips"))
        strips = list(range(self._forger.channels - 2))
        try:
            await wait_for(setWait(name, **{"source.maskedStrips": strips}),
                           REVIVAL)
        except KaraboError:     # refused: as good
            return self._nothing
        await sleep(CATCH_UP)
        forbidden = self._judge.forbid("few strips left", time.monotonic())

        async def undo() -> None:
            await sleep(seconds)
            forbidden.end = time.monotonic()
            await wait_for(setWait(name, **{"source.maskedStrips": before}),
                           REVIVAL)
            await sleep(CATCH_UP)
        return undo

    # faults of the source

    async def _inject(self, kind: str, trains: int) -> None:
        source = self._beamline.ids["source"]
        await setWait(source, **{"faults.kind": kind,
                                 "faults.trains": trains})
        await call(source, "injectFault")
