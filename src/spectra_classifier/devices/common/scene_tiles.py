"""Coloured tiles for what is read from two metres.

Their capitals are at least 28 pixels tall: 7 mm on a usual monitor.
"""
from collections.abc import Sequence
from functools import cache

from karabo.common.scenemodel.api import (
    DigitIconsModel,
    IconData,
    TextIconsModel,
)

from ...colours import CLASSES, class_colour
from ...core.spectra import Code
from .attributes import MAX_CLASSES
from .drawing.canvas import tile
from .scene_page import Page

#: height of a tile
TALL = 100


@cache
def _class_icons(width: int, height: int) -> tuple[IconData, ...]:
    """One tile per code and class index."""
    # an icon is shown for values up to its own, so they come in order
    indices = [*sorted(int(code) for code in Code),
               *range(max(MAX_CLASSES, len(CLASSES)))]
    return tuple(IconData(value=str(index), equal=True, data=tile(
        width, height, class_colour(index))) for index in indices)


@cache
def _text_icons(cases: tuple[tuple[str, str, str], ...], width: int,
                height: int, size: str) -> tuple[IconData, ...]:
    return tuple(IconData(value=pattern, data=tile(
        width, height, colour, text, size)) for pattern, colour, text in cases)


def class_tile(page: Page, name: str, x: float, y: float, width: int,
               height: int) -> None:
    """A tile in the colour of the class whose index a property holds."""
    page.add(DigitIconsModel, name, x, y, width, height,
             values=list(_class_icons(width, height)))


def text_tile(page: Page, name: str, x: float, y: float, width: int,
              height: int, cases: Sequence[tuple[str, str, str]],
              size: str = "large") -> None:
    """A tile by the text of a property.

    `cases`: (pattern, colour, words); the first pattern that fits the text
    is taken.
    """
    page.add(TextIconsModel, name, x, y, width, height, values=list(
        _text_icons(tuple(cases), width, height, size)))
