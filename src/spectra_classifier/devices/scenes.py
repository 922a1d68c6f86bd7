"""Scenes that `SpectraClassifier` brings along.

`overview` is for the night shift: what the sample is, what that permits and
why, whether the numbers can be trusted. `settings` is for setting up.
"""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    ColorBoolModel,
    DeviceSceneLinkModel,
    DisplayCommandModel,
    DisplayFloatModel,
    DisplayLabelModel,
    DisplayListModel,
    DisplayStateColorModel,
    DoubleLineEditModel,
    EditableListModel,
    GlobalAlarmModel,
    IntLineEditModel,
    LabelModel,
    LineEditModel,
    SceneModel,
    SceneTargetWindow,
    TableElementModel,
    TrendGraphModel,
    VectorBarGraphModel,
    VectorGraphModel,
    VectorRollGraphModel,
    write_scene,
)

DISPLAY = "DisplayComponent"
EDITABLE = "EditableApplyLaterComponent"
FONT = "Source Sans Pro,{},-1,5,{},0,0,0,0,0"
ROW = 28


def _title(text, x, y, width=250, size=12):
    return LabelModel(
        x=x, y=y, width=width, height=ROW, text=text,
        font=FONT.format(size, 75), parent_component=DISPLAY)


class _Page:
    """Collects widgets of one device; positions and sizes in pixels."""

    def __init__(self, device_id):
        self._device_id = device_id
        self.children = []

    def keys(self, *names):
        return [f"{self._device_id}.{name}" for name in names]

    def add(self, model, names, x, y, width, height=ROW, **traits):
        names = [names] if isinstance(names, str) else names
        traits.setdefault("parent_component", DISPLAY)
        self.children.append(model(
            keys=self.keys(*names), x=x, y=y, width=width, height=height,
            **traits))

    def title(self, *args, **kwargs):
        self.children.append(_title(*args, **kwargs))

    def named(self, text, name, x, y, width=110, label=130,
              model=DisplayLabelModel, **traits):
        """A label with the value beside it."""
        self.children.append(LabelModel(
            x=x, y=y, width=label, height=ROW, text=text,
            font=FONT.format(10, 50), parent_component=DISPLAY))
        self.add(model, name, x + label, y, width, **traits)

    def number(self, text, name, x, y, decimals=3, **kwargs):
        """`named` with a fixed number of decimals."""
        self.named(text, name, x, y, model=DisplayFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def column(self, rows, x, y, **kwargs):
        """One `named` below the other; rows: (text, property)."""
        for number, (text, name) in enumerate(rows):
            self.named(text, name, x, y + number * ROW, **kwargs)

    def button(self, name, x, y, width=120, confirm=False):
        self.add(DisplayCommandModel, name, x, y, width,
                 requires_confirmation=confirm)

    def link(self, text, target, x, y, width=120):
        self.add(DeviceSceneLinkModel, "availableScenes", x, y, width,
                 target=target, text=text,
                 target_window=SceneTargetWindow.Dialog)

    def scene(self, width, height):
        return write_scene(SceneModel(
            width=width, height=height, children=self.children))


def overview(device_id):
    """What the sample does, what that permits, how healthy all is."""
    page = _Page(device_id)
    _overview_sample(page)
    _overview_flow(page)
    _overview_graphs(page)
    return page.scene(1180, 890)


def _overview_sample(page):
    page.add(DisplayLabelModel, "deviceId", 10, 10, 330)
    page.add(DisplayStateColorModel, "state", 350, 10, 160, show_string=True)
    page.add(GlobalAlarmModel, "alarmCondition", 520, 10, 40)
    page.add(DisplayLabelModel, "alarmReason", 565, 10, 475)
    page.link("Settings", "settings", 1050, 10)

    page.title("Sample state", 10, 50)
    page.add(DisplayLabelModel, "sampleState", 10, 80, 370, 64,
             font_size=36, font_weight="bold")
    page.column((("Before", "previousSampleState"),
                 ("Since train", "transitionTrainId"),
                 ("From pulse", "transitionPulse")),
                10, 150, width=230)
    page.number("For", "dwell", 10, 150 + 3 * ROW, 1, width=230)
    page.number("Confidence", "confidence", 10, 150 + 4 * ROW, width=230)
    page.number("Unknown", "unknownFraction", 10, 150 + 5 * ROW, width=230)

    page.title("Permit", 400, 50)
    page.add(ColorBoolModel, "permit", 400, 80, 64, 64)
    page.add(DisplayLabelModel, "permitReason", 475, 80, 335, 64,
             font_size=11)
    page.column((("Armed", "armed"), ("Latched", "latchReason"),
                 ("Sequence", "permitSequence"),
                 ("Train", "permitTrainId")), 400, 150, width=280)
    page.button("arm", 400, 270, 100, confirm=True)
    page.button("disarm", 505, 270, 100)
    page.button("acknowledge", 610, 270, 100, confirm=True)
    page.button("reset", 715, 270, 95)


def _overview_flow(page):
    page.title("Trains and pulses", 830, 50)
    page.column((("Received", "trainsReceived"), ("Lost", "trainsLost"),
                 ("Skipped", "trainsSkipped"),
                 ("Rejected", "trainsRejected")), 830, 80, label=70, width=90)
    page.column((("Received", "pulsesReceived"),
                 ("Classified", "pulsesClassified"),
                 ("Skipped", "pulsesSkipped"),
                 ("Rejected", "pulsesRejected")), 1000, 80, label=75,
                width=95)
    for row, (text, name, decimals) in enumerate((
            ("Rate", "rate", 2), ("Coverage", "coverage", 3),
            ("Latency p50", "latencyP50", 1),
            ("Latency p99", "latencyP99", 1), ("Drift", "driftScore", 2))):
        page.number(text, name, 830, 200 + row * ROW, decimals, label=90,
                    width=90)
    page.title("Accounting", 1020, 197, 150, 10)
    page.add(DisplayLabelModel, "accountingProblem", 1020, 222, 150, 48)
    page.title("Last problem", 1020, 270, 150, 10)
    page.add(DisplayLabelModel, "lastProblem", 1020, 295, 150, 48)
    page.add(DisplayLabelModel, "modelStatus", 10, 350, 800)
    page.named("Configuration", "appliedConfigHash", 830, 350, 220,
               label=110)


def _overview_graphs(page):
    page.title("Share of each class", 10, 385)
    page.add(VectorBarGraphModel, "classFractions", 10, 415, 260, 170,
             y_autorange=False, y_max=1., bar_width=0.8)
    page.add(DisplayListModel, "classNames", 10, 588, 260)
    page.title("The last trains", 280, 385)
    page.add(VectorRollGraphModel, "classFractions", 280, 415, 280, 200)
    page.title("Sample state", 570, 385)
    page.add(TrendGraphModel, "sampleStateIndex", 570, 415, 295, 200)
    page.title("Confidence", 875, 385)
    page.add(TrendGraphModel, ["confidence", "unknownFraction"],
             875, 415, 295, 200)
    page.title("Latency and train age, ms", 10, 620)
    page.add(TrendGraphModel, ["latency", "trainAge"], 10, 650, 380, 230)
    page.title("One pulse, as the model sees it", 400, 620)
    page.add(VectorGraphModel, "preview.schema.data.spectrum", 400, 650, 390,
             230)
    page.title("Last changes", 800, 620)
    page.add(TableElementModel, "stateHistory", 800, 650, 370, 230,
             resizeToContents=True)


def settings(device_id):
    """Model, bins, reactions, thresholds."""
    page = _Page(device_id)
    page.title("Model", 10, 10)
    page.named("Path", "modelPath", 10, 40, 560, label=80,
               model=LineEditModel, klass="EditableLineEdit",
               parent_component=EDITABLE)
    page.column((("Status", "modelStatus"), ("Id", "modelId"),
                 ("Hash", "modelHash"), ("Before", "previousModelId")),
                10, 40 + ROW, label=80, width=560)
    page.button("previousModel", 660, 40, 150, confirm=True)
    page.add(DisplayLabelModel, "status", 660, 70, 350, 80)

    page.title("Bins", 10, 190)
    page.add(TableElementModel, "bins", 10, 220, 480, 220,
             resizeToContents=True)
    page.named("Selected", "selectedBins", 10, 445, 390, label=90,
               model=EditableListModel, parent_component=EDITABLE)
    page.title("Reactions", 510, 190)
    page.add(TableElementModel, "reactions", 510, 220, 500, 100,
             klass="EditableTableElement", parent_component=EDITABLE)
    page.title("Pulse patterns", 510, 325)
    page.add(TableElementModel, "pulsePatterns", 510, 355, 500, 100,
             klass="EditableTableElement", parent_component=EDITABLE)

    edit = {"parent_component": EDITABLE, "width": 90, "label": 140}
    page.title("Thresholds", 10, 490)
    page.column((("Min. confidence", "minConfidence"),
                 ("Min. intensity", "minIntensity"),
                 ("Saturation level", "saturationLevel"),
                 ("Max. drift", "maxDrift"),
                 ("Min. coverage", "minCoverage")),
                10, 520, model=DoubleLineEditModel, **edit)
    page.title("Decision", 260, 490)
    page.column((("Fraction", "decisionFraction"),
                 ("Min. valid share", "minValidFraction"),
                 ("Min. dwell", "minDwell")),
                260, 520, model=DoubleLineEditModel, **edit)
    page.column((("Window", "decisionWindow"),
                 ("Min. valid pulses", "minValidPulses")),
                260, 520 + 3 * ROW, model=IntLineEditModel, **edit)
    page.title("Permit", 510, 490)
    page.column((("Stale after", "staleAfter"),
                 ("Max. latency", "maxLatency"),
                 ("Max. train age", "maxTrainAge"),
                 ("Lease", "permitLease")),
                510, 520, model=DoubleLineEditModel, **edit)
    page.named("Latching", "latching", 510, 520 + 4 * ROW,
               model=CheckBoxModel, klass="EditableCheckBox",
               **edit | {"width": 40})
    page.title("Accounting", 760, 490)
    page.add(TableElementModel, "accounting", 760, 520, 250, 150,
             resizeToContents=True)
    return page.scene(1020, 690)


#: name -> function of the device id
SCENES = {"overview": overview, "settings": settings}
