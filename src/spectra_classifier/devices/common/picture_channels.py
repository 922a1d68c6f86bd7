"""Channels with the pictures of a scene, drawn while one is open."""
from karabo.middlelayer import (
    Configurable,
    Encoding,
    Image,
    Node,
    OutputChannel,
    UInt8,
)

from .channels import DeviceOutputChannel
from .scene_page import picture_size


def picture(name: str, columns: int, height: int, description: str) -> Image:
    """A picture for a widget of so many columns of a scene, and a height."""
    width, height = picture_size(columns, height)
    return Image(
        displayedName=name, description=description, dtype=UInt8,
        shape=(height, width, 3), encoding=Encoding.RGB)


def picture_channel(pictures: type[Configurable], title: str) -> OutputChannel:
    """An output channel with the pictures of one scene in `data`."""
    node = type(f"{pictures.__name__}Node", (Configurable,), {
        "data": Node(pictures, displayedName="Data",
                     description="What the scene shows")})
    return DeviceOutputChannel(
        node, displayedName=title,
        description="For scenes, at most 0.5 MB a second and only while one "
                    "is open")


def size_of(pictures: type[Configurable], name: str) -> tuple[int, int]:
    """(width, height) of a picture, in pixels."""
    height, width, _ = getattr(pictures, name).shape
    return width, height
