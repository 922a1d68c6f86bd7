"""Channels and properties of what is joined to the trains by their id.

docs/context.md says what each is for.
"""
from collections.abc import Callable

from karabo.middlelayer import (
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    Hash,
    String,
    UInt32,
    UInt64,
    VectorFloat,
    VectorUInt32,
)

from ....core.preprocessing.detector_modules import JOINS
from ....live.matched_parts import CONTEXT, FOLLOWER
from ...common.attributes import (
    EXPERT,
    MAX_CHANNELS,
    MILLISECONDS,
    READ,
    table,
)
from ...common.channels import ChannelMeta, QueuedInputChannel


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


class JoinedInputs(Configurable):
    """A second module, and monitor and shutter."""

    followerJoin = String(
        displayedName="Follower Join", defaultValue="off",
        options=list(JOINS),
        description="How the strips of followerInput go with those of input: "
                    "behind them, or in turns. A train without its follower "
                    "is rejected, never classified by half", **EXPERT)

    energyPath = String(
        displayedName="Energy Path", defaultValue="",
        description="Pulse energies in the data of contextInput, [pulses] or "
                    "one number. Empty: no monitor", **EXPERT)

    shutterPath = String(
        displayedName="Shutter Path", defaultValue="",
        description="Number or bool in the data of contextInput, 0 where the "
                    "shutter is closed. Empty: no shutter", **EXPERT)

    minPulseEnergy = Double(
        displayedName="Min. Pulse Energy", defaultValue=-1., minInc=-1.,
        maxInc=1e12,
        description="Energy, in the unit of the monitor, from which there is "
                    "beam. -1: not set; needed with energyPath", **EXPERT)

    joinTimeout = Double(
        displayedName="Join Timeout", defaultValue=300., minInc=1.,
        maxInc=10_000., description="How long a train waits for what is to "
                                    "be joined to it",
        **MILLISECONDS, **EXPERT)

    joinTrains = UInt32(
        displayedName="Join Trains", defaultValue=5, minInc=1, maxInc=100,
        description="Trains that wait at most", **EXPERT)

    beamState = String(
        displayedName="Beam State", defaultValue="not known",
        description="beam, no beam, sample gone (beam without signal), or "
                    "not known: what monitor and shutter make of the spectra",
        **READ)

    beamReason = String(
        displayedName="Beam Reason", defaultValue="",
        description="Why, with the numbers", **READ)

    joins = table(
        JoinRow, displayedName="Joins",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Trains joined, and what was missing or came too late")

    @QueuedInputChannel(
        raw=True, displayedName="Follower Input",
        description="Spectra of the second module, laid out as those of "
                    "input. Ignored while followerJoin is off")
    async def followerInput(self, data: Hash, meta: ChannelMeta) -> None:
        self._joined(self._stream.follower, data, meta)

    @followerInput.connect
    async def followerInput(self, name: str) -> None:
        self._stream.connected(name, FOLLOWER)

    @followerInput.close
    async def followerInput(self, name: str) -> None:
        self.logger.info(f"follower {name} is disconnected")

    @QueuedInputChannel(
        raw=True, displayedName="Context Input",
        description="Pulse energies and shutter. Ignored while energyPath "
                    "and shutterPath are empty")
    async def contextInput(self, data: Hash, meta: ChannelMeta) -> None:
        self._joined(self._stream.context, data, meta)

    @contextInput.connect
    async def contextInput(self, name: str) -> None:
        self._stream.connected(name, CONTEXT)

    @contextInput.close
    async def contextInput(self, name: str) -> None:
        self.logger.info(f"context {name} is disconnected")

    def _joined(self, receive: Callable[[Hash, ChannelMeta], None], data: Hash,
                meta: ChannelMeta) -> None:
        try:
            receive(data, meta)
        except Exception:
            self._stream.failed("in the handler of what is joined")


class RawDataSettings(Configurable):
    """Where the spectra are in the data, and which of them count."""

    dataPath = String(
        displayedName="Data Path", defaultValue="data.adc",
        description="Spectra [pulses, channels], any real type", **EXPERT)

    maskPath = String(
        displayedName="Mask Path", defaultValue="",
        description="Bad strips, non-zero is bad: [channels] or [pulses, "
                    "channels]. A strip that is bad in every pulse is "
                    "interpolated, a further one makes its pulse bad data",
        **EXPERT)

    pulseIdPath = String(
        displayedName="Pulse ID Path", defaultValue="data.bunchId",
        description="Ids of the pulses, any uint64. Without them, or where "
                    "all pulses of a train have the same one (the train id), "
                    "it is their position", **EXPERT)

    validPath = String(
        displayedName="Valid Path", defaultValue="",
        description="[pulses], 0 where the source says the frame is bad",
        **EXPERT)

    gainPath = String(
        displayedName="Gain Path", defaultValue="data.gain",
        description="Gain stages [pulses, channels]. A strip outside stage 0 "
                    "makes its pulse saturated", **EXPERT)

    frameNumberPath = String(
        displayedName="Frame Number Path", defaultValue="data.frameNumber",
        description="[pulses], 0 where a frame was never received", **EXPERT)

    countsCalibrated = Bool(
        displayedName="Counts Calibrated", defaultValue=False,
        description="The counts are calibrated per strip and gain stage: a "
                    "strip in another stage is as good as any", **EXPERT)

    pulseSelection = String(
        displayedName="Pulse Selection", defaultValue="",
        description="Positions to be classified: first:stop:step or a list. "
                    "Empty: all. The others are skipped", **EXPERT)

    dark = VectorFloat(
        displayedName="Dark Spectrum", defaultValue=[], maxSize=MAX_CHANNELS,
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Offset of every strip in raw units. Empty: none",
        **EXPERT)

    maskedStrips = VectorUInt32(
        displayedName="Masked Strips", defaultValue=[], maxSize=MAX_CHANNELS,
        description="Numbers of dead strips, interpolated", **EXPERT)
