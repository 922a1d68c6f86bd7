"""Channels and tables of `SpectraClassifier`, as operators and DAQ see them.

Keys are lowerCamelCase; every leaf of a channel is READONLY with a fixed
shape, so that a file writer can size its datasets from the schema.
"""
from typing import Any

from karabo.middlelayer import (
    Bool,
    Configurable,
    DaqDataType,
    Double,
    Float,
    Int32,
    NDArray,
    Node,
    String,
    UInt8,
    UInt32,
    UInt64,
    VectorFloat,
    VectorInt8,
    VectorUInt64,
)

from ..common.attributes import (
    MAX_CLASSES,
    MAX_PULSES,
    MILLISECONDS,
    READ,
)
from ..common.channels import QueuedOutputChannel


def output_channel(max_pulses: int = MAX_PULSES,
                   max_classes: int = MAX_CLASSES,
                   **kwargs: Any) -> QueuedOutputChannel:
    """The channel `output` for trains and models up to these sizes."""
    pulses = {"minSize": max_pulses, "maxSize": max_pulses, **READ}
    classes = {"minSize": max_classes, "maxSize": max_classes, **READ}
    table = {"dtype": Float, "shape": (max_pulses, max_classes), **READ}

    class DataNode(TrainHealth):
        daqDataType = DaqDataType.TRAIN

        label = VectorInt8(
            displayedName="Label",
            description="Class index >= 0; -1 unknown, -2 low intensity, -3 "
                        "saturated, -4 bad data, -5 skipped; -5 behind "
                        "pulseCount", **pulses)

        confidence = VectorFloat(
            displayedName="Confidence",
            description="Calibrated probability of the label, 0 without a "
                        "class", **pulses)

        scores = NDArray(
            displayedName="Scores",
            description="Score of every class, pulses x classes", **table)

        mixture = NDArray(
            displayedName="Mixture",
            description="Fractions of the taught states, pulses x classes",
            **table)

        residual = VectorFloat(
            displayedName="Residual",
            description="Share of the spectrum that no mixture explains; NaN "
                        "where there is none", **pulses)

        intensity = VectorFloat(
            displayedName="Intensity",
            description="Mean over valid strips above the dark; NaN where "
                        "there is none", **pulses)

        pulseId = VectorUInt64(
            displayedName="Pulse IDs",
            description="Id of every pulse as the source gives it, else its "
                        "position", **pulses)

        meanMixture = VectorFloat(
            displayedName="Mean Mixture",
            description="Fractions of the taught states in the sum of the "
                        "pulses of the pattern that decides; NaN where there "
                        "are too few", **classes)

        meanMixtureLow = VectorFloat(
            displayedName="Mean Mixture Low",
            description="Lower ends of their 95 % intervals", **classes)

        meanMixtureHigh = VectorFloat(
            displayedName="Mean Mixture High",
            description="Upper ends of their 95 % intervals", **classes)

        pulseCount = UInt32(
            displayedName="Pulse Count",
            description="Entries of this train; what is behind is padding",
            **READ)

        trainId = UInt64(
            displayedName="Train ID",
            description="As in the time stamp of this train", **READ)

        modelId = String(
            displayedName="Model ID",
            description="The one model that made all labels of this train",
            **READ)

        configHash = String(
            displayedName="Configuration Hash",
            description="Of everything the labels and the permit rest on",
            **READ)

        modelCode = UInt64(
            displayedName="Model Code",
            description="First 64 bits of model.hash, for recorders without "
                        "text; 0 without a model", **READ)

        configCode = UInt64(
            displayedName="Configuration Code",
            description="configHash as a number, for recorders without text",
            **READ)

        latency = Double(
            displayedName="Latency", **MILLISECONDS,
            description="From the entry of the input handler to the writing "
                        "of this output", **READ)

        trainAge = Double(
            displayedName="Train Age", **MILLISECONDS,
            description="From the time stamp of the source to the writing of "
                        "this output", **READ)

        sampleStateIndex = Int32(
            displayedName="Sample State Index",
            description="The decided class, -1 for unknown", **READ)

        permit = Bool(
            displayedName="Permit",
            description="A lease: act on it only while permitSequence "
                        "advances within permitValidFor on your own clock",
            **READ)

        permitReason = String(
            displayedName="Permit Reason",
            description="Why there is no permit, in one sentence", **READ)

        permitTrainId = UInt64(
            displayedName="Permit Train ID",
            description="The newest train that the permit is based on", **READ)

        permitSequence = UInt64(
            displayedName="Permit Sequence",
            description="Number of finished new trains; the permit is renewed"
                        " only while it advances", **READ)

        permitValidFor = Double(
            displayedName="Permit Valid For", **MILLISECONDS,
            description="How long the permit is valid without a renewal",
            **READ)

    class OutputNode(Configurable):
        data = Node(DataNode, displayedName="Data")

    return QueuedOutputChannel(
        OutputNode, displayedName="Output",
        description="Codes of every pulse, one entry per train", **kwargs)


class TrainHealth(Configurable):
    """What a collector has to know of a worker, train by train."""

    fate = String(
        displayedName="Fate",
        description="Of the train as a whole: classified, rejected or "
                    "skipped", **READ)

    fateCode = UInt8(
        displayedName="Fate Code",
        description="0 classified, 1 rejected, 2 skipped; for recorders "
                    "without text", **READ)

    problem = String(
        displayedName="Problem",
        description="What was wrong with this train; empty: nothing", **READ)

    coverage = Double(
        displayedName="Coverage",
        description="Share of the selected pulses that were looked at",
        **READ)

    gateLevel = Double(
        displayedName="Gate",
        description="Minimum intensity in force; 0: the gate is off", **READ)

    driftScore = Double(
        displayedName="Drift Score",
        description="Worst difference from the training in units of its "
                    "limit; NaN until something was compared", **READ)

    driftReason = String(
        displayedName="Drift Reason",
        description="The worst drift with its cause", **READ)

    meanScore = Double(
        displayedName="Mean Score",
        description="What the taught states leave of the mean of a pulse "
                    "pattern in units of its limit, the worst of all; NaN "
                    "where it cannot be compared, -1 where none is judged",
        **READ)

    meanCode = UInt8(
        displayedName="Mean Code",
        description="0 like a taught state or a mixture of them, 1 like no "
                    "taught state (unknown), 2 not judged", **READ)

    beamState = String(
        displayedName="Beam",
        description="What monitor and shutter make of this very train: beam, "
                    "no beam, sample gone, or not known", **READ)

    beamReason = String(
        displayedName="Beam Reason", description="Why, with the numbers",
        **READ)
