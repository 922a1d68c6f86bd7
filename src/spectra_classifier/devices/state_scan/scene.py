"""The scene of a `StateScan`."""
from typing import Any

from karabo.common.scenemodel.api import (
    DisplayLabelModel,
    DoubleLineEditModel,
    LineEditModel,
)

from ..common.picture_channels import size_of
from ..common.scene_page import EDITABLE, GAP, TOP, Page
from .properties import ScanPictures

EDIT: dict[str, Any] = {"parent_component": EDITABLE}
_TEXT = EDIT | {"model": LineEditModel, "klass": "EditableLineEdit"}
#: heights of what is scanned, and of the tables
SCANNED, TABLES = 110, 230


def scan(device_id: str) -> str:
    """State against what is scanned; SVG text."""
    page = Page(device_id)
    page.header(line="scan.problem", alarms=False)
    y = TOP
    area = page.card("What is scanned", 0, 12, y, SCANNED, 85).columns(4)
    area.named("Property", "scan.property", 0, columns=2, **_TEXT)
    area.named("Unit", "scan.unit", 0, 2, **_TEXT)
    area.buttons(0, ("restart", False), column=3)
    area.named("Value", "scan.value", 1)
    area.named("Resolution", "scan.resolution", 1, 1,
               **EDIT | {"model": DoubleLineEditModel})
    area.named("Trains", "scan.trains", 1, 2)
    area.named("Matched", "scan.matched", 1, 3)
    y += SCANNED + GAP
    y += GAP + page.picture("screens.scan.schema.data.scan",
                            size_of(ScanPictures, "scan"), 0, 12, y)
    page.card("Steps", 0, 6, y, TABLES).table("scan.steps")
    found = page.card("Transitions", 6, 6, y, TABLES, 85)
    found.table("scan.transitions", lines=5)
    found.named("Hysteresis", "scan.hysteresis", 5.2,
                model=DisplayLabelModel)
    return page.scene(y + TABLES + GAP)


#: name -> function of the device id
SCENES = {"scan": scan}
