"""What more than one screen shows."""
from karabo.common.scenemodel.api import DisplayLabelModel

from .tiles import permit_tile

#: where the cards of the first row are, and how tall
TOP, CARD_HEIGHT = 82, 226


def permit_card(page, x):
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
