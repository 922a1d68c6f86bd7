"""The scene of the trainer: the whole loop on one screen, in numbered steps.

Left is what one does, from the top down; right is what came of it.
"""
from karabo.common.scenemodel.api import (
    DisplayLabelModel,
    DisplayProgressBarModel,
    DoubleLineEditModel,
    EditableListModel,
    IntLineEditModel,
    LineEditModel,
)

from ..common.scene_page import EDITABLE, GAP, ROW, Page

#: the two columns, and the height of the scene
LEFT, RIGHT, HEIGHT = 560, 640, 950
_TEXT = {"model": LineEditModel, "klass": "EditableLineEdit",
         "parent_component": EDITABLE}


def teach(device_id: str) -> str:
    """Capture, train, judge, arm; SVG text."""
    page = Page(device_id)
    page.header(alarms=False)
    page.add(DisplayLabelModel, "status", 410, GAP, 800)
    _next_step(page, GAP, 48)
    _sample(page, GAP, 128)
    _captures(page, GAP, 330)
    _training(page, GAP, 690)
    _service(page, GAP, 810)
    _verdict(page, LEFT + 2 * GAP, 48)
    return page.scene(LEFT + RIGHT + 3 * GAP, HEIGHT)


def _next_step(page: Page, x: float, y: float) -> None:
    x, y = page.card("", x, y, LEFT, 70)
    page.add(DisplayLabelModel, "guidance", x, y, LEFT - 24, 46,
             font_size=14, font_weight="bold")


def _sample(page: Page, x: float, y: float) -> None:
    x, y = page.card("1   Bring the sample into a state, name it, capture "
                     "it; then the other one, in turn", x, y, LEFT, 192)
    page.named("Class name", "className", x, y, 190, 110, **_TEXT)
    page.named("Trains", "trainsToCapture", x, y + ROW, 190, 110,
               model=IntLineEditModel, parent_component=EDITABLE)
    page.named("Intensity cut", "source.intensityCut", x, y + 2 * ROW, 190,
               110, model=DoubleLineEditModel, parent_component=EDITABLE)
    page.named("Folder", "captureDirectory", x, y + 3 * ROW, 420, 110,
               **_TEXT)
    page.named("Dark", "source.darkReference", x, y + 4 * ROW, 420, 110)
    page.named("Next class", "captures.nextClass", x + 310, y, 100, 90)
    page.button("capture", x + 310, y + ROW, 110, 2 * ROW)
    page.button("discardLast", x + 426, y + ROW, 110)
    page.button("cancel", x + 426, y + 2 * ROW, 110)


def _captures(page: Page, x: float, y: float) -> None:
    x, y = page.card("2   What has been captured", x, y, LEFT, 350)
    page.table("captures.current", x, y, LEFT - 24, 270)
    y += 278
    page.named("Trains so far", "captures.trainsCaptured", x, y, 60, 90)
    page.named("pulses left out", "captures.pulsesLeftOut", x + 160, y, 70,
               100)
    page.button("reload", x + 340, y, 80)
    page.button("exportCaptures", x + 426, y, 110)


def _training(page: Page, x: float, y: float) -> None:
    x, y = page.card("3   Train, then try it on unseen pulses", x, y, LEFT,
                     110)
    page.button("train", x, y, 110)
    page.button("evaluate", x + 116, y, 110)
    page.add(DisplayProgressBarModel, "progress", x + 236, y, 160)
    page.number("Time left", "timeLeft", x + 404, y, 0, width=66, label=66)
    page.add(DisplayLabelModel, "activity", x, y + ROW + 6, LEFT - 24)


def _service(page: Page, x: float, y: float) -> None:
    x, y = page.card("4   Into service: the classifier verifies it, and one "
                     "button goes back", x, y, LEFT, 130)
    page.named("Permitting", "model.permittingClasses", x, y, 190, 90,
               model=EditableListModel, parent_component=EDITABLE)
    page.button("publish", x + 290, y, 80)
    page.button("arm", x + 374, y, 80, confirm=True)
    page.button("previous", x + 458, y, 80, confirm=True)
    page.named("Override", "model.overrideReason", x, y + ROW, 190, 90,
               **_TEXT)
    page.named("Armed", "armedModelId", x + 290, y + ROW, 190, 58)
    page.named("Former", "model.formerPath", x, y + 2 * ROW, 446, 90)


def _verdict(page: Page, x: float, y: float) -> None:
    x, y = page.card("What came of it", x, y, RIGHT, HEIGHT - 58)
    width = RIGHT - 24
    page.add(DisplayLabelModel, "verdict", x, y, 330, 40, font_size=21,
             font_weight="bold")
    page.lamp("Arming advised", "armAdvised", x + 440, y + 6, 110)
    page.add(DisplayLabelModel, "verdictText", x, y + 44, width, 60)
    page.number("Right, unseen", "training.heldOutAccuracy", x, y + 108, 3,
                width=70, label=110)
    page.add(DisplayLabelModel, "training.heldOutInterval", x + 190, y + 108,
             220)
    page.named("Average over", "training.averagedPulses", x + 440, y + 108,
               60, 96)
    page.named("Calibration", "training.calibration", x, y + 136, width - 110,
               110)
    page.add(DisplayLabelModel, "training.evaluation", x, y + 168, width, 46)
    page.named("Before you trust", "training.caution", x, y + 218, width - 110,
               110, height=46)
    _tables(page, x, y + 270, width)


def _tables(page: Page, x: float, y: float, width: int) -> None:
    page.text("What else could explain it", x, y, 300)
    page.table("training.references", x, y + ROW, width, 216)
    y += 252
    page.text("Captured as, and called", x, y, 300)
    page.table("training.confusion", x, y + ROW, width, 118)
    y += 152
    page.text("Where they separate", x, y, 300)
    page.table("training.bins", x, y + ROW, 330, 148)
    page.text("Accuracy against pulses averaged", x + 340, y, 270)
    page.table("training.averaging", x + 340, y + ROW, width - 340, 148)


#: name -> function of the device id
SCENES = {"teach": teach}
