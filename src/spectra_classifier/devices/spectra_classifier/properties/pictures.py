"""Channels that carry the pictures of the scenes.

One for each scene that shows some, so that a scene that is closed costs
nothing: pictures are drawn only while somebody is connected.
"""
from karabo.middlelayer import (
    Configurable,
    Encoding,
    Image,
    Node,
    OutputChannel,
    UInt8,
)

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
        "Votes", 1148, 536, "One pulse: its spectrum, what every bin says "
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
        description="For scenes, at most twice a second and only while one "
                    "is open")


class PictureChannels(Configurable):
    """What a device with these scenes has in the place of plots."""

    overviewPictures = picture_channel(OverviewPictures, "Overview Pictures")
    pulsePictures = picture_channel(PulsePictures, "Pulse Pictures")
    explainPictures = picture_channel(ExplainPictures, "Explain Pictures")
    binPictures = picture_channel(BinPictures, "Bin Pictures")


#: all of them, for those who set where they listen
CHANNELS = ("overviewPictures", "pulsePictures", "explainPictures",
            "binPictures")


def size_of(pictures: type[Configurable], name: str) -> tuple[int, int]:
    """(width, height) of a picture, in pixels."""
    height, width, _ = getattr(pictures, name).shape
    return width, height
