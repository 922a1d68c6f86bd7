"""Coloured tiles for what must be seen from two metres."""
from functools import cache

from karabo.common.scenemodel.api import (
    DigitIconsModel,
    IconData,
    TextIconsModel,
)

from ...core.spectra import Code
from ..pictures.palette import CLASSES, class_colour
from ..pictures.png import tile
from ..schema import MAX_CLASSES

#: the reason that `core.decision` gives with a permit, and with no other
ALL_HOLD = "all conditions hold"
PERMIT, NO_PERMIT = "#00803E", "#B00020"


@cache
def _class_icons(width, height):
    """One tile per class index; unknown is grey."""
    # an icon is shown for values up to its own, so they come in order
    indices = [int(Code.UNKNOWN), *range(max(MAX_CLASSES, len(CLASSES)))]
    return tuple((str(index), tile(width, height, class_colour(index)))
                 for index in indices)


@cache
def _permit_icons(width, height):
    """Green for the one sentence that goes with a permit, red for all else.
    """
    return ((f"^{ALL_HOLD}$", tile(width, height, PERMIT, "PERMIT")),
            (".*", tile(width, height, NO_PERMIT, "NO PERMIT")))


def class_tile(page, name, x, y, width, height):
    """A tile in the colour of the class whose index a property holds."""
    page.add(DigitIconsModel, name, x, y, width, height, values=[
        IconData(value=value, data=data, equal=True)
        for value, data in _class_icons(width, height)])


def permit_tile(page, name, x, y, width, height):
    """A tile for a property with the reason of the permit."""
    page.add(TextIconsModel, name, x, y, width, height, values=[
        IconData(value=value, data=data)
        for value, data in _permit_icons(width, height)])
