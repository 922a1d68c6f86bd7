"""What scenes are put together from: cards on a grid, lines in the cards.

Positions and sizes are pixels. A page has `COLUMNS` columns; a card spans
some of them, and its inside, an `Area`, is divided into lines and columns of
its own. Shapes lie below widgets, whatever the order.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from karabo.common.scenemodel.api import (
    ColorBoolModel,
    DeviceSceneLinkModel,
    DisplayAlarmFloatModel,
    DisplayCommandModel,
    DisplayFloatModel,
    DisplayLabelModel,
    DisplayStateColorModel,
    GlobalAlarmModel,
    LabelModel,
    RectangleModel,
    SceneModel,
    SceneTargetWindow,
    TableElementModel,
    WebCamGraphModel,
    write_scene,
)

from ...colours import EDGE, FAINT, INK, PAPER

DISPLAY = "DisplayComponent"
EDITABLE = "EditableApplyLaterComponent"
FONT = "Source Sans Pro,{},-1,5,{},0,0,0,0,0"
LIGHT, BOLD = 50, 75
#: width of a column, distance of cards, columns of a full page
COLUMN, GAP, COLUMNS = 90, 10, 12
#: from the top of one line to the next, and height of what is on it
ROW, LINE = 30, 25
#: room at the edge of a card, height of its title, between its columns
PAD, TITLE, GUTTER = 10, 35, 20
#: top of the first card
TOP = 90
#: what the widget of a picture keeps free of its own width and height
FRAME, PADDING = (47.5, 40), 0.018


def span(columns: int) -> int:
    """Width of so many columns."""
    return columns * (COLUMN + GAP) - GAP


def left(column: int) -> int:
    """Left edge of a column."""
    return GAP + column * (COLUMN + GAP)


class Page:
    """Collects the widgets of one scene of one device.

    Parameters
    ----------
    device_id
        The device.
    columns
        Columns of the page.
    """

    def __init__(self, device_id: str, columns: int = COLUMNS) -> None:
        self._device_id = device_id
        self._shapes: list[Any] = []
        self._widgets: list[Any] = []
        self.columns = columns

    def keys(self, *names: str) -> list[str]:
        return [f"{self._device_id}.{name}" for name in names]

    def add(self, model: type, names: str | Sequence[str], x: float, y: float,
            width: float, height: float = LINE, **traits: Any) -> None:
        """A widget on one property or several."""
        names = [names] if isinstance(names, str) else names
        traits.setdefault("parent_component", DISPLAY)
        self._widgets.append(model(
            keys=self.keys(*names), x=x, y=y, width=width, height=height,
            **traits))

    def text(self, text: str, x: float, y: float, width: float,
             height: float = LINE, size: int = 10, weight: int = LIGHT,
             colour: str = INK) -> None:
        self._widgets.append(_label(text, x, y, width, height, size, weight,
                                    colour))

    def card(self, title: str, column: int, columns: int, y: int, height: int,
             label: int = 110) -> "Area":
        """A frame with a title; returns its inside.

        `label`: width of the labels in it.
        """
        x, width = left(column), span(columns)
        self._shapes.append(RectangleModel(
            x=x, y=y, width=width, height=height, stroke=EDGE, fill=PAPER,
            stroke_width=1.))
        inner = Area(self, x + PAD, y + PAD, width - 2 * PAD,
                     height - 2 * PAD, label)
        if not title:
            return inner
        self.text(title, inner.x, y + 5, inner.width, LINE, 11, BOLD, FAINT)
        return inner.below(TITLE - PAD)

    def picture(self, path: str, size: tuple[int, int], column: int,
                columns: int, y: int) -> int:
        """A picture of the device in a card; returns the height of that.

        `size`: (width, height) of the picture, see `picture_size`.
        """
        x = left(column)
        width, height = widget_size(size)
        self._shapes.append(RectangleModel(
            x=x, y=y, width=span(columns), height=height, stroke=EDGE,
            fill=PAPER, stroke_width=1.))
        # the picture covers it as soon as it is there
        for line, text in enumerate(("waiting for", "the first picture")):
            self._shapes.append(_label(text, x + 50, y + 50 + line * LINE,
                                       120, LINE, 10, LIGHT, FAINT))
        self.add(WebCamGraphModel, path, x, y, width, height)
        return height

    def header(self, links: Sequence[str] = (), line: str = "alarmReason",
               alarms: bool = True) -> None:
        """Who, how it is, where else to look; below, what is wrong.

        `line`: the property on the second line; `alarms`: the device has
        some.
        """
        self.add(DisplayLabelModel, "deviceId", left(0), GAP, span(3), ROW,
                 font_size=12, font_weight="bold")
        self.add(DisplayStateColorModel, "state", left(3), GAP, span(2), ROW,
                 show_string=True, font_size=12)
        if alarms:
            self.add(GlobalAlarmModel, "alarmCondition", left(5), GAP, 40,
                     ROW)
        self.add(DisplayLabelModel, line, left(0), GAP + 40,
                 span(self.columns), ROW, font_size=12)
        first = self.columns - len(links)
        for number, name in enumerate(links):
            self.link(name.capitalize(), name, first + number)

    def link(self, text: str, target: str, column: int) -> None:
        """A button in the header that opens another scene of the device."""
        self.add(DeviceSceneLinkModel, "availableScenes", left(column), GAP,
                 COLUMN, ROW, target=target, text=text,
                 font=FONT.format(10, LIGHT),
                 target_window=SceneTargetWindow.Dialog)

    def button(self, name: str, x: float, y: float, width: float,
               height: float = ROW, confirm: bool = False) -> None:
        """A button of a slot; with `confirm` it asks first."""
        self.add(DisplayCommandModel, name, x, y, width, height,
                 requires_confirmation=confirm)

    def scene(self, height: int) -> str:
        """The text of the scene."""
        return write_scene(SceneModel(
            width=left(self.columns), height=height,
            children=[*self._shapes, *self._widgets]))


@dataclass(frozen=True)
class Area:
    """A rectangle of a page with lines, and columns of equal width.

    Attributes
    ----------
    label
        Width of the labels in it.
    of
        Number of columns.
    """
    page: Page
    x: float
    y: float
    width: float
    height: float
    label: int
    of: int = 1

    def below(self, height: float) -> "Area":
        """The rest below so many pixels."""
        return Area(self.page, self.x, self.y + height, self.width,
                    self.height - height, self.label, self.of)

    def columns(self, of: int, label: int | None = None) -> "Area":
        """The same rectangle with so many columns, and another label."""
        return Area(self.page, self.x, self.y, self.width, self.height,
                    self.label if label is None else label, of)

    def place(self, line: float, column: int = 0,
              columns: int = 1) -> tuple[float, float, float]:
        """Left, top and width of some columns of a line."""
        each = (self.width + GUTTER) / self.of // 5 * 5
        width = (self.width - column * each if column + columns == self.of
                 else columns * each - GUTTER)
        return self.x + column * each, self.y + line * ROW, width

    def show(self, model: type, name: str, line: float, column: int = 0,
             columns: int = 1, lines: float = 1, **traits: Any) -> None:
        """A widget without a label."""
        x, y, width = self.place(line, column, columns)
        self.page.add(model, name, x, y, width, lines * ROW + LINE - ROW,
                      **traits)

    def named(self, text: str, name: str, line: float, column: int = 0,
              columns: int = 1, lines: float = 1,
              model: type = DisplayLabelModel, **traits: Any) -> None:
        """A label with the value to its right."""
        x, y, width = self.place(line, column, columns)
        self.page.text(text, x, y, self.label)
        self.page.add(model, name, x + self.label, y, width - self.label,
                      lines * ROW + LINE - ROW, **traits)

    def number(self, text: str, name: str, line: float, column: int = 0,
               decimals: int = 3, **kwargs: Any) -> None:
        """`named` with a fixed number of decimals."""
        self.named(text, name, line, column, model=DisplayFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def watched(self, text: str, name: str, line: float, column: int = 0,
                decimals: int = 3, **kwargs: Any) -> None:
        """`number` that changes colour at warnLow, warnHigh, alarmLow,
        alarmHigh."""
        self.named(text, name, line, column, model=DisplayAlarmFloatModel,
                   fmt="f", decimals=str(decimals), **kwargs)

    def lines(self, rows: Sequence[tuple[str, str]], line: float = 0,
              column: int = 0, **kwargs: Any) -> None:
        """One `named` below the other; rows: (text, property)."""
        for number, (text, name) in enumerate(rows):
            self.named(text, name, line + number, column, **kwargs)

    def lamp(self, text: str, name: str, line: float,
             column: int = 0) -> None:
        """A boolean as a light."""
        x, y, _ = self.place(line, column)
        self.page.text(text, x, y, self.label)
        self.page.add(ColorBoolModel, name, x + self.label, y, LINE, LINE)

    def text(self, text: str, line: float, column: int = 0,
             columns: int = 1, **kwargs: Any) -> None:
        """A text without a value."""
        x, y, width = self.place(line, column, columns)
        self.page.text(text, x, y, width, **kwargs)

    def table(self, name: str, line: float = 0, column: int = 0,
              columns: int = 1, lines: float | None = None,
              **traits: Any) -> None:
        """A table, without `lines` as tall as the room for it."""
        x, y, width = self.place(line, column, columns)
        height = (self.y + self.height - y if lines is None
                  else lines * ROW + LINE - ROW)
        self.page.add(TableElementModel, name, x, y, width, height,
                      **{"resizeToContents": True} | traits)

    def buttons(self, line: float, *slots: tuple[str, bool], column: int = 0,
                columns: int = 1) -> None:
        """Buttons of equal width in some columns; slots: (name, asks)."""
        x, y, width = self.place(line, column, columns)
        each = (width + GAP) / len(slots) // 5 * 5
        for number, (name, confirm) in enumerate(slots):
            self.page.button(name, x + number * each, y,
                             width - number * each
                             if number + 1 == len(slots) else each - GAP,
                             LINE, confirm)


def _label(text: str, x: float, y: float, width: float, height: float,
           size: int, weight: int, colour: str) -> LabelModel:
    return LabelModel(
        x=x, y=y, width=width, height=height, text=text, foreground=colour,
        font=FONT.format(size, weight), parent_component=DISPLAY)


def widget_size(size: tuple[int, int]) -> tuple[int, int]:
    """Size of the widget that shows a picture pixel by pixel."""
    width, height = (ceil((pixels + frame) / (1 - PADDING))
                     for pixels, frame in zip(size, FRAME, strict=True))
    return width, height


def picture_size(columns: int, height: int) -> tuple[int, int]:
    """(width, height) of the picture for a widget of so many columns.

    `height`: of the widget.
    """
    width, tall = (int(pixels * (1 - PADDING) - frame)
                   for pixels, frame in zip((span(columns), height), FRAME,
                                            strict=True))
    return width, tall
