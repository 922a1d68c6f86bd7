"""What scenes are put together from: cards, named values, buttons, pictures.

Positions and sizes are pixels. Shapes lie below widgets, whatever the order.
"""
from math import ceil

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

from .drawing.style import FAINT, INK

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

    def __init__(self, device_id):
        self._device_id = device_id
        self._shapes, self._widgets = [], []

    def keys(self, *names):
        return [f"{self._device_id}.{name}" for name in names]

    def add(self, model, names, x, y, width, height=ROW, **traits):
        """A widget on one property or several."""
        names = [names] if isinstance(names, str) else names
        traits.setdefault("parent_component", DISPLAY)
        self._widgets.append(model(
            keys=self.keys(*names), x=x, y=y, width=width, height=height,
            **traits))

    def text(self, text, x, y, width, height=ROW, size=10, weight=LIGHT,
             colour=INK):
        self._widgets.append(LabelModel(
            x=x, y=y, width=width, height=height, text=text,
            foreground=colour, font=FONT.format(size, weight),
            parent_component=DISPLAY))

    def card(self, title, x, y, width, height):
        """A frame with a title; returns the corner for its content."""
        self._shapes.append(RectangleModel(
            x=x, y=y, width=width, height=height, stroke=EDGE, fill=CARD,
            stroke_width=1.))
        if not title:
            return x + PAD, y + PAD
        self.text(title, x + PAD, y + 6, width - 2 * PAD, 24, 11, BOLD,
                  FAINT)
        return x + PAD, y + 34

    def named(self, text, name, x, y, width=110, label=130,
              model=DisplayLabelModel, **traits):
        """A label with the value beside it."""
        self.text(text, x, y, label)
        self.add(model, name, x + label, y, width, **traits)

    def number(self, text, name, x, y, decimals=3, **kwargs):
        """`named` with a fixed number of decimals."""
        self.named(text, name, x, y, model=DisplayFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def watched(self, text, name, x, y, decimals=3, **kwargs):
        """`number` that changes colour at warnLow, warnHigh, alarmLow,
        alarmHigh."""
        self.named(text, name, x, y, model=DisplayAlarmFloatModel, fmt="f",
                   decimals=str(decimals), **kwargs)

    def column(self, rows, x, y, **kwargs):
        """One `named` below the other; rows: (text, property)."""
        for number, (text, name) in enumerate(rows):
            self.named(text, name, x, y + number * ROW, **kwargs)

    def lamp(self, text, name, x, y, label=130, size=ROW - 2):
        """A boolean as a light."""
        self.text(text, x, y, label)
        self.add(ColorBoolModel, name, x + label, y, size, size)

    def button(self, name, x, y, width=120, height=ROW, confirm=False):
        self.add(DisplayCommandModel, name, x, y, width, height,
                 requires_confirmation=confirm)

    def table(self, name, x, y, width, height, **traits):
        self.add(TableElementModel, name, x, y, width, height,
                 **{"resizeToContents": True} | traits)

    def link(self, text, target, x, y, width=100):
        """A button that opens another scene of the device."""
        self.add(DeviceSceneLinkModel, "availableScenes", x, y, width,
                 target=target, text=text, font=FONT.format(10, LIGHT),
                 target_window=SceneTargetWindow.Dialog)

    def picture(self, path, size, x, y):
        """A picture of the device, pixel by pixel; `size`: (width, height)"""
        self.add(WebCamGraphModel, path, x, y, *widget_size(size))

    def header(self, links=(), wide=False, alarms=True):
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

    def scene(self, width, height):
        """The text of the scene."""
        return write_scene(SceneModel(
            width=width, height=height,
            children=[*self._shapes, *self._widgets]))


def widget_size(size):
    """Size of the widget that shows a picture pixel by pixel."""
    return tuple(ceil((pixels + frame) / (1 - PADDING))
                 for pixels, frame in zip(size, FRAME, strict=True))
