"""The real devices in one process, on a clock of ours, without a broker.

This is the one file of the oracle that knows how the package is wired: what
Karabo itself does (the broker, sockets, threads, time) is replaced by a thin
stub, and everything above it is real - `SpectraClassifier` with its worker,
configuration, publisher and tasks, and `PermitGuard` with its lease.
"""
import asyncio
import importlib
import logging
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Device,
    Hash,
    KaraboError,
    Slot,
    Timestamp,
    VectorStringValue,
)
from karabo.native import decodeBinary, encodeBinary

PACKAGE = "spectra_classifier"
#: where both clocks begin; the wall clock may be set at any time
MONOTONIC, WALL = 10_000., 1_800_000_000.
#: turns of the event loop without any time that are too many
TURNS = 10_000
#: one of so many trains goes through Karabo's types
FULL = 8


class Clock:
    """Monotonic and wall clock of the devices; only `Loop` moves them."""

    def __init__(self):
        self.now, self.offset = MONOTONIC, WALL - MONOTONIC

    def monotonic(self):
        return self.now

    def time(self):
        return self.now + self.offset


class _Selector:
    """Instead of waiting, time passes, up to a limit; then the loop stops."""

    def __init__(self, loop):
        self.loop, self.turns = loop, 0

    def select(self, timeout=None):
        loop = self.loop
        self.turns += 1
        if self.turns > TURNS:
            self.turns = 0
            raise RuntimeError("the event loop turns and no time passes")
        if timeout is None or timeout > 0:
            self.turns = 0
            due = loop._scheduled[0].when() if loop._scheduled else np.inf
            if due <= loop.until:
                loop.clock.now = max(loop.clock.now, due)
            else:
                loop.clock.now = max(loop.clock.now, loop.until)
                loop.stop()
        return ()

    def register(self, *args):
        pass

    unregister = modify = register

    def get_map(self):
        return {}

    def get_key(self, *args):
        raise KeyError

    def close(self):
        pass


class Loop(asyncio.SelectorEventLoop):
    """What Karabo's event loop gives its devices, on `Clock`."""

    def __init__(self, clock):
        self.clock, self.until, self._kept = clock, clock.now, set()
        super().__init__()
        self._selector.close()
        self._selector = _Selector(self)

    def time(self):
        return self.clock.now

    def create_task(self, coro, instance=None, name=None, context=None):
        task = super().create_task(coro, name=name, context=context)
        self._kept.add(task)        # Karabo keeps the tasks of a device
        task.add_done_callback(self._kept.discard)
        return task

    def instance(self):
        return None

    def something_changed(self):
        pass

    def sync(self, coro, timeout, wait):
        return coro

    def _write_to_self(self):
        pass

    def advance(self, seconds):
        """Let everything run that is due within so many seconds."""
        self.until = self.clock.now + seconds
        self.run_forever()

    def outcome(self, coroutine, patience=0.):
        """What a request returns, and the error it ends with.

        Time passes only where it waits, up to `patience` s.
        """
        task = self.create_task(coroutine)
        end = self.clock.now + patience
        self.advance(0)
        while not task.done() and self.clock.now < end:
            self.advance(0.02)
        if not task.done():         # it waits for something: let it
            return None, None
        error = task.exception()
        return (None, error) if error else (task.result(), None)


class _Thread:
    """A thread that runs when it is waited for, at the end."""

    def __init__(self, target=None, name="", args=(), daemon=True, **_):
        self.target, self.name, self.args = target, name, args
        self.ended = False

    def start(self):
        pass

    def join(self, timeout=None):
        if not self.ended:
            self.ended = True
            self.target(*self.args)

    def is_alive(self):
        return not self.ended


class _Module:
    """A module with some names replaced."""

    def __init__(self, module, **names):
        self.__dict__.update(names)
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


class _SigSlot:
    """What a device asks of its connection to the broker."""

    def __init__(self, loop):
        self.loop = SimpleNamespace(
            call_soon_threadsafe=lambda *args: None,
            is_running=lambda: False,
            create_task=loop.create_task)
        self.tasks = set()
        self.connection = SimpleNamespace(closing=loop.create_future())

    @staticmethod
    def get_property(message, name):
        return "operator"


class Patches:
    """Replaces names in modules of the package, and puts them back."""

    def __init__(self):
        self._old = []

    def set(self, module, name, value):
        self._old.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    def everywhere(self, name, old, new):
        """In every module of the package where `name` is `old`."""
        for key, module in list(sys.modules.items()):
            if key.startswith(PACKAGE) and getattr(
                    module, name, None) is old:
                self.set(module, name, new)

    def undo(self):
        for module, name, value in reversed(self._old):
            setattr(module, name, value)
        self._old.clear()


def retimed(thing, clock, seen=None):
    """Replace real clocks that objects of the package were given."""
    seen = set() if seen is None else seen
    if id(thing) in seen or not type(thing).__module__.startswith(PACKAGE):
        return
    seen.add(id(thing))
    values = dict(getattr(thing, "__dict__", {}))
    for name, value in values.items():
        if value is time.monotonic:
            object.__setattr__(thing, name, clock.monotonic)
        elif value is time.time:
            object.__setattr__(thing, name, clock.time)
        else:
            retimed(value, clock, seen)


class _Records(logging.Handler):
    """Keeps what the devices log about errors of their own."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.records = []

    def emit(self, record):
        self.records.append(record)


def _at_once(name, function, *args):
    """In the place of `begin_in_thread`."""
    future = Future()
    try:
        future.set_result(function(*args))
    except Exception as error:
        future.set_exception(error)
    return future


@lru_cache(maxsize=32)
def _loaded(load, path, digest):
    return load(path)


class World:
    """One process with its clock and event loop; devices are made in it."""

    def __init__(self, guard_period=0.02):
        self.clock = Clock()
        self.loop = Loop(self.clock)
        self.patches = Patches()
        self.folder = Path(tempfile.mkdtemp(prefix="oracle-"))
        self.errors = _Records()
        logging.getLogger().addHandler(self.errors)
        self._tasks, self.owner = [], None
        self.ended = []         # tasks of devices that came to an end
        self.processes_ended = set()    # by the id of the device
        devices = importlib.import_module(f"{PACKAGE}.devices")
        self.Classifier = devices.SpectraClassifier
        self.Guard = devices.PermitGuard
        self._stub()
        self.patches.set(sys.modules[self.Guard.__module__], "PERIOD",
                         guard_period)

    def _stub(self):
        everywhere = self.patches.everywhere
        everywhere("time", time, _Module(
            time, monotonic=self.clock.monotonic, time=self.clock.time))
        everywhere("threading", threading, _Module(threading, Thread=_Thread))
        everywhere("Thread", threading.Thread, _Thread)
        everywhere("begin_in_thread", sys.modules[
            f"{PACKAGE}.live.threads"].begin_in_thread, _at_once)
        for key, module in list(sys.modules.items()):
            if not key.startswith(PACKAGE):
                continue
            for name, stub in (("watch_broker", _for_ever),
                               ("getProperties", self._properties),
                               ("getSchema", self._schema),
                               ("background", self.background),
                               ("PictureRenderer", _Nothing),
                               ("end_process", self._process_ended),
                               ("gc", _NoGarbage)):
                if (hasattr(module, name) and not isinstance(
                        getattr(module, name), type(sys))) or (
                        name == "gc" and hasattr(module, name)):
                    self.patches.set(module, name, stub)
        models = self._module("load_model")
        load = models.load
        self.patches.set(models, "load", lambda path, known=(): _loaded(
            load, str(path), _digest(path)))

    @staticmethod
    def _module(function):
        return next(module for key, module in sys.modules.items()
                    if key.startswith(PACKAGE)
                    and getattr(getattr(module, function, None),
                                "__module__", None) == key)

    def background(self, task, *args, timeout=-1):
        """Karabo's `background`; remembers the tasks that a device needs."""
        made = self.loop.create_task(task)
        self._tasks.append((self.owner, made))      # the loop keeps none
        made.add_done_callback(self._task_ended)
        return made

    def cancel(self, owner):
        """End the tasks of a device."""
        for who, task in self._tasks:
            if who is owner:
                task.cancel()
                task._log_destroy_pending = False
        self._tasks = [(who, task) for who, task in self._tasks
                       if who is not owner]
        self.loop.advance(0)

    def _task_ended(self, task):
        self._tasks = [one for one in self._tasks if one[1] is not task]
        if not task.cancelled() and task.exception() is not None:
            self.ended.append(repr(task.exception()))

    def _process_ended(self, device, *args):
        self.processes_ended.add(device)

    async def _properties(self, target, *names):
        if names and isinstance(names[0], list):
            names, = names
        found = Hash()
        for name in names:
            found.setElement(name, self.target.ask(name), {
                "sec": np.uint64(1), "frac": np.uint64(0)})
        return found

    async def _schema(self, target, *args):
        return TargetDevice.getClassSchema()

    def close(self):
        """Put everything back."""
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
            task._log_destroy_pending = False   # some do not let themselves
        self.loop.advance(0)
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.patches.undo()
        logging.getLogger().removeHandler(self.errors)

    # devices

    def prepare(self, device, connected=()):
        """`connected`: what its input is configured for."""
        vars(device.input)["connectedOutputChannels"] = VectorStringValue(
            list(connected))
        for initializer in device._initializers:    # they would open sockets
            initializer.close()
        device._sigslot = _SigSlot(self.loop)
        device.update = device._sethash.clear
        device.logger.setLevel(logging.ERROR)
        device.logger.propagate = True
        retimed_attributes(device, self.clock)
        return device


class TargetDevice(Device):
    """What the shutter says it has."""

    isOpen = Bool(accessMode=AccessMode.READONLY, defaultValue=False)
    flag = Bool(defaultValue=False)

    @Slot()
    async def open(self):
        pass

    @Slot()
    async def close(self):
        pass

    @Slot()
    async def hold(self):
        pass


class _UnderTest:
    """What classifier and guard have in common."""

    def kill(self, number):
        """Cancel a long-running task: (its name, whether something runs)."""
        tasks = sorted(self.device.supervisor.tasks.items())
        name, task = tasks[number % len(tasks)]
        task.cancel()
        self.world.loop.advance(0)
        return name, lambda: not task.done()

    @property
    def process_ended(self):
        """Whether the device has ended its process."""
        return self.device.deviceId.value in self.world.processes_ended


class ClassifierUnderTest(_UnderTest):
    """A `SpectraClassifier` as Karabo would run it."""

    def __init__(self, world, heard, connected, **values):
        self.world = world
        self._heard = heard     # called with every chunk that it writes
        self.device = world.prepare(world.Classifier(_hash(values)), connected)
        self.source = f"{self.device.deviceId}:output"
        self.device.output.writeRawData = self._write
        self._turns, self._shown = 0, {}
        publisher = self.device._publisher
        self._write_properties = publisher.write
        publisher.write = self._write_light
        self.device.preview.writeData = _write_nothing
        stream = self.device._stream
        self._queue, self._worker = stream.worker.queue, stream.worker
        self._take, self._budget = self._queue.take, 0
        self._queue.take = self._take_within_budget
        self.world.owner = self.device
        self.world.loop.outcome(self.device.onInitialization())
        self.device._SignalSlotable__initialized = True
        self.world.loop.advance(0)
        self.configured()

    def configured(self):
        """Everything new has the clock of ours."""
        retimed_attributes(self.device, self.world.clock)

    # Karabo's types make most of the time of a train: those of properties are
    # real for every `FULL`th one, and for whatever else is written

    def _write_light(self, values, timestamp=None):
        of_a_train = values.keys() >= {"permit", "latency"}
        if self._turns % FULL == 0 or not of_a_train:
            self._write_properties(values, timestamp)
            for key in values:
                self._shown.pop(key, None)
        else:
            self.device._publisher._shown.update(values)
            self._shown.update(values)

    def shown(self, name):
        """What the device shows."""
        found = self._shown.get(name)
        return self.read(name) if found is None else found

    async def _write(self, sent, timestamp=None):
        self._heard(Fields(_arrays(sent["data"])), timestamp)

    # the channel

    def receive(self, data, meta):
        """A chunk of the source at the input handler, with Karabo's net."""
        self.world.loop.outcome(self._handle(
            self.device.input.handler, data, meta))

    async def _handle(self, handler, *args):
        try:
            await handler(*args)
        except Exception:
            self.device.logger.exception("error in stream")

    def connected(self, source):
        self.world.loop.outcome(self._handle(
            self.device.input.connect_handler, source))

    def closed(self, source):
        self.world.loop.outcome(self._handle(
            self.device.input.close_handler, source))

    # the worker

    @property
    def waiting(self):
        """Items that wait for the worker thread."""
        return len(self._queue._entries)

    def _take_within_budget(self):
        if not self._budget or not self._queue._entries:
            self._queue.idle.set()
            return None         # the loop of the thread ends, for now
        self._budget -= 1
        return self._take()

    def work(self, items=1):
        """The worker thread takes so many items, and they are published."""
        for _ in range(items):
            if not self._queue._entries:
                break
            self._budget = 1
            self._turns += 1
            self._worker._run()
            self.world.loop.advance(0)

    # what people do

    def call(self, slot):
        """"" where a slot did it, else its refusal."""
        _, error = self.world.loop.outcome(getattr(self.device, slot)(),
                                           patience=1.)
        return _refusal(error)

    def reconfigure(self, values):
        """"" where it was taken, else the refusal."""
        _, error = self.world.loop.outcome(self.device.slotReconfigure(
            _hash(values), "message"))
        self.world.loop.advance(0)
        self.configured()
        # Karabo itself raises what it likes at a value, and answers with it
        return _refusal(error) if error is None or isinstance(
            error, KaraboError) else repr(error)

    def read(self, name):
        value = attrgetter(name)(self.device)
        return getattr(value, "value", value)

    def plain(self, name):
        """A property as Python has it."""
        value = self.read(name)
        return value.tolist() if hasattr(value, "tolist") else value

    def stop(self):
        self.world.loop.outcome(self.device.onDestruction())
        self.world.loop.advance(0)
        self.world.cancel(self.device)


class GuardUnderTest(_UnderTest):
    """A `PermitGuard` as Karabo would run it."""

    def __init__(self, world, target, connected, **values):
        self.world = world
        world.target = target
        self.device = world.prepare(world.Guard(_hash(values)), connected)
        self.device.callNoWait = self._command
        self.device.call = self._call
        self._last = {}
        self._set, self.device._set = self.device._set, self._set_changed
        self.wanted = []        # channels that it asked to be connected to
        self.device.input.connectChannel = self._connect
        self.world.owner = self.device
        self.world.loop.outcome(self.device.onInitialization())
        self.device._SignalSlotable__initialized = True
        self.world.loop.advance(0)

    def _set_changed(self, values):
        """Properties that differ are set, as the guard does it, but fast."""
        changed = {key: value for key, value in values.items()
                   if key not in self._last or self._last[key] != value}
        if changed:
            self._set(changed)
            self._last |= changed

    def _command(self, _, slot, *values):
        target = self.world.target
        if slot != "slotReconfigure":
            target.command(slot)
        for configuration in values:
            for name, value in configuration.items():
                target.set(name, value)

    async def _call(self, *call):
        self._command(*call)

    async def _connect(self, channel):
        self.wanted.append(channel)

    def hear(self, data, source, timestamp):
        self.world.loop.outcome(self._handle(
            self.device.input.handler, data, meta_of(source, timestamp)))

    _handle = ClassifierUnderTest._handle
    connected = ClassifierUnderTest.connected
    closed = ClassifierUnderTest.closed
    call = ClassifierUnderTest.call
    read = ClassifierUnderTest.read
    stop = ClassifierUnderTest.stop


def retimed_attributes(device, clock):
    """Clocks of everything that a device holds."""
    seen = set()
    for value in list(vars(device).values()):
        retimed(value, clock, seen)


def meta_of(source, timestamp):
    """What comes with a chunk: Karabo's meta data, as from the channel."""
    return SimpleNamespace(source=source, timestamp=SimpleNamespace(
        timestamp=timestamp))


class Fields(dict):
    """The fields of `output.data`, as the classifier gave them."""


def through_channel(fields):
    """The Hash that a receiver of the channel gets."""
    data = Hash()
    for key, value in fields.items():
        if key.startswith("permit"):
            data[f"data.{key}"] = value
    return decodeBinary(encodeBinary(data))


def _arrays(data):
    return {key: value for key, value in data.items()
            if not isinstance(value, Hash)}


def timestamp(wall, train_id):
    """Karabo's time stamp of a train, at this wall clock."""
    found = Timestamp(wall if np.isfinite(wall) else 0.)
    found.tid = train_id
    return found


def _hash(values):
    """A Hash with these keys, whatever is in them."""
    made = Hash()
    for key, value in values.items():
        made[key] = value
    return made


def _refusal(error):
    if error is None:
        return ""
    if not isinstance(error, KaraboError):
        raise error
    return str(error) or "refused"


def _digest(path):
    return hash(Path(path).read_bytes())


async def _for_ever(*args):
    await asyncio.get_running_loop().create_future()


async def _write_nothing(timestamp=None):
    pass


class _Nothing:
    """What only draws."""

    def __init__(self, *args):
        pass

    run = _for_ever


class _NoGarbage:
    collect = freeze = unfreeze = staticmethod(lambda: None)


def compile_engine(path, engine):
    """Compile what a device needs for models like this one."""
    importlib.import_module(
        f"{PACKAGE}.live.configuration.live_model").load_model(path, engine, 1)


def save_model(path, classes, rows, bins, *, intensity, confidence, residual,
               name=""):
    """A model file: one linear member per bin that tells the rows apart.

    Returns the path as text. The rows (C, channels) are what spectra of the
    classes look like.
    """
    definition = importlib.import_module(f"{PACKAGE}.core.model_definition")
    spectra = importlib.import_module(f"{PACKAGE}.core.spectra")
    model = importlib.import_module(f"{PACKAGE}.model")
    rows = np.array(rows, np.float64)
    shapes = rows / rows.mean(axis=1, keepdims=True)
    tilt = (0.6 * (shapes - shapes.mean(axis=0))).astype(np.float32)
    made = definition.ModelDefinition(
        model_id="tiny", classes=tuple(classes),
        axis=spectra.Axis.channels(rows.shape[1]),
        preprocessing=definition.Preprocessing(normalisation="area"),
        bins=tuple(bins), members=definition.LinearMembers(
            tuple(tilt[:, start:stop] for start, stop in bins),
            np.zeros((len(bins), len(rows)), np.float32)),
        weights=np.ones(len(bins)), references=shapes.astype(np.float32),
        min_intensity=intensity, unknown=definition.UnknownRule(
            confidence, residual),
        calibration=definition.Calibration(samples=100))
    model.save(Path(path), made, {
        "name": name or Path(path).stem, "licence": "BSD-3-Clause",
        "metrics": {"guards": {
            "verdict": "separable", "words": "told apart", "arm": True,
            "accuracy": 1., "null": 0.5, "references": {}}}},
        rows.astype(np.float32))
    return str(path)
