"""One pulse, explained: the chosen one, or the most doubtful of its train."""
from karabo.common.scenemodel.api import (
    DisplayLabelModel,
    EditableComboBoxModel,
    IntLineEditModel,
    VectorXYGraphModel,
)

from ...classifier_base.scene_parts import class_tile
from ...common.picture_channels import size_of
from ...common.scene_page import EDITABLE, GAP, PAD, TOP, Page
from ..properties.screens import ExplainPictures

#: heights of the first and of the last card
CHOICE, PLOT = 150, 290
DATA = "preview.schema.data."


def explain(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "pulses", "bins"))
    area = page.card("", 0, 12, TOP, CHOICE).columns(4, 90)
    area.named("Show", "screens.previewChoice", 0,
               model=EditableComboBoxModel, parent_component=EDITABLE)
    area.named("Position", "screens.previewPulse", 1, model=IntLineEditModel,
               parent_component=EDITABLE)
    area.named("Train", DATA + "trainId", 0, 1)
    area.named("Pulse", DATA + "pulse", 1, 1)
    area.named("Class or code", DATA + "label", 0, 2)
    area.number("Confidence", DATA + "confidence", 0, 3)
    rest = area.below(2 * 30 + 5).columns(1)
    class_tile(page, DATA + "label", rest.x, rest.y, 40, 65)
    page.add(DisplayLabelModel, DATA + "reason", rest.x + 40 + PAD, rest.y,
             rest.width - 40 - PAD, 65, font_size=14)
    y = TOP + CHOICE + GAP
    y += GAP + page.picture("screens.explanation.schema.data.votes",
                            size_of(ExplainPictures, "votes"), 0, 12, y)
    # in a plot of the GUI: to zoom into, to read off, to export
    area = page.card("This pulse (spectrum) and the mean of its train "
                     "(trainMean), preprocessed as for the model", 0, 12, y,
                     PLOT)
    page.add(VectorXYGraphModel, [DATA + name for name in (
        "axis", "spectrum", "trainMean")], area.x, area.y, area.width,
        area.height, x_label="position on the axis of the model",
        y_label="preprocessed intensity")
    return page.scene(y + PLOT + GAP)
