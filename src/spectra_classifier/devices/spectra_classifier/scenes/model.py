"""The model in words: what it is, how good it was shown to be, swap, back."""
from karabo.common.scenemodel.api import (
    DisplayListModel,
    LineEditModel,
)

from ...common.scene_page import EDITABLE, GAP, TOP, Page

LIVE, SHADOW, WRONG = 200, 280, 250


def model(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "bins", "settings"))
    area = page.card("Live model", 0, 8, TOP, LIVE, 90)
    area.named("Path", "modelPath", 0, model=LineEditModel,
               klass="EditableLineEdit", parent_component=EDITABLE)
    area.lines((("Id", "modelId"), ("SHA-256", "model.hash"),
                ("Status", "modelStatus")), 1)
    half = area.columns(2)
    half.named("Confidence", "model.calibration", 4)
    half.named("Classes", "model.classNames", 4, 1, model=DisplayListModel)
    area = page.card("Swap and back", 8, 4, TOP, LIVE, 90).columns(2)
    area.named("Before", "model.previousId", 0, columns=2)
    area.buttons(1, ("previousModel", True), column=0)
    area.buttons(1, ("arm", True), ("disarm", False), column=1)
    area.lamp("Armed", "armed", 2.3)
    area.columns(2, 130).lamp("Reactions set", "model.reactionsConfirmed",
                              2.3, 1)
    area.named("Objection", "model.objection", 3.3, columns=2, lines=1.7)
    y = TOP + LIVE + GAP
    page.card("Manifest of the model", 0, 8, y,
              SHADOW + GAP + WRONG).table("model.facts")
    area = page.card("Shadow model: compared, decides nothing", 8, 4, y,
                     SHADOW, 90)
    area.lines((("Id", "shadow.modelId"), ("Status", "shadow.status")))
    area.number("Agreement", "shadow.agreement", 2, decimals=4)
    area.table("shadow.differences", 3)
    y += SHADOW + GAP
    page.card("Expected errors among the last decided pulses", 8, 4, y,
              WRONG).table("expectedWrong.classes")
    return page.scene(y + WRONG + GAP)
