"""One pulse, explained: the chosen one, or the most doubtful of its train."""
from karabo.common.scenemodel.api import (
    DisplayFloatModel,
    DisplayLabelModel,
    EditableComboBoxModel,
    IntLineEditModel,
    VectorXYGraphModel,
)

from ...classifier_base.scene_parts import class_tile
from ...common.scene_page import EDITABLE, GAP, PAD, WIDTH, Page
from ..properties.screens import ExplainPictures, size_of

HEIGHT = 1110
DATA = "preview.schema.data."


def explain(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "pulses", "bins"))
    edit = {"parent_component": EDITABLE}
    page.named("Show", "screens.previewChoice", GAP, 50, label=50, width=220,
               model=EditableComboBoxModel, **edit)
    page.named("Position", "screens.previewPulse", 300, 50, label=70,
               width=150,
               model=IntLineEditModel, **edit)
    page.named("Train", DATA + "trainId", 540, 50, label=50, width=110)
    page.named("Pulse", DATA + "pulse", 715, 50, label=50, width=80)
    page.named("Label", DATA + "label", 860, 50, label=50, width=60)
    page.named("Confidence", DATA + "confidence", 990, 50, label=85,
               width=120, model=DisplayFloatModel, fmt="f", decimals="3")
    class_tile(page, DATA + "label", GAP, 88, 22, 74)
    page.add(DisplayLabelModel, DATA + "reason", 40, 88, WIDTH - 50, 74,
             font_size=12)
    page.picture("screens.explanation.schema.data.votes",
                 size_of(ExplainPictures, "votes"), 0, 172)
    # in a plot of the GUI: to zoom into, to read off, to export
    x, y = page.card("This pulse and the mean of its train, as the members "
                     "see them", GAP, 770, WIDTH - 2 * GAP, 330)
    page.add(VectorXYGraphModel, [DATA + name for name in (
        "axis", "spectrum", "trainMean")], x, y, WIDTH - 2 * (GAP + PAD),
        284)
    return page.scene(WIDTH, HEIGHT)
