"""From what an operator sets to one immutable configuration in force.

A reconfiguration is staged (nothing is touched), set by Karabo, and then
handed to the worker behind the trains that wait. A model is loaded, verified
and warmed up in a thread while the live one continues. Where it has to be
compiled, another process does that; where no model is live, a slower engine
classifies meanwhile. A rejected change leaves everything as it is, properties
included; the reason is shown.
"""
from asyncio import Lock
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from karabo.middlelayer import Hash, background

from ...core import cooperative
from ...errors import ConfigurationError, SpectraError
from ...live.configuration.compiler import Compiler, trim_later
from ...live.configuration.configuration import (
    Configuration,
    build,
    differences,
)
from ...live.configuration.live_model import (
    LiveModel,
    check_model_path,
    load_at_once,
    run_at_once,
)
from ...live.configuration.model_history import ModelKeeper
from ...live.configuration.property_map import ENGINE_KEYS, Values
from ...live.configuration.restart_check import Restart
from ...live.jobs import Cancelled
from ...live.threads import begin_in_thread, in_thread
from ...model.store import LoadedModel
from ..common.property_paths import set_at
from .pipeline_base import DecidingStream
from .proposed_values import (
    default_values,
    karabo_value,
    proposed_values,
    values_of,
)

if TYPE_CHECKING:      # they import this module
    from .deciding_device import DecidingDevice


class Configurator:
    """Configuration and model of a device; used from its event loop.

    `loading`: the properties set since a model is on its way, () where none
    is; `refused`: the last refusal that still applies, "" for none;
    `uncompiled`: why the live model stays in the interim, "" for no reason;
    `restart`: comparison with the model before the start; `started_with`: the
    model loaded by the start itself, None before and where it was rejected or
    replaced; `lock` is held while a change is staged and set.

    Parameters
    ----------
    stream
        Gets every accepted configuration, and holds the newest one.
    show
        Called whenever the displayed status has changed.
    """

    def __init__(self, device: "DecidingDevice", stream: DecidingStream,
                 show: Callable[[], None]) -> None:
        self._device = device
        self._stream = stream
        self._show = show
        self._loads = 0             # how many were asked for
        self.loading: tuple[str, ...] = ()
        self.keeper = ModelKeeper(device.model.maxClasses.value,
                                  lambda: stream.flow.submitted)
        self.refused = self.uncompiled = ""
        self._compiler = Compiler()
        self._compiling: LiveModel | None = None    # in the interim
        self.restart = Restart()
        self.started_with: LoadedModel | None = None
        self._start = 0             # number of the load of the start
        # what the start asked for, and the model on its way
        self._begun: tuple[tuple[Any, ...], Future[LiveModel]] | None = None
        self.lock = Lock()

    @property
    def live(self) -> Configuration:
        """The newest configuration that was accepted."""
        live = self._stream.flow.submitted
        if live is None:
            raise RuntimeError("the configurator was not started")
        return live

    @property
    def standing(self) -> str:
        """One sentence on the model."""
        live = self.live
        sentence = "no model"
        if self.loading:
            sentence = f"loading {self._device.modelPath.value}"
        elif live.model is not None:
            sentence = f"{live.model_id} is verified and live"
            if not live.confirmed:
                sentence += ("; set the reactions for its classes before "
                             "arming")
            if live.model.interim:
                sentence += "; " + (self.uncompiled or (
                    f"{live.model.engine.name} classifies while the faster "
                    "engine is compiled"))
        if self.restart.difference:
            sentence += f"; {self.restart.difference}"
        return f"{self.refused} ({sentence})" if self.refused else sentence

    def start(self) -> None:
        """The first configuration, without its model; never raises.

        A device that died of a wrong value would not say which one. Loading
        the model begins: Karabo waits for a second to learn whether the id of
        the device is free.
        """
        try:
            configuration, _ = self.keeper.adoption(
                None, values_of(self._device))
        except ConfigurationError as error:
            self.refused = f"refused: the configuration at start: {error}"
            configuration = build(default_values(type(self._device)))
        self._accept(configuration)
        wanted = self._wanted()
        if self._device.modelPath.value:
            self._begun = wanted, begin_in_thread("model", load_at_once,
                                                  *wanted)

    def _wanted(self) -> tuple[Any, ...]:
        """The values of `ENGINE_KEYS`: arguments of `load_at_once`."""
        values = values_of(self._device)
        return tuple(values[key] for key in ENGINE_KEYS)

    async def stage(self, reconfiguration: Hash,
                    together: Collection[str]) -> Configuration | None:
        """The configuration to come; None if a model has to be made first.

        `together`: the properties to be set at once. Raises
        `ConfigurationError`; nothing is changed.
        """
        values = proposed_values(self._device, reconfiguration)
        if "modelPath" in together and values["modelPath"]:
            await in_thread(check_model_path, values["modelPath"])
        elif "modelPath" in together:
            return self.keeper.adoption(None, values, together)[0]
        live = self.live
        if self.loading or "modelPath" in together or (
                live.model is None and values["modelPath"]):
            build(values)       # the rest is checked with the new model
            return None
        configuration = self.keeper.proposal(values, together)
        with_engine = live.model is not None and any(
            values[key] != live.values[key] for key in ENGINE_KEYS)
        return None if with_engine else configuration

    def apply(self, configuration: Configuration | None,
              together: Collection[str]) -> None:
        """What was staged has been set."""
        if configuration is None:
            self.load(together)
        else:
            self._forget_load()
            self.refused = ""
            self._accept(configuration)

    def load_at_start(self) -> None:
        """Make the model that the configuration of the start names."""
        begun, self._begun = self._begun, None
        # a client may have set another one since the device was made
        early = begun is not None and begun[0] == self._wanted()
        self.load(("modelPath",), begun[1].result if begun and early
                  else None)
        self._start = self._loads

    def load(self, together: Collection[str],
             work: Callable[[], LiveModel] | None = None) -> None:
        """Load the model set in the properties while the live one runs.

        What was asked for while another one loads is joined with it. `work`
        returns the model where that is on its way already.
        """
        values, live = values_of(self._device), self.live.model
        kind, threads = values["load.engine"], values["load.threads"]
        self.loading = (*self.loading, *together)
        if work is None:
            work = (
                partial(load_at_once, values["modelPath"], kind, threads,
                        [each for each in (live, self.keeper.previous)
                         if each is not None])
                if "modelPath" in self.loading or live is None
                else partial(run_at_once, kind, threads, live.path,
                             live.loaded))
        self._loads += 1
        self._show()
        background(self._load(self._loads, work, kind, threads))

    async def _load(self, number: int, work: Callable[[], LiveModel],
                    kind: str, threads: int) -> None:
        model, reason = await self._made(work)
        live = self.live.model
        if (model is not None and model.engine.name != kind and model.interim
                and live is not None and not live.interim):
            # the live one is faster, and goes on
            model, reason = await self._made(partial(
                self._compiler.finish, model, kind, threads))
        if number != self._loads:
            return          # another one was asked for in the meantime
        together = self._forget_load()
        try:
            if model is not None:
                if number == self._start:
                    self.started_with = model.loaded
                self._adopt(model, together)
        except ConfigurationError as error:
            reason = str(error)
        except Exception as error:
            self._device.logger.exception("error while adopting a model")
            reason = f"{type(error).__name__}: {error}"
        if reason is not None:
            self._refuse(reason)

    async def _made(self, work: Callable[[], LiveModel],
                    ) -> tuple[LiveModel | None, str | None]:
        """What `work` makes in a thread, or the reason why not."""
        try:
            made = await in_thread(cooperative.run, self._stream.let_pass,
                                   work)
            # to adopt it takes this loop some milliseconds
            await in_thread(self._stream.let_pass)
            return made, None
        except (SpectraError, Cancelled) as error:
            return None, str(error)
        except Exception as error:
            # what nothing should cause must not look like a load without end
            self._device.logger.exception("error while loading a model")
            return None, f"{type(error).__name__}: {error}"

    async def _finish(self, interim: LiveModel) -> None:
        """Put the engine that is set into the place of the slower one."""
        values = self.live.values
        model, reason = await self._made(partial(
            self._compiler.finish, interim, values["load.engine"],
            values["load.threads"]))
        if self.live.model is not interim:
            self._compiling = None      # it may come back
        elif model is None:
            self.uncompiled = (
                f"the faster engine cannot be compiled ({reason}): "
                f"{interim.engine.name} goes on, set modelPath to try again")
            self._device.logger.error(self.uncompiled)
            self._show()
        else:
            # everything that is in force stays: only the engine differs
            self._accept(replace(self.live, model=model))
            self._compiling = None
            trim_later()

    def stop(self) -> None:
        """The device ends: nothing needs to be compiled any more."""
        self._compiler.stop()

    def _forget_load(self) -> tuple[str, ...]:
        """What still loads comes too late; returns what was set with it."""
        self._loads += 1
        together, self.loading = self.loading, ()
        return together

    def go_back(self) -> None:
        """Make the previous model live again; raises `ConfigurationError`."""
        model = self.keeper.previous
        if model is None:
            raise ConfigurationError(
                "no other model has been live since the start")
        self._forget_load()
        self._device.modelPath = model.path
        try:
            self._adopt(model, ())
        except Exception as error:
            self._refuse(str(error))
            raise

    def _adopt(self, model: LiveModel, together: Collection[str]) -> None:
        configuration, corrections = self.keeper.adoption(
            model, values_of(self._device), together)
        self.refused = ""
        self._set_back(corrections)
        self._accept(configuration)

    def _accept(self, configuration: Configuration) -> None:
        old = self._stream.flow.submitted
        self.keeper.accept(configuration)
        self._stream.submit(configuration)
        model = configuration.model
        if model is None or not model.interim:
            self.uncompiled = ""
        elif model is not self._compiling:
            self._compiling, self.uncompiled = model, ""
            background(self._finish(model))
        if old is not None:
            self._log(old, configuration)
            self._device.status = (f"Configuration {configuration.hash} is in"
                                   " force from the next train on")

    def _log(self, old: Configuration, new: Configuration) -> None:
        step = f"configuration {old.hash} -> {new.hash}"
        log = self._device.logger.info
        for key, before, after in differences(old.values, new.values):
            log(f"{key}: {before!r} -> {after!r}, {step}")
        if old.model_id != new.model_id:
            log(f"model {old.model_id!r} -> {new.model_id!r}, {step}")
        self._device.audit.changed(old, new)

    def _refuse(self, reason: str) -> None:
        """Leave everything as it is and show the reason."""
        self.refused = f"refused: {reason}"
        self._device.logger.warning(self.refused)
        self._device.status = f"Nothing was changed: {reason}"
        if self.live.model is not None:
            self._set_back(self.live.values)
        self._show()

    def _set_back(self, values: Values) -> None:
        """Let properties show what is in force."""
        shown = values_of(self._device)
        for key, value in values.items():
            if shown[key] != value:
                set_at(self._device, key, karabo_value(key, value))
