"""The scene of a `PeakMonitor`."""
from typing import Any

from karabo.common.scenemodel.api import LineEditModel, TableElementModel

from ..common.picture_channels import size_of
from ..common.scene_page import EDITABLE, GAP, TOP, Page
from .properties import PeakPictures

EDIT: dict[str, Any] = {"parent_component": EDITABLE}
_TEXT = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}
#: heights of what is watched, and of the table
WATCHED, CURRENT = 170, 160


def peaks(device_id: str) -> str:
    """Peaks beside what was taught; SVG text."""
    page = Page(device_id)
    page.header(line="peaks.beyond")
    y = TOP
    area = page.card("What is watched", 0, 6, y, WATCHED, 85).columns(2)
    area.named("Classifier", "classifierId", 0, columns=2, **_TEXT)
    area.named("Model", "peaks.modelId", 1, columns=2)
    area.named("Problem", "peaks.problem", 2, columns=2)
    area.lamp("As taught", "peaks.within", 3)
    area.named("Trains", "peaks.trainsMeasured", 3, 1)
    right = page.card("Regions", 6, 6, y, WATCHED)
    right.show(TableElementModel, "peaks.regions", 0, lines=4,
               **EDIT | {"klass": "EditableTableElement"})
    y += WATCHED + GAP
    y += GAP + page.picture("screens.peaks.schema.data.peaks",
                            size_of(PeakPictures, "peaks"), 0, 12, y)
    page.card("Last train", 0, 12, y, CURRENT).table("peaks.current")
    return page.scene(y + CURRENT + GAP)


#: name -> function of the device id
SCENES = {"peaks": peaks}
