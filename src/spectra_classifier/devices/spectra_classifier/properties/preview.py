"""The channel `preview`: one pulse, explained."""
from karabo.middlelayer import (
    Configurable,
    Float,
    Int32,
    NDArray,
    Node,
    String,
    UInt32,
    UInt64,
    VectorFloat,
)

from ...common.attributes import MAX_BINS, MAX_CHANNELS, READ


class PreviewData(Configurable):
    """One pulse, explained; for screens, at most twice a second."""

    trainId = UInt64(
        displayedName="Train ID", description="Where the pulse is from",
        **READ)
    pulse = UInt32(
        displayedName="Pulse", description="Position in its train", **READ)
    label = Int32(
        displayedName="Label", description="As in output.data.label", **READ)
    confidence = Float(
        displayedName="Confidence",
        description="As in output.data.confidence", **READ)
    reason = String(
        displayedName="Reason",
        description="Why the pulse got its label, in words", **READ)
    axis = VectorFloat(
        displayedName="Axis", maxSize=MAX_CHANNELS,
        description="Energy, angle or channel, as the model has it", **READ)
    raw = VectorFloat(
        displayedName="Raw Spectrum", maxSize=MAX_CHANNELS,
        description="As the source gave it", **READ)
    spectrum = VectorFloat(
        displayedName="Spectrum", maxSize=MAX_CHANNELS,
        description="After baseline and normalisation, as the members of the "
                    "model see it", **READ)
    trainMean = VectorFloat(
        displayedName="Mean of the Train", maxSize=MAX_CHANNELS,
        description="Mean over some eligible pulses, as spectrum", **READ)
    references = NDArray(
        displayedName="Class References", dtype=Float, shape=(0, 0),
        description="Mean spectrum of every class, classes x channels",
        **READ)
    votes = NDArray(
        displayedName="Votes", dtype=Float, shape=(0, 0),
        description="Share of the votes of every bin, bins x classes", **READ)
    share = VectorFloat(
        displayedName="Share", maxSize=MAX_BINS,
        description="Part of the whole vote that every bin carries", **READ)


class PreviewNode(Configurable):
    data = Node(PreviewData, displayedName="Data")
