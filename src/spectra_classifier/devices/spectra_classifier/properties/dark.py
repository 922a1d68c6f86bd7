"""What is set and read around the scenes and the dark from the beam."""
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
)

from ...common.attributes import EXPERT, READ


class DarkSettings(Configurable):
    """How a dark spectrum is taken from the beam, and where it is kept."""

    darkTrains = UInt32(
        displayedName="Dark, Trains", defaultValue=20, minInc=1, maxInc=6000,
        description="Trains that captureDark averages")

    darkPath = String(
        displayedName="Dark Path", defaultValue="",
        accessMode=AccessMode.INITONLY,
        description="Absolute path of the file (.npz) that keeps the dark "
                    "over a restart. Empty: dark_<device id>.npz in "
                    "spectra_classifier in the data folder of Karabo "
                    "($KARABO/var/data)", **EXPERT)

    maxDarkAge = Double(
        displayedName="Max. Dark Age", defaultValue=0., minInc=0., maxInc=1e9,
        unitSymbol=Unit.SECOND,
        description="An older dark raises a warning. 0: any age will do",
        **EXPERT)


class DarkReadings(Configurable):
    """Where the dark spectrum comes from, and whether it still fits."""

    darkStatus = String(
        displayedName="Dark Status", defaultValue="no dark",
        description="What became of the last captureDark, and what speaks "
                    "against the dark in force", **READ)
    darkAge = Double(
        displayedName="Dark Age", defaultValue=-1., unitSymbol=Unit.SECOND,
        description="Time since the dark in force was captured, -1: it was "
                    "set by hand, or there is none", **READ)
    darkTrainId = UInt64(
        displayedName="Dark Train ID", defaultValue=0,
        description="Last train of the dark in force", **READ)
    darkProgress = UInt32(
        displayedName="Dark Progress", defaultValue=0, maxInc=100,
        description="Per cent of the trains that captureDark has so far",
        **READ)
    darkOffset = Double(
        displayedName="Dark Offset", defaultValue=0.,
        description="Counts above the dark in pulses without light, or below "
                    "it in the strips that have least", **READ)
