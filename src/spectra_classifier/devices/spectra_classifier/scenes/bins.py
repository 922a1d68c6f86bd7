"""Where the model looks, how well classes separate there, who votes."""
from karabo.common.scenemodel.api import DisplayLabelModel, EditableListModel

from ...common.scene_page import EDITABLE, GAP, ROW, WIDTH, Page
from ..properties.screens import BinPictures, size_of

HEIGHT = 900


def bins(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "explain", "model"))
    page.picture("screens.bins.schema.data.separability",
                 size_of(BinPictures, "separability"), 0, 44)
    x, y = page.card("Bins: the button gives a bin a vote or takes it, from "
                     "the next train on; this disarms", GAP, 390, 790, 500)
    page.table("model.bins", x, y, 766, 454)
    x, y = page.card("Selection", 810, 390, 400, 500)
    page.text("Bins that vote; empty: the model's own choice", x, y, 376)
    page.add(EditableListModel, "selectedBins", x, y + ROW, 376,
             parent_component=EDITABLE)
    page.lamp("Armed", "armed", x, y + 2 * ROW + 10, 110)
    page.named("Configuration", "model.appliedConfigHash", x, y + 3 * ROW + 10,
               label=110, width=266)
    page.named("Model", "modelId", x, y + 4 * ROW + 10, label=110, width=266)
    page.text("What became of it", x, y + 5 * ROW + 20, 376)
    page.add(DisplayLabelModel, "status", x, y + 6 * ROW + 20, 376, 96)
    page.text("Permit", x, y + 10 * ROW + 12, 376)
    page.add(DisplayLabelModel, "permitReason", x, y + 11 * ROW + 12, 376,
             64)
    return page.scene(WIDTH, HEIGHT)
