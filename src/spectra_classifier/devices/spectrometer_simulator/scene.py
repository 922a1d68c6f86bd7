"""The scene of the simulator: what the sample is, and what goes wrong."""
from typing import Any

from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DoubleLineEditModel,
    EditableComboBoxModel,
    IntLineEditModel,
    TrendGraphModel,
)

from ..common.scene_page import EDITABLE, GAP, TOP, Page

COLUMNS = 8
#: heights of the cards
CARDS, TREND = 260, 305
EDIT: dict[str, Any] = {"parent_component": EDITABLE}


def overview(device_id: str) -> str:
    """The sample, what was sent, faults on demand; SVG text."""
    page = Page(device_id, COLUMNS)
    page.header(line="status", alarms=False)
    _sample(page)
    _sent(page)
    y = TOP + CARDS + GAP
    area = page.card("Mixture of the sample: 0 is its first state", 0,
                     COLUMNS, y, TREND)
    page.add(TrendGraphModel, "currentFraction", area.x, area.y, area.width,
             area.height)
    return page.scene(y + TREND + GAP)


def _sample(page: Page) -> None:
    area = page.card("Beam and sample", 0, 4, TOP, CARDS, 140)
    area.named("Light", "light", 0, model=CheckBoxModel,
               klass="EditableCheckBox", **EDIT)
    area.named("Held state; -1: none", "heldState", 1,
               model=DoubleLineEditModel, **EDIT)
    area.named("True state", "trueState", 2)
    area.number("Mixture", "currentFraction", 3)
    area.named("Change at train", "transitionTrainId", 4)
    area.buttons(6, ("start", False), ("stop", False))


def _sent(page: Page) -> None:
    area = page.card("Sent, and faults on demand", 4, 4, TOP, CARDS, 140)
    area.lines((("Train id", "currentTrainId"),
                ("Trains sent", "trainsSent"),
                ("Pulses sent", "accounting.pulsesSent"),
                ("Trains late", "load.trainsLate")))
    area.named("Fault", "faults.kind", 4, model=EditableComboBoxModel, **EDIT)
    half = area.columns(2, 80)
    half.named("Trains", "faults.trains", 5, model=IntLineEditModel, **EDIT)
    half.named("Pending", "faults.pending", 5, 1)
    area.buttons(6, ("injectFault", False))


SCENES = {"overview": overview}
