"""Properties of the simulator: what is configured, what is shown."""
import numpy as np
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    MetricPrefix,
    Node,
    State,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorFloat,
    VectorString,
    VectorUInt32,
)

from ...core.preprocessing.detector_modules import JOINS, OFF
from ...simulation.presets import CHANNELS, PRESETS
from ...simulation.scenario import SCENARIOS
from ...simulation.stream.faults import FAULTS
from ...simulation.train import MAX_PULSES
from .channels import MonitorChannel, TruthChannel, data_channel, queued_output
from .source_factory import PROFILES, RECEIVER, SourceSettings

READ = {"accessMode": AccessMode.READONLY}
#: settings of the source: for the next start
QUIET = {"allowedStates": [State.INIT, State.ON, State.ERROR]}


class SourceNode(Configurable):
    """What is played; settings take effect at the next start."""

    seed = UInt32(
        displayedName="Seed", defaultValue=0,
        description="Equal seed, equal trains", **QUIET)
    firstTrain = UInt64(
        displayedName="First Train", defaultValue=2_500_000_000,
        minInc=1,
        maxInc=10**15,
        description="Train id of the first train; after a later start the ids"
                    " continue", **QUIET)
    trains = UInt32(
        displayedName="Trains", defaultValue=0, unitSymbol=Unit.COUNT,
        description="Number of trains after which it stops, 0: never", **QUIET)
    pulsePattern = VectorUInt32(
        displayedName="Pulse Pattern", defaultValue=[], maxSize=1000,
        description="Pulses of one train after the other, cyclic; replaces "
                    "Pulses", **QUIET)
    hold = UInt32(
        displayedName="Hold", defaultValue=60, minInc=1, maxInc=10**6,
        unitSymbol=Unit.COUNT,
        description="Trains in every pure state (gotthard2)", **QUIET)
    mixing = UInt32(
        displayedName="Mixing", defaultValue=20, maxInc=10**6,
        unitSymbol=Unit.COUNT,
        description="Mixed trains between two states; 0: sudden change "
                    "(gotthard2)", **QUIET)
    moduleSplit = String(
        displayedName="Module Split", defaultValue=OFF, options=list(JOINS),
        description="Distribute the strips over two modules, output and "
                    "follower: one half after the other, or alternately",
        **QUIET)
    framesPerTrain = UInt32(
        displayedName="Frames per Train", defaultValue=0, maxInc=MAX_PULSES,
        unitSymbol=Unit.COUNT,
        description="Buffers of the receiver for one train: rows of the "
                    "arrays, however many pulses there are. 0: one for "
                    "every pulse (gotthard2)", **QUIET)
    classNames = VectorString(
        displayedName="Classes", defaultValue=[],
        description="Names of the true classes, in order of the label",
        **READ)
    dark = VectorFloat(
        displayedName="Dark", defaultValue=[],
        maxSize=2 * CHANNELS,
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Mean spectrum without beam, as a dark run gives it, of "
                    "even and then of odd memory cells where they differ; "
                    "empty where the source has no pedestal", **READ)


class ReplayNode(Configurable):
    """The file that is played, and how (profile replay)."""

    file = String(
        displayedName="File", defaultValue="",
        description="NeXus/HDF5, .npz or folder of .xy; absolute path",
        **QUIET)
    singlesFirst = Bool(
        displayedName="Singles First", defaultValue=True,
        description="Play the file first with one spectrum per train, then "
                    "with Pulses per train", **QUIET)
    cyclic = Bool(
        displayedName="Cyclic", defaultValue=True,
        description="Start again at the end of the file", **QUIET)


class FaultsNode(Configurable):
    """What injectFault does."""

    kind = String(
        displayedName="Kind", defaultValue=FAULTS[0], options=FAULTS,
        description="What injectFault does")
    trains = UInt32(
        displayedName="Trains", defaultValue=1, minInc=1,
        maxInc=100_000, unitSymbol=Unit.COUNT,
        description="To how many trains")
    pending = UInt64(
        displayedName="Pending", defaultValue=0,
        unitSymbol=Unit.COUNT,
        description="Trains that still wait for their fault", **READ)


class LoadNode(Configurable):
    """Whether the trains are sent in time."""

    trainsLate = UInt64(
        displayedName="Trains Late", defaultValue=0,
        description="Trains that were delayed by more than a period, so that "
                    "the schedule moved",
        **READ)
    writeTime = Double(
        displayedName="Write Time", defaultValue=0., unitSymbol=Unit.SECOND,
        metricPrefixSymbol=MetricPrefix.MILLI,
        description="Time to hand the last train to the channels", **READ)


class AccountingNode(Configurable):
    """What was sent."""

    pulsesSent = UInt64(
        displayedName="Pulses Sent", defaultValue=0,
        description="In the trains that were sent", **READ)
    report = String(
        displayedName="Report", defaultValue="{}",
        description="The ledger: what was sent, by true label and by fault, "
                    "as JSON; updated every second", **READ)


class SimulatorProperties(Configurable):
    """What an operator turns and sees; the rest is in nodes."""

    profile = String(
        displayedName="Profile", defaultValue=RECEIVER, options=PROFILES,
        description="gotthard2: 1280 strips, uint16, field by field as the "
                    "receiver of the facility sends them; gotthard2 ideal: "
                    "with every frame in its place and numbers of its own; "
                    "curves: the published ramp, 4023 points, float32; "
                    "replay: spectra of a file",
        **QUIET)
    preset = String(
        displayedName="Preset", defaultValue="realistic",
        options=list(PRESETS),
        description="Difficulty: noise, drift and defects of detector and "
                    "beam (gotthard2)",
        **QUIET)
    scenario = String(
        displayedName="Scenario", defaultValue="ramp", options=SCENARIOS,
        description="States of the sample, and how they differ "
                    "(gotthard2)", **QUIET)
    rate = Double(
        displayedName="Rate", defaultValue=10., minInc=0.001, maxInc=100.,
        unitSymbol=Unit.HERTZ, description="Trains per second", **QUIET)

    trueState = String(
        displayedName="True State", defaultValue="",
        description="Class with the larger share", **READ)
    currentFraction = Double(
        displayedName="Fraction", defaultValue=0.,
        description="0: pure first class, 1: pure second class", **READ)
    transitionTrainId = UInt64(
        displayedName="Transition", defaultValue=0,
        description="Nearest train that is the first of another class",
        **READ)
    currentTrainId = UInt64(
        displayedName="Train Id", defaultValue=0,
        description="Of the last train that was sent", **READ)
    trainsSent = UInt64(
        displayedName="Trains Sent", defaultValue=0,
        description="Since the device started, faulty ones included", **READ)
    availableScenes = VectorString(
        displayedName="Scenes", displayType="Scenes",
        description="Names for requestScene",
        defaultValue=["overview"], **READ)

    source = Node(
        SourceNode, displayedName="Source",
        description="What is played; settings take effect at the next start")
    replay = Node(
        ReplayNode, displayedName="Replay",
        description="The file that is played, and how (profile replay)")
    faults = Node(
        FaultsNode, displayedName="Faults",
        description="What injectFault does")
    load = Node(
        LoadNode, displayedName="Load",
        description="Whether the trains are sent in time")
    accounting = Node(
        AccountingNode, displayedName="Accounting",
        description="What was sent")

    output = queued_output(
        data_channel(np.uint16, CHANNELS), displayedName="Output",
        description="Spectra, as a Gotthard-II sends them")
    truth = queued_output(
        TruthChannel, displayedName="Truth",
        description="What is true of the pulses of the same train")
    follower = queued_output(
        data_channel(np.uint16, CHANNELS // 2), displayedName="Follower",
        description="Spectra of the second module (source.moduleSplit)")
    monitor = queued_output(
        MonitorChannel, displayedName="Monitor",
        description="Pulse energies and shutter (gotthard2)")

    def source_settings(self) -> SourceSettings:
        """The present `SourceSettings`."""
        source, replay = self.source, self.replay
        return SourceSettings(
            self.profile.value, self.preset.value, self.scenario.value,
            int(source.seed.value), int(source.firstTrain.value),
            int(source.hold.value), int(source.mixing.value),
            replay.file.value,
            int(self.pulses.value) if self.profile == "replay" else 0,
            bool(replay.singlesFirst), bool(replay.cyclic),
            int(source.framesPerTrain.value))


#: limits of the property `pulses`
PULSES = {"minInc": 0, "maxInc": MAX_PULSES}
