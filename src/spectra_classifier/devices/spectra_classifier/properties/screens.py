"""The node `screens`: the pictures of the scenes and what they show.

One channel for each scene that shows some, so that a closed scene costs
nothing: pictures are drawn only while a client is connected.
"""
from karabo.middlelayer import (
    Configurable,
    Encoding,
    Image,
    Node,
    OutputChannel,
    String,
    UInt8,
    UInt32,
)

from ....live.preview import CHOICES, POSITION
from ...common.channels import DeviceOutputChannel
from ...common.scene_page import picture_size


def _picture(name: str, columns: int, height: int, description: str) -> Image:
    """A picture for a widget of so many columns of a scene, and a height."""
    width, height = picture_size(columns, height)
    return Image(
        displayedName=name, description=description, dtype=UInt8,
        shape=(height, width, 3), encoding=Encoding.RGB)


class OverviewPictures(Configurable):
    trend = _picture(
        "Trend", 12, 280, "Class fractions, mixture, confidence and "
                            "residual of the last minutes")
    spectrum = _picture(
        "Spectrum", 6, 270, "The latest spectrum over the references of "
                              "the classes, bins shaded by weight")
    difference = _picture(
        "Difference", 6, 270, "How two classes differ, with error band")


class PulsePictures(Configurable):
    pulseMap = _picture(
        "Pulse Map", 12, 570, "Class against pulse number, trains as rows")


class ExplainPictures(Configurable):
    votes = _picture(
        "Votes", 12, 470, "One pulse: its spectrum, the vote of every bin "
                            "of it and with what weight")


class BinPictures(Configurable):
    separability = _picture(
        "Separability", 12, 320, "Separability of every bin over the "
                                   "references of the classes")


def picture_channel(pictures: type[Configurable], title: str) -> OutputChannel:
    """An output channel with the pictures of one scene in `data`."""
    node = type(f"{pictures.__name__}Node", (Configurable,), {
        "data": Node(pictures, displayedName="Data",
                     description="What the scene shows")})
    return DeviceOutputChannel(
        node, displayedName=title,
        description="For scenes, at most 0.5 MB a second and only while one "
                    "is open")


class ScreensNode(Configurable):
    """What the scenes show; no code and no permit depends on it."""

    previewPulse = UInt32(
        displayedName="Preview Pulse", defaultValue=0,
        description="Position of the pulse that the preview shows; the next "
                    "one with a class where this has none")

    previewChoice = String(
        displayedName="Preview Choice", defaultValue=POSITION,
        options=list(CHOICES),
        description="Which pulse the preview explains: the one at "
                    "screens.previewPulse, or the least confident one")

    overview = picture_channel(OverviewPictures, "Overview")
    pulses = picture_channel(PulsePictures, "Pulses")
    explanation = picture_channel(ExplainPictures, "Explanation")
    bins = picture_channel(BinPictures, "Bins")


#: the channels of the node
CHANNELS = ("overview", "pulses", "explanation", "bins")


def size_of(pictures: type[Configurable], name: str) -> tuple[int, int]:
    """(width, height) of a picture, in pixels."""
    height, width, _ = getattr(pictures, name).shape
    return width, height
