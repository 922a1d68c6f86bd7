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


def _picture(name: str, width: int, height: int, description: str) -> Image:
    return Image(
        displayedName=name, description=description, dtype=UInt8,
        shape=(height, width, 3), encoding=Encoding.RGB)


class OverviewPictures(Configurable):
    trend = _picture(
        "Trend", 1148, 264, "Class fractions, mixture, confidence and "
                            "residual of the last minutes")
    spectrum = _picture(
        "Spectrum", 550, 264, "The latest spectrum over the references of "
                              "the classes, bins shaded by weight")
    difference = _picture(
        "Difference", 550, 264, "How two classes differ, with error band")


class PulsePictures(Configurable):
    pulseMap = _picture(
        "Pulse Map", 1148, 600, "Class against pulse number, trains as rows")


class ExplainPictures(Configurable):
    votes = _picture(
        "Votes", 1148, 536, "One pulse: its spectrum, the vote of every bin "
                            "of it and with what weight")


class BinPictures(Configurable):
    separability = _picture(
        "Separability", 1148, 304, "Separability of every bin over the "
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
