"""What is set up once per experiment: reactions, thresholds, raw data."""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DoubleLineEditModel,
    IntLineEditModel,
    LineEditModel,
    TableElementModel,
)

from ...common.scene_page import EDITABLE, GAP, ROW, WIDTH, Page

HEIGHT = 800
EDIT = {"parent_component": EDITABLE}


def settings(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "model", "diagnostics"))
    for title, name, x in (("Reactions: what a sample state brings about",
                            "reactions", GAP),
                           ("Pulse patterns, each decided by itself",
                            "pulsePatterns", 615)):
        inner, y = page.card(title, x, 50, 595, 210)
        page.add(TableElementModel, name, inner, y, 571, 164,
                 klass="EditableTableElement", **EDIT)
    _numbers(page)
    _paths(page)
    return page.scene(WIDTH, HEIGHT)


def _numbers(page: Page) -> None:
    wide = EDIT | {"width": 140, "label": 125}
    x, y = page.card("Thresholds", GAP, 270, 293, 250)
    page.column((("Min. confidence", "minConfidence"),
                 ("Min. intensity", "minIntensity"),
                 ("Saturation level", "saturationLevel"),
                 ("Min. coverage", "minCoverage"),
                 ("Max. drift", "maxDrift"),
                 ("Max. dark age", "maxDarkAge")), x, y,
                model=DoubleLineEditModel, **wide)
    x, y = page.card("Decision", 312, 270, 293, 250)
    page.column((("Fraction", "decisionFraction"),
                 ("Min. valid share", "minValidFraction"),
                 ("Min. dwell", "minDwell")), x, y,
                model=DoubleLineEditModel, **wide)
    page.column((("Window", "decisionWindow"),
                 ("Min. valid pulses", "minValidPulses"),
                 ("Trains of a dark", "darkTrains")), x, y + 3 * ROW,
                model=IntLineEditModel, **wide)
    x, y = page.card("Permit", 614, 270, 293, 250)
    page.column((("Stale after", "staleAfter"),
                 ("Max. latency", "maxLatency"),
                 ("Max. train age", "maxTrainAge"),
                 ("Lease", "permitLease")), x, y, model=DoubleLineEditModel,
                **wide)
    for row, (text, name) in enumerate((("Latching", "latching"),
                                        ("Allow train id 0",
                                         "allowTrainIdZero"))):
        page.named(text, name, x, y + (4 + row) * ROW, model=CheckBoxModel,
                   klass="EditableCheckBox", width=90, label=125, **EDIT)
    x, y = page.card("Drift limits; -1: the model's own", 916, 270, 294, 250)
    page.column((("Intensity", "maxDriftIntensity"),
                 ("Axis", "maxDriftShift"),
                 ("Baseline", "maxDriftBaseline"),
                 ("New peak", "maxDriftPeak"),
                 ("Hysteresis", "limitHysteresis"),
                 ("Alarm delay", "alarmDelay")), x, y,
                model=DoubleLineEditModel, **wide)


def _paths(page: Page) -> None:
    wide = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}
    x, y = page.card("Where things are in the data of the source", GAP, 530,
                     595, 260)
    page.column((("Spectra", "dataPath"), ("Gain stages", "gainPath"),
                 ("Mask", "maskPath"), ("Pulse ids", "pulseIdPath"),
                 ("Valid frames", "validPath"),
                 ("Frame numbers", "frameNumberPath"),
                 ("Pulse selection", "pulseSelection")), x, y, label=120,
                width=440, **wide)
    x, y = page.card("Model, shadow, snapshots", 615, 530, 595, 260)
    page.column((("Model", "modelPath"), ("Shadow", "shadowModelPath"),
                 ("Snapshots to", "snapshotDirectory"),
                 ("Override", "overrideObjection")), x, y, label=100,
                width=460, **wide)
    page.lamp("Armed", "armed", x, y + 4 * ROW + 14, 100)
    page.button("arm", x + 200, y + 4 * ROW + 10, 110, 34, confirm=True)
    page.button("disarm", x + 320, y + 4 * ROW + 10, 110, 34)
    page.named("Status", "status", x, y + 6 * ROW, label=100, width=460,
               height=48)
