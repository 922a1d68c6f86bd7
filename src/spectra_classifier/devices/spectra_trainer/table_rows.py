"""Tables of a `SpectraTrainer`."""
from karabo.middlelayer import (
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
)

from ..common.attributes import READ


class CaptureRow(Configurable):
    number = UInt32(defaultValue=0, displayedName="No.", **READ)
    sampleClass = String(defaultValue="", displayedName="Class", **READ)
    trains = UInt32(defaultValue=0, displayedName="Trains", **READ)
    pulses = UInt64(
        defaultValue=0, displayedName="Pulses Used",
        description="Of all its trains", **READ)
    intensity = Double(
        defaultValue=0., displayedName="Intensity",
        description="Mean counts per strip above the dark", **READ)
    time = String(defaultValue="", displayedName="Time", **READ)
    kept = Bool(
        defaultValue=True, displayedName="Kept",
        description="Whether it takes part in the training", **READ)
    dark = Bool(
        defaultValue=False, displayedName="Dark",
        description="Whether there is a dark spectrum with it", **READ)
    leftOut = String(
        defaultValue="", displayedName="Left Out",
        description="Pulses that are not used, by reason", **READ)
    origin = String(
        defaultValue="operator", displayedName="Named By",
        description="operator: the state was known. clusters: found in these "
                    "spectra", **READ)
    problem = String(defaultValue="", displayedName="Problem", **READ)


class ClusterRow(Configurable):
    number = UInt32(defaultValue=0, displayedName="No.", **READ)
    share = Double(
        defaultValue=0., displayedName="Share (%)",
        description="Of all spectra of the map", **READ)
    captures = UInt32(
        defaultValue=0, displayedName="Captures",
        description="Stretches of time that it gives", **READ)
    name = String(
        defaultValue="", displayedName="Name",
        description="Empty: not named", **READ)


class ReferenceRow(Configurable):
    method = String(defaultValue="", displayedName="Method", **READ)
    accuracy = Double(
        defaultValue=0., displayedName="Right (%)",
        description="Of unseen captures, classes counting alike", **READ)
    meaning = String(defaultValue="", displayedName="Meaning", **READ)


class ConfusionRow(Configurable):
    truth = String(defaultValue="", displayedName="Captured As", **READ)
    given = String(
        defaultValue="", displayedName="Called",
        description="Share of its unseen pulses by the class given", **READ)


class TaughtBinRow(Configurable):
    number = UInt32(defaultValue=0, displayedName="Bin", **READ)
    start = Double(defaultValue=0., displayedName="From", **READ)
    stop = Double(defaultValue=0., displayedName="To", **READ)
    separability = Double(
        defaultValue=0., displayedName="Separability",
        description="Skill above chance of this region alone, on unseen "
                    "captures", **READ)


class AveragingRow(Configurable):
    averaged = UInt32(
        defaultValue=1, displayedName="Averaged", **READ)
    accuracy = Double(
        defaultValue=0., displayedName="Right (%)",
        description="Of unseen means", **READ)
    means = UInt32(
        defaultValue=0, displayedName="Means",
        description="How many this was seen on", **READ)
