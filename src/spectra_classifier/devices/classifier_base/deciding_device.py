"""Common base of classifier and collector, which take the decision.

Configuration and model, arming and latches, sample state and permit, audit.
Where the trains come from is the business of the stream.
"""
from typing import Any

from karabo.middlelayer import (
    AccessLevel,
    Hash,
    Node,
    Overwrite,
    Slot,
    State,
)

from ... import __version__
from ...core.decision import Decision
from ...errors import ConfigurationError
from ...live.audit.audit import Audit
from ...live.configuration.configuration import Configuration
from ...live.configuration.live_model import LiveModel, room_for_classes
from ...live.configuration.property_map import KEYS, Values
from ...live.configuration.restart_check import DIFFERS, SETTLED
from ...live.threads import in_thread
from ..common.attributes import MAX_CLASSES, MAX_PULSES
from ..common.checked_device import CheckedDevice, refused_call
from ..common.gc_control import freeze, unfreeze
from ..common.property_paths import flat, set_at
from .configurator import Configurator
from .output_channel import output_channel
from .properties.accounting import (
    AccountingNode,
    ExpectedWrongNode,
    LoadReadings,
    TrainSize,
)
from .properties.alarms import AlarmsNode, AuditingNode, DriftReadings
from .properties.decision import ConditionsNode, DecisionNode
from .properties.model import ModelNode
from .properties.overview import (
    ModelOverview,
    ReactionSettings,
    SampleReadings,
    StreamOverview,
)
from .publisher import HISTORY, Publisher
from .role import share_input

#: of the device
STATES = (State.INIT, State.ON, State.PROCESSING, State.PASSIVE, State.ERROR,
          State.INTERLOCKED)
#: those in which a model is live
WITH_MODEL = {State.ON, State.PROCESSING, State.INTERLOCKED}


class DecidingDevice(StreamOverview, SampleReadings, ReactionSettings,
                     ModelOverview, CheckedDevice):
    """Base of the devices that decide on a sample state and a permit.

    A subclass has `_make_stream()`, which returns what takes in its trains.
    """

    state = Overwrite(
        defaultValue=State.INIT,
        options=list(STATES))

    output = output_channel()

    source = Node(
        TrainSize, displayedName="Source",
        description="What comes from the source")
    model = Node(
        ModelNode, displayedName="Model",
        description="The live model, and whether it may be armed")
    decision = Node(
        DecisionNode, displayedName="Decision",
        description="From the labels of the pulses to a sample state")
    conditions = Node(
        ConditionsNode, displayedName="Permit Conditions",
        description="Conditions of a permit in addition to the sample state")
    alarms = Node(
        AlarmsNode, displayedName="Alarms",
        description="Which alarms are raised, and when")
    drift = Node(
        DriftReadings, displayedName="Drift",
        description="How the spectra differ from those of the training")
    load = Node(
        LoadReadings, displayedName="Load",
        description="Whether the device keeps up with the trains")
    accounting = Node(
        AccountingNode, displayedName="Accounting",
        description="Every train and every pulse has one fate")
    expectedWrong = Node(
        ExpectedWrongNode, displayedName="Expected Wrong",
        description="How many sure pulses are wrong by their own confidence")
    auditing = Node(
        AuditingNode, displayedName="Audit",
        description="Where changes and their authors are recorded")

    # life

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self.audit = Audit(self.auditing.directory.value, self.deviceId)
        self._publisher = Publisher(self, self._unwritable)
        self._stream = self._make_stream()
        self._configurator = Configurator(self, self._stream,
                                          self._show_standing)
        self._arm_wanted = bool(self.conditions.armOnStart.value)

    def _fit(self, configuration: Hash) -> None:
        """Give this instance an output of its own sizes before it is made.

        Its schema is fixed from the first moment and never changed live.
        """
        classes = int(configuration.get("model.maxClasses", 0)) or (
            room_for_classes(configuration.get("modelPath", ""), MAX_CLASSES))
        configuration["model.maxClasses"] = classes
        sizes = (int(configuration.get("source.maxPulses", MAX_PULSES)),
                 classes)
        if sizes != (MAX_PULSES, MAX_CLASSES):
            own_class = type(self)      # Karabo makes one per instance
            own_class.output = output_channel(*sizes, key="output")
            own_class.__init_subclass__()
        share_input(configuration)

    async def _open_audit(self) -> None:
        """What happened before the start, and that this is one."""
        self.audit.note("started", version=__version__)
        self._publisher.add_history(await in_thread(
            self.audit.history, HISTORY), front=False)
        restart = self._configurator.restart
        restart.before = await in_thread(self.audit.last_model)
        latch = await in_thread(self.audit.last_latch)
        if latch is not None:
            self._stream.flow.latch(*latch)
        if not self.modelPath.value:
            restart.live(None)
        log = self.audit.log
        log.start()
        if log.kept:
            self.supervisor.thread("the thread of the audit",
                                   lambda: log.alive, log.start)

    async def onDestruction(self) -> None:
        try:
            self._stream.flow.disarm("the device is shutting down")
            self._stream.refresh()
            self._configurator.stop()
            await self._stream.stop()
            self.audit.note("stopped")
            await in_thread(self.audit.log.close)
        finally:
            unfreeze(self.deviceId)

    # configuration

    async def apply_values(self, values: Hash, message: Any) -> None:
        """Staged, validated whole, and in force at the next train edge."""
        together = [path for path in flat(values) if path in KEYS]
        if not together:
            await super().apply_values(values, message)
            return
        async with self._configurator.lock:
            try:
                configuration = await self._configurator.stage(
                    values, together)
            except ConfigurationError as error:
                raise self.refusal(error) from None
            await super().apply_values(values, message)
            with self.audit.for_client(self.lastCommand.value,
                                         "slotReconfigure"):
                self._configurator.apply(configuration, together)

    async def _reconfigure(self, values: Values) -> None:
        """As `slotReconfigure`, for what the device itself is asked to do.

        Raises `ConfigurationError`; then nothing is changed.
        """
        async with self._configurator.lock:
            configuration = await self._configurator.stage(
                Hash(values), list(values))
            for key, value in values.items():
                set_at(self, key, value)
            self._configurator.apply(configuration, list(values))

    def _committed(self, configuration: Configuration) -> None:
        """A configuration has come into force, between two trains."""
        if configuration.model is not None and not configuration.model.interim:
            freeze(self.deviceId)
        restart = self._configurator.restart
        if configuration.model is not None and restart.live(
                configuration.model):
            self.audit.note(DIFFERS, **restart.remembered,
                              reason=restart.difference)
        if configuration.model is not None and self._arm_wanted:
            self._arm_wanted = False        # the first model, or none
            self._arm_on_start(configuration.model)
        self._show_standing()

    def _arm_on_start(self, model: LiveModel) -> None:
        """Arm what the configuration of the start has named, nothing else."""
        configurator = self._configurator
        why = configurator.restart.difference
        if model.loaded is not configurator.started_with:
            why = why or ("this is not the model that modelPath named at the "
                          "start, or it was changed while it loaded")
        why = why or self._stream.flow.arm()
        self.logger.info(f"arm on start: {why or 'armed'}")
        self.audit.asked("arm on start", why)

    def _show_standing(self) -> None:
        if self._configurator.refused:
            self._stream.flow.starting = False
        previous = self._configurator.keeper.previous
        self._publisher.write_changed({
            "modelStatus": self._configurator.standing,
            "model.previousId":
            previous.definition.model_id if previous else ""})
        self._stream.refresh()

    # what must not go wrong

    def work_ended(self, name: str, sentence: str) -> None:
        self._stream.flow.fail(name, sentence)
        self._stream.refresh()

    def work_recovered(self, name: str) -> None:
        self._stream.flow.mend(name)
        self._stream.refresh()

    def _unwritable(self, sentence: str) -> None:
        """What a property cannot show, "" for nothing; see `Publisher`."""
        if sentence:
            self._stream.flow.fail("properties", sentence)
        else:
            self._stream.flow.mend("properties")

    def _complaint(self) -> str:
        """A warning in addition to the alarms of the decision, or ""."""
        configurator = self._configurator
        return (configurator.refused or configurator.uncompiled
                or configurator.restart.difference)

    def show(self, decision: Decision) -> None:
        """Write alarm and state where they have changed."""
        self._publisher.alarm(decision, self._complaint())
        flow = self._stream.flow
        model = flow.submitted.model if flow.submitted else None
        self._publisher.state(
            model, bool(self.modelPath.value),
            bool(self._configurator.loading), flow.state.interlocked,
            flow.silent_for < self.conditions.staleAfter.value)

    # requests of operators

    @Slot(displayedName="Arm", allowedStates=WITH_MODEL,
          description="Let the live model permit, from the next train that "
                      "meets every condition")
    async def arm(self) -> None:
        flow = self._stream.flow
        if refusal := flow.arm():       # what was armed before still is
            self._after("arm", refusal)
        try:
            self._take_note_of_the_model(flow.configuration.model)
            self._after("arm")
        except BaseException:       # what fails has not armed
            flow.disarm("not armed: arming has failed")
            raise
        self.logger.info(f"armed: {flow.configuration.model_id}, "
                         f"configuration {flow.configuration.hash}")

    def _take_note_of_the_model(self, model: LiveModel) -> None:
        """An operator has armed what is live."""
        if self._configurator.restart.difference:
            self._configurator.restart.seen()
            self.audit.note(SETTLED, new=model.definition.model_id,
                              identity=model.identity)
            self._show_standing()

    @Slot(displayedName="Disarm", allowedStates=STATES,
          description="No permit until it is armed again")
    async def disarm(self) -> None:
        self._stream.flow.disarm("disarmed by an operator")
        self._after("disarm")

    @Slot(displayedName="Acknowledge", allowedStates=STATES,
          description="Release what is latched, once its cause is gone")
    async def acknowledge(self) -> None:
        self._after("acknowledge", self._stream.flow.acknowledge())

    def _after(self, action: str, refusal: str = "") -> None:
        """Show what an action of an operator changed; raise if refused."""
        self.status = f"{action}: {refusal or 'done'}"
        self.logger.info(self.status.value)
        with self.audit.for_client(self.lastCommand.value, action):
            self.audit.asked(action, refusal)
            self._stream.refresh()
        if refusal:
            raise refused_call(f"{action} is refused: {refusal}")

    @Slot(displayedName="Reset", allowedStates=STATES,
          description="Restart counts and decision; never clears a latch")
    async def reset(self) -> None:
        self._stream.reset()
        self._after("reset")

    @Slot(displayedName="Previous Model", allowedStates=STATES,
          requiredAccessLevel=AccessLevel.EXPERT,
          description="Restore the model that was live before")
    async def previousModel(self) -> None:
        async with self._configurator.lock:
            try:
                self._configurator.go_back()
            except ConfigurationError as error:
                raise refused_call(error) from None
