"""The scene of the simulator: what the sample is, and what goes wrong."""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DisplayLabelModel,
    DoubleLineEditModel,
    EditableComboBoxModel,
    IntLineEditModel,
    TrendGraphModel,
)

from ..common.scene_page import EDITABLE, GAP, ROW, Page

WIDTH, HEIGHT = 820, 610
CARD = (WIDTH - 3 * GAP) // 2
RIGHT = CARD + 2 * GAP


def overview(device_id: str) -> str:
    """The sample, what was sent, faults on demand; SVG text."""
    page = Page(device_id)
    page.header(alarms=False)
    page.button("start", RIGHT, GAP, 110)
    page.button("stop", RIGHT + 118, GAP, 110)
    page.add(DisplayLabelModel, "status", GAP, GAP + ROW + 6,
             WIDTH - 2 * GAP)
    _sample(page, GAP, 84)
    _sent(page, RIGHT, 84)
    x, y = page.card("Sample: 0 is its first state", GAP, 296,
                     WIDTH - 2 * GAP, HEIGHT - 296 - GAP)
    page.add(TrendGraphModel, "currentFraction", x, y, WIDTH - 2 * GAP - 24,
             262)
    return page.scene(WIDTH, HEIGHT)


def _sample(page: Page, x: float, y: float) -> None:
    x, y = page.card("Beam and sample", x, y, CARD, 202)
    page.named("Light", "light", x, y, 30, model=CheckBoxModel,
               klass="EditableCheckBox", parent_component=EDITABLE)
    page.named("Held state", "heldState", x, y + ROW, 110,
               model=DoubleLineEditModel, parent_component=EDITABLE)
    page.text("-1: it changes", x + 250, y + ROW, 110)
    page.column((("True state", "trueState"), ("Fraction", "currentFraction"),
                 ("Next or last change", "transitionTrainId")), x,
                y + 2 * ROW + 4, width=220)


def _sent(page: Page, x: float, y: float) -> None:
    x, y = page.card("Sent, and faults on demand", x, y, CARD, 202)
    page.column((("Train id", "currentTrainId"),
                 ("Trains sent", "trainsSent"),
                 ("Pulses sent", "accounting.pulsesSent")), x, y, label=90,
                width=100)
    page.column((("Trains late", "load.trainsLate"),
                 ("faults pending", "faults.pending")), x + 200, y, label=104,
                width=66)
    page.add(EditableComboBoxModel, "faults.kind", x, y + 3 * ROW + 12, 160,
             parent_component=EDITABLE)
    page.named("for trains", "faults.trains", x + 176, y + 3 * ROW + 12, 100,
               70, model=IntLineEditModel, parent_component=EDITABLE)
    page.button("injectFault", x, y + 4 * ROW + 18, 160)


SCENES = {"overview": overview}
