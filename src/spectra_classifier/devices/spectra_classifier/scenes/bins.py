"""Where the model looks, how well classes separate there, who votes."""
from karabo.common.scenemodel.api import DisplayLabelModel, EditableListModel

from ...common.picture_channels import size_of
from ...common.scene_page import EDITABLE, GAP, TOP, Page
from ..properties.screens import BinPictures

CARDS = 460


def bins(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "explain", "model"))
    y = TOP + GAP + page.picture("screens.bins.schema.data.separability",
                                 size_of(BinPictures, "separability"), 0, 12,
                                 TOP)
    area = page.card("Switch gives a bin a vote or takes it, from the next "
                     "train on, and disarms; it asks first", 0, 8, y, CARDS)
    area.table("model.bins")
    area = page.card("Selection", 8, 4, y, CARDS)
    area.text("Bins that vote; empty: the model's own choice", 0)
    area.show(EditableListModel, "selectedBins", 1, parent_component=EDITABLE)
    area.lamp("Armed", "armed", 2.5)
    area.lines((("Model", "modelId"),
                ("Configuration", "model.appliedConfigHash")), 3.5)
    area.text("Last action", 6)
    area.show(DisplayLabelModel, "status", 7, lines=2.5)
    area.text("Permit", 10)
    area.show(DisplayLabelModel, "permitReason", 11, lines=2.5)
    return page.scene(y + CARDS + GAP)
