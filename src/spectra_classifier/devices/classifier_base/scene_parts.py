"""Coloured tiles for what must be seen from two metres."""
from functools import cache

from karabo.common.scenemodel.api import (
    DigitIconsModel,
    DisplayLabelModel,
    IconData,
    TextIconsModel,
)

from ...core.spectra import Code
from ..common.attributes import MAX_CLASSES
from ..common.drawing.canvas import tile
from ...colours import CLASSES, class_colour
from ..common.scene_page import Page

#: the reason that `core.decision` gives with a permit, and with no other
ALL_HOLD = "all conditions hold"
PERMIT, NO_PERMIT = "#00803E", "#B00020"
#: where the cards of the first row are, and how tall
TOP, CARD_HEIGHT = 82, 226


@cache
def _class_icons(width: int, height: int) -> tuple[tuple[str, bytes], ...]:
    """One tile per class index; unknown is grey."""
    # an icon is shown for values up to its own, so they come in order
    indices = [int(Code.UNKNOWN), *range(max(MAX_CLASSES, len(CLASSES)))]
    return tuple((str(index), tile(width, height, class_colour(index)))
                 for index in indices)


@cache
def _permit_icons(width: int, height: int) -> tuple[tuple[str, bytes], ...]:
    """Green for the one sentence that goes with a permit, red for all else.
    """
    return ((f"^{ALL_HOLD}$", tile(width, height, PERMIT, "PERMIT")),
            (".*", tile(width, height, NO_PERMIT, "NO PERMIT")))


def class_tile(page: Page, name: str, x: float, y: float, width: int,
               height: int) -> None:
    """A tile in the colour of the class whose index a property holds."""
    page.add(DigitIconsModel, name, x, y, width, height, values=[
        IconData(value=value, data=data, equal=True)
        for value, data in _class_icons(width, height)])


def permit_tile(page: Page, name: str, x: float, y: float, width: int,
                height: int) -> None:
    """A tile for a property with the reason of the permit."""
    page.add(TextIconsModel, name, x, y, width, height, values=[
        IconData(value=value, data=data)
        for value, data in _permit_icons(width, height)])


def permit_card(page: Page, x: float) -> None:
    """The permit, why, and what an operator does about it."""
    x, y = page.card("Permit", x, TOP, 360, CARD_HEIGHT)
    permit_tile(page, "permitReason", x, y, 170, 72)
    page.lamp("Permit", "permit", x + 184, y, 54)
    page.lamp("Armed", "armed", x + 184, y + 36, 54)
    page.add(DisplayLabelModel, "permitSequence", x + 270, y, 66)
    page.add(DisplayLabelModel, "permitReason", x, y + 80, 336, 46,
             font_size=11)
    page.named("Latched", "latchReason", x, y + 130, label=60, width=276)
    for name, left, width, confirm in (
            ("arm", 0, 64, True), ("disarm", 68, 76, False),
            ("acknowledge", 148, 116, True), ("reset", 268, 68, False)):
        page.button(name, x + left, y + 162, width, confirm=confirm)
