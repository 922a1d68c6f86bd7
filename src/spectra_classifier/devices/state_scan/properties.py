"""What is set and read on a `StateScan`."""
from typing import Any

from karabo.middlelayer import (
    Bool,
    Configurable,
    Double,
    Node,
    String,
    UInt32,
    UInt64,
    VectorString,
)

from ...exploration.scan import Scan
from ..common.attributes import EXPERT, READ, table
from ..common.picture_channels import picture, picture_channel


class StepRow(Configurable):
    position = Double(defaultValue=0., displayedName="Position", **READ)
    sweep = UInt32(defaultValue=0, displayedName="Sweep", **READ)
    trains = UInt32(defaultValue=0, displayedName="Trains", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)
    shares = String(
        defaultValue="", displayedName="Shares",
        description="Of each class and of unknown, among pulses with an "
                    "answer", **READ)
    mixture = String(
        defaultValue="", displayedName="Mixture",
        description="Mean and standard error of each taught state", **READ)
    residual = Double(defaultValue=0., displayedName="Residual", **READ)


class TransitionRow(Configurable):
    sweep = UInt32(defaultValue=0, displayedName="Sweep", **READ)
    change = String(
        defaultValue="", displayedName="Change",
        description="Class before and after, in the order of time", **READ)
    midpoint = Double(defaultValue=0., displayedName="Midpoint", **READ)
    midpointInterval = String(
        defaultValue="", displayedName="95 %", **READ)
    width = Double(
        defaultValue=0., displayedName="Width",
        description="From 10 to 90 % of the change", **READ)
    widthInterval = String(defaultValue="", displayedName="95 %", **READ)


class ScanNode(Configurable):
    """What is scanned."""

    property = String(
        displayedName="Property", defaultValue="",
        description="Device and property whose value is scanned, for example "
                    "SPB/MOTOR/1.position. Empty: the value comes through "
                    "the channel values", **EXPERT)

    valuePath = String(
        displayedName="Value Path", defaultValue="data.value",
        description="Where the value is in the channel values", **EXPERT)

    unit = String(
        displayedName="Unit", defaultValue="",
        description="Unit of the value, for picture and table")

    resolution = Double(
        displayedName="Resolution", defaultValue=0., minInc=0., maxInc=1e12,
        description="Change from train to train above which the value moves; "
                    "0: found from the values")

    value = Double(
        displayedName="Value", defaultValue=float("nan"),
        description="The last value", **READ)

    trains = UInt32(
        displayedName="Trains", defaultValue=0,
        description="Trains of this scan, at most 36000", **READ)

    matched = UInt32(
        displayedName="Matched", defaultValue=0,
        description="Trains of which the value is known", **READ)

    byTrain = Bool(
        displayedName="By Train", defaultValue=False,
        description="Whether values are matched by train id; if not, the "
                    "device that is scanned has none, and the time decides",
        **READ)

    problem = String(
        displayedName="Problem", defaultValue="",
        description="Why there is no scan; empty: there is one", **READ)

    steps = table(
        StepRow, displayedName="Steps",
        description="Where the value rests, or bins where it moves all the "
                    "time")

    transitions = table(
        TransitionRow, displayedName="Transitions",
        description="The transition of every sweep, a ramp in the mixture")

    hysteresis = String(
        displayedName="Hysteresis", defaultValue="",
        description="Midpoint of a rising sweep minus that of the falling "
                    "one next to it, with an interval of 95 %", **READ)


class ScanPictures(Configurable):
    scan = picture(
        "Scan", 12, 560, "Shares, mixture and residual against the value, "
                         "with the ramp of every sweep")


class ScanScreensNode(Configurable):
    """What the scene shows."""

    scan = picture_channel(ScanPictures, "Scan")


class StateScanProperties(Configurable):
    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=["scan"], **READ)

    scan = Node(ScanNode, displayedName="Scan",
                description="What is scanned, and what was found")
    screens = Node(ScanScreensNode, displayedName="Screens",
                   description="What the scene shows")


def scan_values(found: Scan | None) -> dict[str, Any]:
    """{property: value} of the tables of a scan."""
    if found is None:
        return {"scan.steps": [], "scan.transitions": [],
                "scan.hysteresis": ""}
    return {
        "scan.steps": [_step(found, number)
                       for number in range(len(found.steps.position))],
        "scan.transitions": [(
            each.sweep, f"{each.before} to {each.after}",
            _short(each.found.midpoint),
            _interval(each.found.midpoint_low, each.found.midpoint_high),
            _short(each.found.width),
            _interval(each.found.width_low, each.found.width_high))
            for each in found.transitions],
        "scan.hysteresis": "; ".join(
            f"{each.difference:.4g} ({_interval(each.low, each.high)}), "
            f"sweeps {each.rising} and {each.falling}"
            for each in found.hysteresis)}


def _step(found: Scan, number: int) -> tuple[Any, ...]:
    columns = found.columns

    def at(name: str) -> float:
        return float(columns[name][number])

    shares = ", ".join(f"{name} {at(f'share {name}'):.1%}"
                       for name in (*found.classes, "unknown"))
    mixture = ", ".join(
        f"{name} {at(f'mixture {name}'):.3f} "
        f"+- {at(f'mixture {name} error'):.3f}" for name in found.classes)
    return (_short(at("position")), int(at("sweep")), int(at("trains")),
            int(at("pulses")), shares, mixture, _short(at("residual")))


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _interval(low: float, high: float) -> str:
    return f"{low:.4g} to {high:.4g}"
