"""What is set and read on a `PeakMonitor`."""
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Bool,
    Configurable,
    DaqDataType,
    Double,
    Node,
    String,
    UInt32,
    UInt64,
    VectorBool,
    VectorDouble,
    VectorHash,
    VectorString,
)

from ...core.evaluation.peak import Peak
from ...exploration.peak_watch import Region, taught_range
from ..common.attributes import EXPERT, MILLISECONDS, READ, table
from ..common.picture_channels import picture, picture_channel
from .measuring import Measured

#: regions, and pairs of pattern and region in a train
MAX_REGIONS, MAX_PEAKS = 8, 64
#: numbers of a train: property -> attribute of `Peak`
NUMBERS = {
    f"{name}{end}": f"{name}{'_error' if end else ''}"
    for name in ("intensity", "position", "width", "asymmetry")
    for end in ("", "Error")}


class RegionRow(Configurable):
    name = String(defaultValue="line", displayedName="Name")
    first = Double(defaultValue=0., displayedName="First",
                   description="In the unit of the axis of the model")
    last = Double(defaultValue=1., displayedName="Last")
    tolerance = Double(
        defaultValue=0., minInc=0., displayedName="Tolerance",
        description="By which position and width may differ from the taught "
                    "ones, in the unit of the axis")


class PeakRow(Configurable):
    region = String(defaultValue="", displayedName="Region", **READ)
    pattern = String(defaultValue="", displayedName="Pattern", **READ)
    within = Bool(defaultValue=False, displayedName="Within",
                  description="Position, width and asymmetry are those of a "
                              "taught state", **READ)
    intensity = String(defaultValue="", displayedName="Intensity",
                       description="Counts of a pulse", **READ)
    position = String(defaultValue="", displayedName="Position", **READ)
    taughtPosition = String(defaultValue="", displayedName="Taught", **READ)
    width = String(defaultValue="", displayedName="Width",
                   description="Standard deviation", **READ)
    taughtWidth = String(defaultValue="", displayedName="Taught", **READ)
    asymmetry = String(defaultValue="", displayedName="Asymmetry",
                       description="Skewness", **READ)
    taughtAsymmetry = String(defaultValue="", displayedName="Taught", **READ)


def _numbers(name: str, description: str) -> VectorDouble:
    return VectorDouble(displayedName=name, description=description,
                        maxSize=MAX_PEAKS, defaultValue=[], **READ)


class PeakData(Configurable):
    daqDataType = DaqDataType.TRAIN

    trainId = UInt64(displayedName="Train Id", defaultValue=0,
                     description="Of the train that was measured", **READ)
    region = VectorString(displayedName="Region", defaultValue=[],
                          description="Name of the region of each peak",
                          maxSize=MAX_PEAKS, **READ)
    pattern = VectorString(displayedName="Pattern", defaultValue=[],
                           description="Pulse pattern of each peak",
                           maxSize=MAX_PEAKS, **READ)
    within = VectorBool(displayedName="Within", defaultValue=[],
                        description="As taught in position, width and "
                                    "asymmetry", maxSize=MAX_PEAKS, **READ)
    intensity = _numbers("Intensity", "Counts of a pulse, NaN where no peak "
                                      "stands out")
    intensityError = _numbers("Intensity Error", "Standard error")
    position = _numbers("Position", "Mean, in the unit of the axis")
    positionError = _numbers("Position Error", "Standard error")
    width = _numbers("Width", "Standard deviation, in the unit of the axis")
    widthError = _numbers("Width Error", "Standard error")
    asymmetry = _numbers("Asymmetry", "Skewness")
    asymmetryError = _numbers("Asymmetry Error", "Standard error")


class PeakOutput(Configurable):
    data = Node(PeakData, displayedName="Data",
                description="The peaks of a train")


class PeaksNode(Configurable):
    """The peaks that are watched."""

    regions = VectorHash(
        rows=RegionRow, defaultValue=[], maxSize=MAX_REGIONS,
        displayedName="Regions",
        description="Parts of the axis with one peak each", **EXPERT)

    within = Bool(
        displayedName="Within", defaultValue=False,
        description="The form of every peak of the last train is that of a "
                    "taught state; false also where nothing is known",
        **READ)

    beyond = String(
        displayedName="Beyond", defaultValue="",
        description="What is not as taught, or not judged", **READ)

    problem = String(
        displayedName="Problem", defaultValue="",
        description="Why there is no value; empty: there are some", **READ)

    unit = String(displayedName="Unit", defaultValue="",
                  description="Of the axis of the model", **READ)

    modelId = String(displayedName="Model Id", defaultValue="",
                     description="Model whose taught states are compared "
                                 "with", **READ)

    current = table(PeakRow, displayedName="Current",
                    description="Of the last train, with standard errors, "
                                "renewed every second")

    trainId = UInt64(displayedName="Train Id", defaultValue=0,
                     description="Of the last train", **READ)

    trainsMeasured = UInt64(
        displayedName="Trains Measured", defaultValue=0,
        description="Since the start", **READ)

    trainsPassedOver = UInt64(
        displayedName="Trains Passed Over", defaultValue=0,
        description="Came while another one was measured", **READ)

    trainsRefused = UInt64(
        displayedName="Trains Refused", defaultValue=0,
        description="Without a value, see peaks.problem", **READ)

    time = Double(displayedName="Time", defaultValue=0.,
                  description="That a train takes", **READ, **MILLISECONDS)


class PeakPictures(Configurable):
    peaks = picture("Peaks", 12, 520, "Position and width of the peaks in the "
                                      "last minutes; shaded: as taught")


class PeakScreensNode(Configurable):
    """What the scene shows."""

    peaks = picture_channel(PeakPictures, "Peaks")


class PeakMonitorProperties(Configurable):
    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=["peaks"], **READ)

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Its way of reading the source, its pulse patterns and "
                    "its model are used", **EXPERT)

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="File of the model of the classifier, where its own path "
                    "is not one of this host", **EXPERT)

    minutes = UInt32(
        displayedName="Minutes", defaultValue=10, minInc=1, maxInc=60,
        description="That the picture shows")

    peaks = Node(PeaksNode, displayedName="Peaks",
                 description="The peaks that are watched")
    screens = Node(PeakScreensNode, displayedName="Screens",
                   description="What the scene shows")


def regions_of(rows: Any) -> tuple[Region, ...]:
    """The regions of a table; `InputError` for one that is none."""
    return tuple(Region(str(row["name"]), float(row["first"]),
                        float(row["last"]), float(row["tolerance"]))
                 for row in rows)


def peak_row(found: Measured) -> tuple[Any, ...]:
    """A row of the table `peaks.current`."""
    peak = found.peak
    cells = [_with_error(peak, "intensity")]
    for name in "position", "width", "asymmetry":
        cells += [_with_error(peak, name),
                  _interval(*taught_range(found.taught, name))]
    return (found.region.name, found.pattern, found.verdict.within, *cells)


def _with_error(peak: Peak, name: str) -> str:
    value, error = getattr(peak, name), getattr(peak, f"{name}_error")
    if not np.isfinite(value):
        return "none"
    decimals = int(np.clip(1 - np.floor(np.log10(error)), 0, 9)) if (
        error > 0) else 5
    return f"{value:.{decimals}f} +- {error:.{decimals}f}"


def _interval(low: float, high: float) -> str:
    if not np.isfinite(low):
        return "none"
    return f"{low:.5g}" if low == high else f"{low:.5g} to {high:.5g}"
