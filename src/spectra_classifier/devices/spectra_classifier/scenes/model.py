"""The model in words: what it is, how good it was shown to be, swap, back."""
from karabo.common.scenemodel.api import (
    DisplayListModel,
    LineEditModel,
)

from ...common.scene_page import EDITABLE, GAP, ROW, WIDTH, Page

HEIGHT = 790


def model(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "bins", "settings"))
    x, y = page.card("Live model", GAP, 50, 780, 190)
    page.named("Path", "modelPath", x, y, label=90, width=650,
               model=LineEditModel, klass="EditableLineEdit",
               parent_component=EDITABLE)
    page.column((("Id", "modelId"), ("SHA-256", "model.hash"),
                 ("Status", "modelStatus")), x, y + ROW + 4, label=90,
                width=650)
    page.named("Confidence", "model.calibration", x, y + 4 * ROW + 8, label=90,
               width=160)
    page.named("Classes", "model.classNames", x + 270, y + 4 * ROW + 8,
               label=70,
               width=400, model=DisplayListModel)
    x, y = page.card("Swap and back", 800, 50, 410, 190)
    page.named("Before", "model.previousId", x, y, label=70, width=310)
    page.button("previousModel", x, y + ROW + 6, 190, 34, confirm=True)
    page.button("arm", x + 200, y + ROW + 6, 88, 34, confirm=True)
    page.button("disarm", x + 294, y + ROW + 6, 88, 34)
    page.lamp("Armed", "armed", x, y + 2 * ROW + 18, 70)
    page.lamp("Reactions confirmed", "model.reactionsConfirmed", x + 160,
              y + 2 * ROW + 18, 150)
    page.named("Objection", "model.objection", x, y + 3 * ROW + 22, label=70,
               width=310)
    x, y = page.card("Manifest", GAP, 250, 780, 530)
    page.table("model.facts", x, y, 756, 484)
    x, y = page.card("Shadow model", 800, 250, 410, 250)
    page.column((("Id", "shadow.modelId"), ("Status", "shadow.status")), x, y,
                label=90, width=296)
    page.number("Agreement", "shadow.agreement", x, y + 2 * ROW, 4, label=90,
                width=110)
    page.table("shadow.differences", x, y + 3 * ROW + 4, 386, 118)
    x, y = page.card("Expected wrong among the last sure pulses", 800, 510,
                     410, 270)
    page.table("expectedWrong.classes", x, y, 386, 224)
    return page.scene(WIDTH, HEIGHT)
