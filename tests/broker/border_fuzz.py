"""Everything that can be set or called, on real servers, with any value.

What is tried comes from the schemas of the devices, so that a new property
or slot is tried without anyone remembering. After every try the device has
either refused in one sentence, with nothing changed, or shows the value that
was set; after every few tries all devices run, no log has a traceback other
than that of a refusal, the next good train is classified, the accounts add
up, silence is noticed, and no permit was given that nobody armed.
"""
import inspect
import json
import logging
import os
import random
import re
import time
from asyncio import (
    CancelledError,
    create_task,
    get_running_loop,
    wait_for,
)
from collections import Counter
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import numpy as np
from docs_tables.property_tables import device_classes
from karabo.middlelayer import (
    Assignment,
    Device,
    Hash,
    KaraboError,
    call,
    sleep,
)
from karabo.middlelayer.testing import AsyncDeviceContext, sleepUntil

from spectra_lab.servers import DeviceServer
from tests.broker.border_values import (
    Values,
    fits,
    properties,
    slots,
)
from tests.broker.classifier_bench import (
    LOOPBACK,
    Collector,
    TrainSource,
    save_model,
)

PERIOD, TIMEOUT = 0.05, 30
PERMIT = [{"sampleClass": "high", "alarm": "none", "permit": True},
          {"sampleClass": "low", "alarm": "warn", "permit": False}]
#: a traceback in a log, with the line that names its exception
TRACEBACK = re.compile(
    r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)")
#: those of a refusal, ours or Karabo's for a path that is not there
REFUSAL = re.compile(r"(?:karabo\.native\.exceptions\.)?KaraboError\b"
                     r"|RuntimeError: Configuration for .* validation failed")
ENDED = re.compile(r"has ended|Error in background task|is not the safe side"
                   r"|exception was never retrieved")
SOURCE, SINK = "border-source", "border-sink"
CLASSIFIER = "border/classifier"
INHERITED = set(Device._allattrs)


class Subject:
    """One device under test."""

    def __init__(self, name, device_class, schema):
        self.name, self.device_class = name, device_class
        settable = properties(schema)
        self.settable = [p for p in settable if not p.initial]
        # the server says the others, whatever it is asked for
        self.initial = [p for p in settable if p.attributes.get(
            "assignment") != Assignment.INTERNAL.value]
        # what only a parameter distinguishes, as requestScene
        self.with_parameter = [
            key for key, found in inspect.getmembers(device_class)
            if hasattr(found, "slot") and inspect.isfunction(found)
            and found.__module__.startswith("spectra_classifier")
            and key not in ("slotReconfigure", "slotKillDevice")]
        self.slots = slots(schema)
        self.baseline = None


class BorderFuzz:
    """`async with` starts broker clients, servers and devices; `run` tries.

    `found`: what went wrong, with the try that did it; `counts`: how many
    tries of each kind.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.counts = Counter()
        self.found = []
        self.permits = self.wrong_permits = 0
        self.tried = set()
        self._armed = [None]    # configurations armed since the last look
        self._last = ""
        self._servers, self._logs = [], {}
        self._feeding = None
        self._deck = []

    # life

    async def __aenter__(self):
        model = save_model(self.folder / "model.onnx")
        for name in ("captures", "models", "snapshots", "audit"):
            (self.folder / name).mkdir()
        self.values = Values(self.chance, [
            model, str(self.folder / "captures"),
            str(self.folder / "snapshots"), str(self.folder / "missing"),
            CLASSIFIER, f"{CLASSIFIER}:output"])
        self.source = TrainSource({"deviceId": SOURCE, "output": {
            "hostname": LOOPBACK, "maxQueueLength": 200}})
        # what was started is stopped, also where a later start fails
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop_servers)
            await stack.enter_async_context(
                AsyncDeviceContext(source=self.source))
            self._start_servers(model)
            await self._until_alive()
            self.sink = Collector(Hash(
                "deviceId", SINK, "input", Hash(
                    "connectedOutputChannels", [f"{CLASSIFIER}:output"],
                    "onSlowness", "queueDrop", "maxQueueLength", 200)))
            await stack.enter_async_context(
                AsyncDeviceContext(sink=self.sink))
            await self._look()
            self._stack = stack.pop_all()
        return self

    async def _look(self):
        """Schemas and configurations of all, once the classifier works."""
        self.subjects = []
        for name, device_class in self.devices.items():
            schema, _ = await wait_for(
                call(name, "slotGetSchema", False), TIMEOUT)
            self.subjects.append(Subject(name, device_class, schema.hash))
        self._catch = _Caught()
        logging.getLogger().addHandler(self._catch)
        await self._until(lambda: self.sink.input.connected, "sink")
        await self._classified()
        for subject in self.subjects:
            subject.baseline = await self._configuration(subject.name)

    async def __aexit__(self, *exc):
        await self._feed(False)
        logging.getLogger().removeHandler(self._catch)
        await self._stack.aclose()

    async def _stop_servers(self):
        for server in self._servers:
            await get_running_loop().run_in_executor(None, server.stop, 10)

    def _start_servers(self, model):
        scratch = {name: str(self.folder / name) for name in (
            "captures", "models", "snapshots", "audit")}
        channels = {"hostname": LOOPBACK, "maxQueueLength": 200}
        from_source = {"connectedOutputChannels": [f"{SOURCE}:output"],
                       "maxQueueLength": 200}
        from_classifier = {
            "connectedOutputChannels": [f"{CLASSIFIER}:output"],
            "maxQueueLength": 200}
        patient = {"conditions.maxLatency": 8000.,
                   "conditions.maxTrainAge": 8000.,
                   "reactions": PERMIT, "auditing.directory": scratch["audit"]}
        special = {
            "SpectraClassifier": patient | {
                "modelPath": model, "source.maxPulses": 60,
                "load.engine": "numpy",
                "snapshots.directory": scratch["snapshots"],
                "input": from_source, "output": channels,
                "preview": {"hostname": LOOPBACK}},
            "SpectraCollector": patient | {
                "modelPath": model, "source.maxPulses": 60,
                "input": from_classifier, "output": channels},
            "SpectraTrainer": {
                "captureDirectory": scratch["captures"],
                "model.directory": scratch["models"],
                "training.timeBudget": 0.1,
                "classifierId": CLASSIFIER, "trainsToCapture": 3,
                "className": "high", "input": from_source},
            "PermitGuard": {
                "classifierId": CLASSIFIER,
                "targetDevice": "border/simulatedshutter",
                "target.openSlot": "open", "target.closeSlot": "close",
                "target.confirmProperty": "isOpen",
                "input": {"connectedOutputChannels": [
                    f"{CLASSIFIER}:output"]}},
            "RecordingAdapter": {"maxPulses": 60,
                                 "input": from_classifier,
                                 "output": channels},
            "StateScan": {"scan.property": "border/simulatedmotor.position",
                          "input": from_classifier},
            "PeakMonitor": {"classifierId": CLASSIFIER,
                            "input": from_source},
            "SpectrometerSimulator": {"pulses": 10, "rate": 5.,
                                      "profile": "gotthard2"}}
        self.devices = {}
        groups = [[], []]
        for device_class in device_classes():
            name = device_class.__name__
            groups[name != "SpectraClassifier"].append(device_class)
        for number, group in enumerate(groups):
            init = {}
            for device_class in group:
                name = device_class.__name__
                device_id = (CLASSIFIER
                             if name == "SpectraClassifier"
                             else f"border/{name.lower()}")
                init[device_id] = special.get(name, {}) | {"classId": name}
                self.devices[device_id] = device_class
            self._servers.append(DeviceServer(
                "middlelayer", f"border-server-{number}",
                [each.__name__ for each in group], init,
                env=os.environ.copy()).start())

    async def _until_alive(self):
        for name in self.devices:
            deadline = time.monotonic() + 180
            while True:
                try:
                    found = await wait_for(
                        call(name, "slotGetConfiguration"), 2)
                    if found[0]["state"] != "INIT":
                        break
                except (TimeoutError, KaraboError):
                    pass
                assert time.monotonic() < deadline, (
                    f"{name} does not start: "
                    + "".join(s.log_tail(30) for s in self._servers))
                await sleep(0.2)

    async def _until(self, condition, what):
        try:
            await sleepUntil(condition, timeout=TIMEOUT)
        except TimeoutError:
            self._wrong(f"in vain waited for: {what}")

    # trains

    async def _feed(self, wanted):
        if wanted and self._feeding is None:
            self._feeding = create_task(self._send_trains())
        elif not wanted and self._feeding is not None:
            self._feeding.cancel()
            with suppress(CancelledError):
                await self._feeding
            self._feeding = None

    async def _send_trains(self):
        number = 0
        while True:
            await self.source.send_class(1 if number % 50 < 40 else 0, 4)
            number += 1
            await sleep(PERIOD)

    async def _classified(self):
        """The next good train gets classes; else it is wrong."""
        deadline, label = time.monotonic() + TIMEOUT, None
        while time.monotonic() < deadline:
            number = await self.source.send_class(1, 4)
            for _ in range(20):
                await sleep(0.05)
                if (train := self.sink.train(number)) is not None:
                    label = list(train["label"][:4])
                    break
            if label == [1, 1, 1, 1]:
                self._look_at_permits()
                return
            await sleep(0.2)
        self._wrong(f"a good train is not classified: {label}")

    def _look_at_permits(self):
        """No permit but of what was armed, for a class that permits."""
        for train in self.sink.trains:
            if train["permit"]:
                self.permits += 1
                if (train["configHash"] not in self._armed
                        or train["sampleStateIndex"] != 1
                        or train["fate"] != "classified"):
                    self.wrong_permits += 1
                    self._wrong(
                        f"a permit with train {train['trainId']} that nothing "
                        f"gives: configuration {train['configHash']}, armed "
                        f"{self._armed}, sample state "
                        f"{train['sampleStateIndex']}, {train['fate']}")
        del self._armed[:-1]
        self.sink.trains.clear()
        self.sink.timestamps.clear()

    # tries

    async def run(self, tries=None, seconds=None, batch=25):
        """Try until so many tries or seconds; returns the report."""
        begun = time.monotonic()

        def more():
            return ((tries is None or self.counts["tries"] < tries)
                    and (seconds is None
                         or time.monotonic() - begun < seconds))

        flowing = False
        while more() and len(self.found) < 20:
            flowing = not flowing
            if flowing:
                await self._arm()
            await self._feed(flowing)
            for _ in range(batch):
                if not more():
                    break
                await self._one_try()
            await self._feed(False)
            await self._settle()
        return self.report(time.monotonic() - begun)

    async def _one_try(self):
        """The next one of everything there is, in a random order."""
        self.counts["tries"] += 1
        if not self._deck:
            self._deck = self._everything()
            self.chance.shuffle(self._deck)
        attempt, subject, one = self._deck.pop()
        await attempt(subject, one)

    def _everything(self):
        found = []
        for subject in self.subjects:
            found += [(self._try_set, subject, prop)
                      for prop in subject.settable]
            found += [(self._try_slot, subject, name)
                      for name in subject.slots]
            found += [(self._try_parameter, subject, name)
                      for name in subject.with_parameter]
            found += [(self._try_start, subject, prop) for prop in
                      self.chance.sample(subject.initial, 4)]
        return found

    async def _try_set(self, subject, first):
        some = [first, *self.chance.sample(
            [p for p in subject.settable if p is not first], min(
                self.chance.choice([0, 0, 0, 1, 2]),
                len(subject.settable) - 1))]
        given, good = Hash(), True
        for prop in some:
            own = prop.path.split(".")[0] not in INHERITED
            fit = own and self.chance.random() < 0.4
            value = (self.values.good(prop) if fit
                     else self.values.bad(prop))
            good &= fits(prop, value)
            given[prop.path] = value
            self.tried.add((subject.name, prop.path))
        before = await self._configuration(subject.name)
        refused = await self._ask(subject.name, "slotReconfigure", given)
        if refused is None:
            return
        after = await self._configuration(subject.name)
        if refused:
            self.counts["refused"] += 1
            self._compare(subject, before, after, "refused, but changed")
        elif not good:
            self._wrong("taken, though no property takes it")
        else:
            self.counts["taken"] += 1
            for prop in some:
                if prop.path in after and not any(
                        _same(after[prop.path], value) for value in (
                            given[prop.path], before.get(prop.path),
                            prop.attributes.get("defaultValue"))):
                    self._wrong(f"{prop.path} shows {after[prop.path]!r}")

    def _compare(self, subject, before, after, words):
        paths = [p.path for p in subject.settable]
        for path in paths:
            if path in before and not _same(before[path], after.get(path)):
                self._wrong(f"{words}: {path} from {before[path]!r} to "
                            f"{after.get(path)!r}")

    async def _try_slot(self, subject, name):
        self.tried.add((subject.name, name))
        arguments = ([self.values.anything()] if self.chance.random() < 0.15
                     else [])
        refused = await self._ask(subject.name, name, *arguments)
        if refused is None:
            return
        self.counts["slots refused" if refused else "slots done"] += 1
        if (name, refused) == ("arm", ""):     # the trainer arms as well
            await self._note_armed()

    async def _arm(self):
        """So that there is a permit that something could hold wrongly."""
        for _ in range(8):
            await self._classified()
        if await self._ask(CLASSIFIER, "arm") == "":
            await self._note_armed()
        await self._classified()

    async def _note_armed(self):
        """What has been armed: the configuration that is in force.

        The property may be behind by a train or more; once it is that of the
        newest train, it is not.
        """
        deadline, newest = time.monotonic() + TIMEOUT, None
        found = None
        while newest is None or newest["configHash"] != found:
            if time.monotonic() > deadline:
                self._wrong(
                    f"model.appliedConfigHash is {found}, of the newest "
                    f"train {newest and newest['configHash']}")
                return
            number = await self.source.send_class(1, 4)
            for _ in range(100):    # a full queue on a busy machine
                await sleep(0.05)
                if (newest := self.sink.train(number)) is not None:
                    break
            found = (await self._configuration(CLASSIFIER))[
                "model.appliedConfigHash"]
        self._armed.append(found)

    async def _try_parameter(self, subject, name):
        self.tried.add((subject.name, name))
        parameter = self.chance.choice([
            self.values.anything(), Hash("name", self.values.anything()),
            Hash("path", "model.bins", "table", Hash(
                "header", "switch", "rowData", Hash(
                    "number", self.values.anything()))),
            Hash("path", self.values.anything(), "table",
                 self.values.anything())])
        refused = await self._ask(subject.name, name, parameter)
        if refused is not None:
            self.counts["requests"] += 1

    async def _try_start(self, subject, prop):
        value = self.values.bad(prop)
        if value is None or (isinstance(value, Hash) and value.empty()):
            # leaves the default, as Karabo has it
            return
        self.tried.add((subject.name, f"{prop.path} at the start"))
        server = next(s.server_id for s in self._servers
                      if subject.device_class.__name__ in " ".join(
                          map(str, s.command)))
        configuration = Hash(prop.path, value)
        refused = await self._ask(server, "slotStartDevice", Hash(
            "classId", subject.device_class.__name__, "deviceId",
            f"border/start-{self.counts['tries']}",
            "configuration", configuration))
        if refused == "":
            self._wrong("started with a value that no property takes")
        elif refused:
            self.counts["starts refused"] += 1
            if (prop.path not in refused
                    and "validation failed" not in refused):
                self._wrong(f"the refusal does not name it: {refused}")

    async def _ask(self, name, slot, *arguments):
        """"" where it was done, the refusal, or None where it cannot be
        sent."""
        self._last = f"{name}.{slot}{_brief(arguments)}"
        try:
            await wait_for(call(name, slot, *arguments), TIMEOUT)
        except KaraboError as error:
            text = str(error)
            first = text.strip().split("\n")[0]
            # Karabo itself repeats the argument of a slot without any
            short = len(first) < 1500 or "does not take arguments" in first
            if not (first and short) or "Traceback" in first:
                self._wrong(f"no clear refusal: {text[:300]}")
            return first or "refused"
        except TimeoutError:
            self._wrong("no answer")
            return None
        except Exception:
            # the message cannot be written by this client
            self.counts["not sendable"] += 1
            return None
        return ""

    # after a batch

    async def _settle(self):
        """Everything as it was, everything well."""
        self._look_at_logs()
        for number, server in enumerate(self._servers):
            if not server.running:
                self._wrong(f"server {number} has ended: "
                            f"{server.log_tail(30)}")
                raise AssertionError("\n".join(self.found))
        for subject in self.subjects:
            await self._restore(subject)
        self._look_at_logs()
        await self._classified()
        await self._noticed_silence()
        self.counts["looks"] += 1

    async def _restore(self, subject):
        self._last = f"restoring {subject.name}"
        await self._ask(subject.name, "slotClearLock")
        for slot in ("stop", "cancel", "disarm"):
            if slot in subject.slots:
                await self._ask(subject.name, slot)
        now = await self._configuration(subject.name)
        back = Hash()
        for prop in subject.settable:
            value = subject.baseline.get(prop.path)
            if value is not None and not _same(now[prop.path], value):
                back[prop.path] = value
        deadline = time.monotonic() + 90
        while not back.empty():
            refused = await self._ask(subject.name, "slotReconfigure", back)
            if refused == "":
                break
            if time.monotonic() > deadline:
                self._wrong(f"cannot be set back: {refused}")
                break
            await sleep(0.3)        # something goes on, and ends

    async def _noticed_silence(self):
        """The clock is watched: without trains nobody is PROCESSING."""
        self._last = "silence"
        deadline = time.monotonic() + TIMEOUT
        for name in (CLASSIFIER, "border/spectracollector"):
            while True:
                found = await self._configuration(name)
                if found["accounting.problem"]:
                    self._wrong(f"{name}: {found['accounting.problem']}")
                if (found["accounting.valuesUnwritable"]
                        or found["load.handlerErrors"]):
                    self._wrong(
                        f"{name}: {found['accounting.valuesUnwritable']} "
                        f"values unwritable, {found['load.handlerErrors']} "
                        f"errors")
                if found["state"] != "PROCESSING" and not found["permit"]:
                    break
                if time.monotonic() > deadline:
                    self._wrong(f"{name}: silence is not noticed, "
                                f"{found['state']}")
                    break
                await sleep(0.1)

    def _look_at_logs(self):
        for server in self._servers:
            path = server.log
            text = path.read_text(errors="replace")
            new, self._logs[path] = (text[self._logs.get(path, 0):],
                                     len(text))
            for match in TRACEBACK.finditer(new):
                if not REFUSAL.match(match[1]):
                    self.counts["tracebacks"] += 1
                    self._wrong(f"a traceback: {match[0][-1500:]}")
            for line in new.splitlines():
                if ENDED.search(line):
                    self.counts["ended"] += 1
                    self._wrong(f"a task has ended: {line}")
        for line in self._catch.take():
            self._wrong(f"in the client: {line}")

    async def _configuration(self, name):
        """{path: value} of a device."""
        try:
            found, _ = await wait_for(
                call(name, "slotGetConfiguration"), TIMEOUT)
        except TimeoutError:
            self._wrong(f"{name} does not answer")
            raise AssertionError("\n".join(self.found)) from None
        return dict(_leaves(found))

    def _wrong(self, what):
        self.found.append(f"{self._last}: {what}")

    def report(self, seconds):
        """What was tried and found, as plain JSON values."""
        everything = sum(len(s.settable) + len(s.slots)
                         + len(s.with_parameter) for s in self.subjects)
        return {
            "seconds": round(seconds, 1), "tries": self.counts["tries"],
            "kinds": dict(self.counts), "devices": len(self.subjects),
            "properties_and_slots": everything,
            "tried_of_them": len({
                each for each in self.tried
                if not each[1].endswith(" at the start")}),
            "tracebacks": self.counts["tracebacks"],
            "ended_tasks": self.counts["ended"],
            "permits": self.permits, "wrong_permits": self.wrong_permits,
            "found": self.found}


class _Caught(logging.Handler):
    """Errors in this process that are none of the client's own."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self._lines = []

    def emit(self, record):
        if record.exc_info and record.exc_info[0] is not KaraboError:
            self._lines.append(record.getMessage())

    def take(self):
        lines, self._lines = self._lines, []
        return lines


def _leaves(values, prefix=""):
    for key, value in values.items():
        if isinstance(value, Hash):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _same(one, other):
    if isinstance(one, np.ndarray | list) and isinstance(
            other, np.ndarray | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Hash) and isinstance(other, Hash):
        return set(one.keys()) == set(other.keys()) and all(
            _same(one[key], other[key]) for key in one)
    if isinstance(one, float | np.floating) and isinstance(
            other, int | float | np.number):
        return bool(np.isclose(one, other, rtol=1e-6, equal_nan=True))
    return one is other or (isinstance(one, bool) == isinstance(other, bool)
                            and one == other)


def _brief(arguments):
    text = ", ".join(json.dumps(str(each))[1:-1] if isinstance(each, Hash)
                     else repr(each) for each in arguments)
    return f"({text[:400]})"
