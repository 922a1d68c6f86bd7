"""The node `screens`: the pictures of the scenes and what they show.

One channel for each scene that shows some, so that a closed scene costs
nothing: pictures are drawn only while a client is connected.
"""
from karabo.middlelayer import Configurable, String, UInt32

from ....live.preview import CHOICES, POSITION
from ...common.picture_channels import picture, picture_channel


class OverviewPictures(Configurable):
    trend = picture(
        "Trend", 12, 280, "Class fractions, mixture, confidence and "
                            "residual of the last minutes")
    spectrum = picture(
        "Spectrum", 6, 270, "The latest spectrum over the references of "
                              "the classes, bins shaded by weight")
    difference = picture(
        "Difference", 6, 270, "How two classes differ, with error band")


class PulsePictures(Configurable):
    pulseMap = picture(
        "Pulse Map", 12, 570, "Class against pulse number, trains as rows")


class ExplainPictures(Configurable):
    votes = picture(
        "Votes", 12, 470, "One pulse: its spectrum, the vote of every bin "
                            "of it and with what weight")


class BinPictures(Configurable):
    separability = picture(
        "Separability", 12, 320, "Separability of every bin over the "
                                   "references of the classes")


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
