"""What is set up once per experiment: reactions, thresholds, raw data."""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DoubleLineEditModel,
    EditableComboBoxModel,
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
                            "decision.pulsePatterns", 615)):
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
                 ("Saturation level", "source.saturationLevel"),
                 ("Min. coverage", "conditions.minCoverage"),
                 ("Max. drift", "conditions.maxDrift"),
                 ("Max. dark age", "dark.maxAge")), x, y,
                model=DoubleLineEditModel, **wide)
    x, y = page.card("Decision", 312, 270, 293, 250)
    page.column((("Fraction", "decision.fraction"),
                 ("Min. valid share", "decision.minValidFraction"),
                 ("Min. dwell", "decision.minDwell")), x, y,
                model=DoubleLineEditModel, **wide)
    page.column((("Window", "decision.window"),
                 ("Min. valid pulses", "decision.minValidPulses"),
                 ("Trains of a dark", "dark.trains")), x, y + 3 * ROW,
                model=IntLineEditModel, **wide)
    x, y = page.card("Permit", 614, 270, 293, 250)
    page.column((("Stale after", "conditions.staleAfter"),
                 ("Max. latency", "conditions.maxLatency"),
                 ("Max. train age", "conditions.maxTrainAge"),
                 ("Lease", "conditions.lease")), x, y,
                model=DoubleLineEditModel,
                **wide)
    for row, (text, name) in enumerate((("Latching", "conditions.latching"),
                                        ("Allow train id 0",
                                         "conditions.allowTrainIdZero"))):
        page.named(text, name, x, y + (4 + row) * ROW, model=CheckBoxModel,
                   klass="EditableCheckBox", width=90, label=125, **EDIT)
    x, y = page.card("Drift limits; -1: the model's own", 916, 270, 294, 250)
    page.column((("Intensity", "drift.maxIntensity"),
                 ("Axis", "drift.maxShift"),
                 ("Baseline", "drift.maxBaseline"),
                 ("New peak", "drift.maxPeak"),
                 ("Hysteresis", "conditions.limitHysteresis"),
                 ("Alarm delay", "alarms.delay")), x, y,
                model=DoubleLineEditModel, **wide)


def _paths(page: Page) -> None:
    wide = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}
    x, y = page.card("Where things are in the data of the source", GAP, 530,
                     595, 260)
    page.named("Preset", "source.preset", x, y, 440, 120,
               **EDIT | {"model": EditableComboBoxModel})
    page.column((("Spectra", "source.dataPath"),
                 ("Gain stages", "source.gainPath"),
                 ("Mask", "source.maskPath"),
                 ("Pulse ids", "source.pulseIdPath"),
                 ("Valid frames", "source.validPath"),
                 ("Frame numbers", "source.frameNumberPath"),
                 ("Pulse selection", "source.pulseSelection")), x, y + ROW,
                label=120, width=440, **wide)
    x, y = page.card("Model, shadow, snapshots", 615, 530, 595, 260)
    page.column((("Model", "modelPath"), ("Shadow", "shadow.modelPath"),
                 ("Snapshots to", "snapshots.directory"),
                 ("Override", "model.overrideObjection")), x, y, label=100,
                width=460, **wide)
    page.lamp("Armed", "armed", x, y + 4 * ROW + 14, 100)
    page.button("arm", x + 200, y + 4 * ROW + 10, 110, 34, confirm=True)
    page.button("disarm", x + 320, y + 4 * ROW + 10, 110, 34)
    page.named("Status", "status", x, y + 6 * ROW, label=100, width=460,
               height=48)
