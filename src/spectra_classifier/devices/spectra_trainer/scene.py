"""Scenes of the trainer: the whole loop on one screen, and the map before it.

In the first one left is what one does, in numbered steps from the top down;
right is the result.
"""
from typing import Any

from karabo.common.scenemodel.api import (
    DisplayLabelModel,
    DisplayProgressBarModel,
    DoubleLineEditModel,
    EditableListModel,
    IntLineEditModel,
    LineEditModel,
    TickSliderModel,
)

from ..common.picture_channels import size_of
from ..common.scene_page import EDITABLE, GAP, TOP, Area, Page
from .properties import MapPictures

#: columns of the steps and of the result
STEPS, RESULT = 6, 6
#: heights of the cards of the steps
NEXT, SAMPLE, CAPTURES, TRAINING, SERVICE = 80, 200, 345, 110, 140
EDIT: dict[str, Any] = {"parent_component": EDITABLE}
_TEXT = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}


def teach(device_id: str) -> str:
    """Capture, train, judge, arm; SVG text."""
    page = Page(device_id)
    page.header(("explore",), line="status", alarms=False)
    y = TOP
    for make, height in ((_next_step, NEXT), (_sample, SAMPLE),
                         (_captures, CAPTURES), (_training, TRAINING),
                         (_service, SERVICE)):
        make(page, y)
        y += height + GAP
    _result(page, TOP, y - GAP - TOP)
    return page.scene(y)


def _next_step(page: Page, y: int) -> None:
    area = page.card("", 0, STEPS, y, NEXT)
    page.add(DisplayLabelModel, "guidance", area.x, area.y, area.width,
             area.height, font_size=14, font_weight="bold")


def _sample(page: Page, y: int) -> None:
    area = page.card("1   Bring the sample into a state, name it, capture "
                     "it; then the other one, in turn", 0, STEPS, y, SAMPLE,
                     95).columns(2)
    area.named("Class name", "className", 0, **_TEXT)
    area.named("Trains", "trainsToCapture", 1,
               **EDIT | {"model": IntLineEditModel})
    area.named("Intensity cut", "source.intensityCut", 2,
               **EDIT | {"model": DoubleLineEditModel})
    area.named("Folder", "captureDirectory", 3, columns=2, **_TEXT)
    area.named("Dark", "source.darkReference", 4, columns=2)
    area.named("Next class", "captures.nextClass", 0, 1)
    area.buttons(1, ("capture", False), column=1)
    area.buttons(2, ("discardLast", False), ("cancel", False), column=1)


def _captures(page: Page, y: int) -> None:
    area = page.card("2   Captures so far", 0, STEPS, y, CAPTURES,
                     100)
    area.table("captures.current", 0, lines=8)
    half = area.columns(2)
    half.named("Trains so far", "captures.trainsCaptured", 8.1)
    half.named("Pulses left out", "captures.pulsesLeftOut", 8.1, 1)
    half.buttons(9.1, ("reload", False), ("exportCaptures", False), columns=2)


def _training(page: Page, y: int) -> None:
    area = page.card("3   Train, then test it on unseen pulses", 0, STEPS, y,
                     TRAINING, 80).columns(2)
    area.buttons(0, ("train", False), ("evaluate", False))
    half = area.columns(4, 70)
    half.show(DisplayProgressBarModel, "progress", 0, 2)
    half.number("Time left", "timeLeft", 0, 3, 0)
    area.show(DisplayLabelModel, "activity", 1, columns=2)


def _service(page: Page, y: int) -> None:
    area = page.card("4   Into service: the classifier verifies it; Previous "
                     "goes back", 0, STEPS, y, SERVICE, 95).columns(2)
    area.named("Permitting", "model.permittingClasses", 0,
               model=EditableListModel, **EDIT)
    area.buttons(0, ("publish", False), ("arm", True), ("previous", True),
                 column=1)
    area.named("Override", "model.overrideReason", 1, **_TEXT)
    area.named("Armed", "armedModelId", 1, 1)
    area.named("Former model", "model.formerPath", 2, columns=2)


def _result(page: Page, y: int, height: int) -> None:
    area = page.card("Result", STEPS, RESULT, y, height, 90)
    half = area.columns(2)
    half.show(DisplayLabelModel, "verdict", 0, lines=1.5, font_size=21,
              font_weight="bold")
    area.columns(2, 110).lamp("Arming advised", "armAdvised", 0.3, 1)
    area.show(DisplayLabelModel, "verdictText", 1.6, lines=2.4)
    half.number("Right, unseen", "training.heldOutAccuracy", 4.1)
    half.show(DisplayLabelModel, "training.heldOutInterval", 4.1, 1)
    area.named("Calibration", "training.calibration", 5.1)
    half.named("Averaged", "training.averagedPulses", 6.1)
    area.named("Evaluation", "training.evaluation", 7.1, lines=2)
    area.named("Warnings", "training.caution", 9.1, lines=2)
    _tables(area.below(11 * 30))


def _tables(area: Area) -> None:
    area.text("What else could explain it", 0)
    area.table("training.references", 0.9, lines=7.2)
    area.text("Captured as, and classified as", 8.1)
    area.table("training.confusion", 9, lines=3)
    half = area.columns(2)
    half.text("Where the classes differ", 12)
    half.table("training.bins", 12.9)
    half.text("Accuracy and pulses averaged", 12, 1)
    half.table("training.averaging", 12.9, 1)


def explore(device_id: str) -> str:
    """The last minutes without labels: map, time, spectra, names; SVG text.
    """
    page = Page(device_id)
    page.header(("teach",), line="status", alarms=False)
    y = TOP
    height = _map_picture(page, "byCluster", 0, 4, y)
    _map_picture(page, "byTime", 4, 4, y)
    _naming(page, y, height)
    y += height + GAP
    height = _map_picture(page, "againstTime", 0, 9, y)
    page.card("Clusters", 9, 3, y, height).table("exploration.clusters")
    y += height + GAP
    height = _map_picture(page, "spectra", 0, 6, y)
    _map_picture(page, "differences", 6, 6, y)
    return page.scene(y + height + GAP)


def _map_picture(page: Page, name: str, column: int, columns: int,
                 y: int) -> int:
    return page.picture(f"screens.exploration.schema.data.{name}",
                        size_of(MapPictures, name), column, columns, y)


def _naming(page: Page, y: int, height: int) -> None:
    area = page.card("Explore, look, name what is a state", 8, 4, y, height,
                     80)
    area.buttons(0, ("explore", False), ("cancel", False))
    half = area.columns(2, 80)
    half.named("Minutes", "exploration.minutes", 1,
               **EDIT | {"model": DoubleLineEditModel})
    half.named("Trains kept", "exploration.trainsKept", 1, 1)
    area.show(DisplayLabelModel, "exploration.found", 2, lines=2)
    area.named("Look back", "exploration.lookBack", 4, lines=2,
               **EDIT | {"model": TickSliderModel, "ticks": 10})
    area.show(DisplayLabelModel, "exploration.lookedAt", 6)
    half.named("Cluster", "exploration.cluster", 7,
               **EDIT | {"model": IntLineEditModel})
    half.buttons(7, ("nameCluster", False), column=1)
    area.named("Class name", "className", 8, **_TEXT)
    area.named("Problem", "exploration.problem", 9)


#: name -> function of the device id
SCENES = {"teach": teach, "explore": explore}
