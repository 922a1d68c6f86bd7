"""What scenes are put together from: cards, named values, buttons, pictures.

Positions and sizes are pixels. Shapes lie below widgets, whatever the order.
"""
from collections.abc import Sequence
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

from ...colours import FAINT, INK

DISPLAY = "DisplayComponent"
EDITABLE = "EditableApplyLaterComponent"
FONT = "Source Sans Pro,{},-1,5,{},0,0,0,0,0"
LIGHT, BOLD = 50, 75
#: height of a line, distance of cards, room inside of them
ROW, GAP, PAD = 28, 10, 12
WIDTH = 1220
#: what the widget of a picture keeps free of its own width and height
FRAME, PADDING = (48, 34), 0.018
EDGE, CARD = "#CFCFCF", "#FAFAFA"


class Page:
    """Collects the widgets of one scene of one device."""

    def __init__(self, device_id: str) -> None:
        self._device_id = device_id
        self._shapes: list[Any] = []
        self._widgets: list[Any] = []

    def keys(self, *names: str) -> list[str]:
        return [f"{self._device_id}.{name}" for name in names]

    def add(self, model: type, names: str | Sequence[str], x: float, y: float,
            width: float, height: float = ROW, **traits: Any) -> None:
        """A widget on one property or several."""
        names = [names] if isinstance(names, str) else names
        traits.setdefault("parent_component", DISPLAY)
        self._widgets.append(model(
            keys=self.keys(*names), x=x, y=y, width=width, height=height,
            **traits))

    def text(self, text: str, x: float, y: float, width: float,
             height: float = ROW, size: int = 10, weight: int = LIGHT,
             colour: str = INK) -> None:
        self._widgets.append(LabelModel(
            x=x, y=y, width=width, height=height, text=text,
            foreground=colour, font=FONT.format(size, weight),
            parent_component=DISPLAY))

    def card(self, title: str, x: float, y: float, width: float,
             height: int) -> tuple[float, float]:
        """A frame with a title; returns the corner for its content."""
        self._shapes.append(RectangleModel(
            x=x, y=y, width=width, height=height, stroke=EDGE, fill=CARD,
            stroke_width=1.))
        if not title:
            return x + PAD, y + PAD
        self.text(title, x + PAD, y + 6, width - 2 * PAD, 24, 11, BOLD,
                  FAINT)
        return x + PAD, y + 34

    def named(self, text: str, name: str, x: float, y: float,
              width: float = 110, label: float = 130,
              model: type = DisplayLabelModel, **traits: Any) -> None:
        """A label with the value to its right."""
        self.text(text, x, y, label)
        self.add(model, name, x + label, y, width, **traits)

    def number(self, text: str, name: str, x: float, y: float,
               decimals: int = 3, **kwargs: Any) -> None:
        """`named` with a fixed number of decimals."""
        self.named(text, name, x, y, model=DisplayFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def watched(self, text: str, name: str, x: float, y: float,
                decimals: int = 3, **kwargs: Any) -> None:
        """`number` that changes colour at warnLow, warnHigh, alarmLow,
        alarmHigh."""
        self.named(text, name, x, y, model=DisplayAlarmFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def column(self, rows: Sequence[tuple[str, str]], x: float, y: float,
               **kwargs: Any) -> None:
        """One `named` below the other; rows: (text, property)."""
        for number, (text, name) in enumerate(rows):
            self.named(text, name, x, y + number * ROW, **kwargs)

    def lamp(self, text: str, name: str, x: float, y: float,
             label: float = 130, size: float = ROW - 2) -> None:
        """A boolean as a light."""
        self.text(text, x, y, label)
        self.add(ColorBoolModel, name, x + label, y, size, size)

    def button(self, name: str, x: float, y: float, width: float = 120,
               height: float = ROW, confirm: bool = False) -> None:
        self.add(DisplayCommandModel, name, x, y, width, height,
                 requires_confirmation=confirm)

    def table(self, name: str, x: float, y: float, width: float, height: int,
              **traits: Any) -> None:
        self.add(TableElementModel, name, x, y, width, height,
                 **{"resizeToContents": True} | traits)

    def link(self, text: str, target: str, x: float, y: float,
             width: float = 100) -> None:
        """A button that opens another scene of the device."""
        self.add(DeviceSceneLinkModel, "availableScenes", x, y, width,
                 target=target, text=text, font=FONT.format(10, LIGHT),
                 target_window=SceneTargetWindow.Dialog)

    def picture(self, path: str, size: tuple[int, int], x: float,
                y: float) -> None:
        """A picture of the device, pixel by pixel; `size`: (width, height)"""
        self.add(WebCamGraphModel, path, x, y, *widget_size(size))

    def header(self, links: Sequence[str] = (), wide: bool = False,
               alarms: bool = True) -> None:
        """First line: who, how it is, what is wrong, where else to look.

        `wide`: the alarm gets a line of its own; `alarms`: the device has
        some.
        """
        left = WIDTH - GAP - 105 * len(links) + 5
        self.add(DisplayLabelModel, "deviceId", GAP, GAP, 230,
                 font_weight="bold")
        self.add(DisplayStateColorModel, "state", 250, GAP, 150,
                 show_string=True)
        if alarms:
            self.add(GlobalAlarmModel, "alarmCondition", 410, GAP, 40)
            place = ((GAP, GAP + ROW + 6, WIDTH - 2 * GAP) if wide
                     else (455, GAP, left - 465))
            self.add(DisplayLabelModel, "alarmReason", *place)
        for number, name in enumerate(links):
            self.link(name.capitalize(), name, left + 105 * number, GAP)

    def scene(self, width: float, height: int) -> str:
        """The text of the scene."""
        return write_scene(SceneModel(
            width=width, height=height,
            children=[*self._shapes, *self._widgets]))


def widget_size(size: tuple[int, int]) -> tuple[int, int]:
    """Size of the widget that shows a picture pixel by pixel."""
    width, height = (ceil((pixels + frame) / (1 - PADDING))
                     for pixels, frame in zip(size, FRAME, strict=True))
    return width, height
