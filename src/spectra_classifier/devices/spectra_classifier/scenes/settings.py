"""What is set up once per experiment: reactions, thresholds, raw data."""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DoubleLineEditModel,
    EditableComboBoxModel,
    IntLineEditModel,
    LineEditModel,
    TableElementModel,
)

from ...common.scene_page import EDITABLE, GAP, TOP, Page

#: heights of the rows of cards
TABLES, NUMBERS, PATHS = 200, 230, 290
EDIT = {"parent_component": EDITABLE}
_TEXT = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}


def settings(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "model", "diagnostics"))
    for title, name, column in (
            ("Reactions: alarm and permit of every sample state",
             "reactions", 0),
            ("Pulse patterns that are decided separately",
             "decision.pulsePatterns", 6)):
        area = page.card(title, column, 6, TOP, TABLES)
        page.add(TableElementModel, name, area.x, area.y, area.width,
                 area.height, klass="EditableTableElement", **EDIT)
    y = TOP + TABLES + GAP
    _numbers(page, y)
    y += NUMBERS + GAP
    _paths(page, y)
    _model(page, y)
    return page.scene(y + PATHS + GAP)


def _numbers(page: Page, y: int) -> None:
    double = EDIT | {"model": DoubleLineEditModel}
    area = page.card("Thresholds; -1: the model's", 0, 3, y, NUMBERS, 125)
    area.lines((("Min. confidence", "minConfidence"),
                ("Min. intensity", "minIntensity"),
                ("Saturation level", "source.saturationLevel"),
                ("Min. coverage", "conditions.minCoverage"),
                ("Max. drift", "conditions.maxDrift"),
                ("Max. dark age", "dark.maxAge")), **double)
    area = page.card("Decision", 3, 3, y, NUMBERS, 125)
    area.lines((("Share of a state", "decision.fraction"),
                ("Min. valid share", "decision.minValidFraction"),
                ("Min. duration", "decision.minDwell")), **double)
    area.lines((("Trains in window", "decision.window"),
                ("Min. valid pulses", "decision.minValidPulses"),
                ("Trains of a dark", "dark.trains")), 3,
               **EDIT | {"model": IntLineEditModel})
    area = page.card("Permit", 6, 3, y, NUMBERS, 125)
    area.lines((("Stale after", "conditions.staleAfter"),
                ("Max. latency", "conditions.maxLatency"),
                ("Max. train age", "conditions.maxTrainAge"),
                ("Valid for", "conditions.lease")), **double)
    area.lines((("Latching", "conditions.latching"),
                ("Allow train id 0", "conditions.allowTrainIdZero")), 4,
               **EDIT | {"model": CheckBoxModel, "klass": "EditableCheckBox"})
    area = page.card("Drift limits; -1: the model's", 9, 3, y, NUMBERS, 125)
    area.lines((("Intensity", "drift.maxIntensity"),
                ("Axis", "drift.maxShift"),
                ("Baseline", "drift.maxBaseline"),
                ("New peak", "drift.maxPeak"),
                ("Hysteresis", "conditions.limitHysteresis"),
                ("Alarm delay", "alarms.delay")), **double)


def _paths(page: Page, y: int) -> None:
    area = page.card("Where things are in the data of the source", 0, 6, y,
                     PATHS, 125)
    area.named("Preset", "source.preset", 0,
               **EDIT | {"model": EditableComboBoxModel})
    area.lines((("Spectra", "source.dataPath"),
                ("Gain stages", "source.gainPath"),
                ("Mask", "source.maskPath"),
                ("Pulse ids", "source.pulseIdPath"),
                ("Valid frames", "source.validPath"),
                ("Frame numbers", "source.frameNumberPath"),
                ("Pulse selection", "source.pulseSelection")), 1, **_TEXT)


def _model(page: Page, y: int) -> None:
    area = page.card("Model, shadow, snapshots", 6, 6, y, PATHS, 125)
    area.lines((("Model", "modelPath"), ("Shadow model", "shadow.modelPath"),
                ("Snapshots to", "snapshots.directory"),
                ("Override reason", "model.overrideObjection")), **_TEXT)
    half = area.columns(2)
    half.lamp("Armed", "armed", 4.3)
    half.buttons(4.2, ("arm", True), ("disarm", False), column=1)
    area.named("Last action", "status", 5.5, lines=2)
