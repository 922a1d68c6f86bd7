"""The node `joining`: what is matched to the trains by their id."""
from collections.abc import Callable
from typing import TYPE_CHECKING

from karabo.middlelayer import (
    ArchivePolicy,
    Configurable,
    Double,
    Hash,
    Int32,
    String,
    UInt32,
    UInt64,
    Unit,
)

from ....core.preprocessing.detector_modules import JOINS
from ....core.trains.bunch_pattern import (
    BRANCHES,
    LASERS,
    LONGEST,
    NO_LASER,
    Frames,
)
from ....live.matched_parts import CONTEXT, FOLLOWER, PATTERN
from ...common.attributes import (
    EXPERT,
    MILLISECONDS,
    READ,
    table,
)
from ...common.channels import ChannelMeta, QueuedInputChannel

if TYPE_CHECKING:      # it imports this module
    from ..pipeline import Stream


class JoinRow(Configurable):
    stream = String(
        defaultValue="", displayedName="Stream", description="What is joined",
        **READ)
    reason = String(
        defaultValue="", displayedName="Reason",
        description="Why a train went without it, or why it was not used",
        **READ)
    trains = UInt64(
        defaultValue=0, displayedName="Trains",
        description="Since the last change of what is joined", **READ)


class JoiningNode(Configurable):
    """A second module, monitor and shutter, and the pulses of the machine.
    """

    followerJoin = String(
        displayedName="Follower Join", defaultValue="off",
        options=list(JOINS),
        description="How the strips of joining.followerInput are put together"
                    " with those of input: after them, or alternately. A "
                    "train without its follower is rejected, never classified"
                    " by half", **EXPERT)

    energyPath = String(
        displayedName="Energy Path", defaultValue="",
        description="Pulse energies in the data of joining.contextInput, "
                    "[pulses] or one number; with joining.patternPath one "
                    "for each X-ray pulse. Empty: no monitor", **EXPERT)

    shutterPath = String(
        displayedName="Shutter Path", defaultValue="",
        description="Number or bool in the data of joining.contextInput, 0 "
                    "where the shutter is closed. Empty: no shutter", **EXPERT)

    shutterProperty = String(
        displayedName="Shutter Property", defaultValue="",
        description="Property of a shutter device, as device:property: a "
                    "bool, a number (0: closed), or its state (OPENED, "
                    "CLOSED). It is asked four times within "
                    "joining.shutterMaxAge. Empty: no such device", **EXPERT)

    shutterMaxAge = Double(
        displayedName="Shutter Max. Age", defaultValue=1., minInc=0.2,
        maxInc=60., unitSymbol=Unit.SECOND,
        description="Time for which an answer of joining.shutterProperty "
                    "counts; after that the shutter is not known", **EXPERT)

    minPulseEnergy = Double(
        displayedName="Min. Pulse Energy", defaultValue=-1., minInc=-1.,
        maxInc=1e12,
        description="Energy, in the unit of the monitor, from which there is "
                    "beam. -1: not set; needed with "
                    "joining.energyPath", **EXPERT)

    patternPath = String(
        displayedName="Pattern Path", defaultValue="",
        description="Bunch pattern table in the data of "
                    "joining.patternInput, data.bunchPatternTable of a time "
                    "server. Empty: the machine is not asked which frames "
                    "have X-rays and laser", **EXPERT)

    branch = String(
        displayedName="Branch", defaultValue="SA1", options=list(BRANCHES),
        description="SASE branch whose X-ray pulses come to the sample",
        **EXPERT)

    laser = String(
        displayedName="Laser", defaultValue=NO_LASER, options=list(LASERS),
        description="Pump-probe laser that comes to the sample, by the name "
                    "of its bit in the table", **EXPERT)

    laserOffset = Int32(
        displayedName="Laser Offset", defaultValue=0, minInc=-LONGEST,
        maxInc=LONGEST,
        description="Bunch place (4.5 MHz) of the first laser pulse, counted "
                    "from the first X-ray pulse: the table has the laser "
                    "always from its own begin on", **EXPERT)

    frames = String(
        displayedName="Frames", defaultValue=Frames.PLACE.value,
        options=[frames.value for frames in Frames],
        description="Whether the detector takes its frames at fixed bunch "
                    "places (joining.firstPlace, joining.placeStep), or "
                    "exactly one for each X-ray pulse", **EXPERT)

    firstPlace = UInt32(
        displayedName="First Place", defaultValue=0, maxInc=LONGEST,
        description="Bunch place (4.5 MHz, from 0) of the first frame",
        **EXPERT)

    placeStep = UInt32(
        displayedName="Place Step", defaultValue=1, minInc=1, maxInc=LONGEST,
        description="Bunch places from one frame to the next", **EXPERT)

    pulsePattern = String(
        displayedName="Pulse Pattern", defaultValue="",
        description="The X-ray pulses of the last train and those with "
                    "laser, or why they are not known", **READ)

    timeout = Double(
        displayedName="Timeout", defaultValue=300., minInc=1.,
        maxInc=10_000., description="How long a train waits for what is to "
                                    "be joined to it",
        **MILLISECONDS, **EXPERT)

    maxTrains = UInt32(
        displayedName="Max. Trains", defaultValue=5, minInc=1, maxInc=100,
        description="Largest number of trains that wait", **EXPERT)

    beamState = String(
        displayedName="Beam State", defaultValue="not known",
        description="beam, no beam, sample gone (beam without signal), or not"
                    " known: from spectra, monitor and shutter",
        **READ)

    beamReason = String(
        displayedName="Beam Reason", defaultValue="",
        description="Why, with the numbers", **READ)

    streams = table(
        JoinRow, displayedName="Streams",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Trains joined, and what was missing or came too late")

    @QueuedInputChannel(
        raw=True, displayedName="Follower Input",
        description="Spectra of the second module, laid out as those of "
                    "input. Ignored while joining.followerJoin is off")
    async def followerInput(self, data: Hash, meta: ChannelMeta) -> None:
        self._take(self._stream.follower, data, meta)

    @followerInput.connect
    async def followerInput(self, name: str) -> None:
        self._stream.connected(name, FOLLOWER)

    @followerInput.close
    async def followerInput(self, name: str) -> None:
        self.get_root().logger.info(f"follower {name} is disconnected")

    @QueuedInputChannel(
        raw=True, displayedName="Context Input",
        description="Pulse energies and shutter. Ignored while "
                    "joining.energyPath and joining.shutterPath are empty")
    async def contextInput(self, data: Hash, meta: ChannelMeta) -> None:
        self._take(self._stream.context, data, meta)

    @contextInput.connect
    async def contextInput(self, name: str) -> None:
        self._stream.connected(name, CONTEXT)

    @contextInput.close
    async def contextInput(self, name: str) -> None:
        self.get_root().logger.info(f"context {name} is disconnected")

    @QueuedInputChannel(
        raw=True, displayedName="Pattern Input",
        description="Output channel outputBunchPattern of a time server. "
                    "Ignored while joining.patternPath is empty")
    async def patternInput(self, data: Hash, meta: ChannelMeta) -> None:
        self._take(self._stream.bunch_pattern, data, meta)

    @patternInput.connect
    async def patternInput(self, name: str) -> None:
        self._stream.connected(name, PATTERN)

    @patternInput.close
    async def patternInput(self, name: str) -> None:
        self.get_root().logger.info(f"bunch pattern {name} is disconnected")

    @property
    def _stream(self) -> "Stream":
        return self.get_root()._stream

    def _take(self, receive: Callable[[Hash, ChannelMeta], None], data: Hash,
              meta: ChannelMeta) -> None:
        self._stream.attempt("in the handler of what is joined", receive,
                             data, meta)
