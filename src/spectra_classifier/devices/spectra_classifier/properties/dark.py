"""The node `dark`: the dark spectrum, where it is from and kept."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorFloat,
)

from ...common.attributes import (
    EXPERT,
    MAX_CHANNELS,
    READ,
)


class DarkNode(Configurable):
    """The dark spectrum, where it is from, and whether it still fits."""

    spectrum = VectorFloat(
        displayedName="Spectrum", defaultValue=[],
        maxSize=2 * MAX_CHANNELS,
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Offset of every strip in raw units, in dark.rows rows "
                    "one behind the other. Empty: none",
        **EXPERT)

    rows = UInt32(
        displayedName="Rows", defaultValue=1, minInc=1, maxInc=2,
        description="Rows of dark.spectrum: one for all memory cells, or one "
                    "for even and one for odd cells", **EXPERT)

    trains = UInt32(
        displayedName="Trains", defaultValue=20, minInc=1, maxInc=6000,
        description="Trains that captureDark averages")

    maxAge = Double(
        displayedName="Max. Age", defaultValue=0., minInc=0., maxInc=1e9,
        unitSymbol=Unit.SECOND,
        description="An older dark raises a warning. 0: no limit",
        **EXPERT)

    path = String(
        displayedName="Path", defaultValue="",
        accessMode=AccessMode.INITONLY,
        description="Absolute path of the file (.npz) that keeps the dark "
                    "over a restart. Empty: dark_<device id>.npz in "
                    "spectra_classifier in the data folder of Karabo "
                    "($KARABO/var/data)", **EXPERT)

    status = String(
        displayedName="Status", defaultValue="no dark",
        description="Result of the last captureDark, and what is wrong with "
                    "the dark in force", **READ)

    progress = UInt32(
        displayedName="Progress", defaultValue=0, maxInc=100,
        unitSymbol=Unit.PERCENT,
        description="Share of the trains that captureDark has so far",
        **READ)

    age = Double(
        displayedName="Age", defaultValue=-1., unitSymbol=Unit.SECOND,
        description="Time since the dark in force was captured, -1: it was "
                    "set by hand, or there is none", **READ)

    trainId = UInt64(
        displayedName="Train ID", defaultValue=0,
        description="Last train of the dark in force", **READ)

    offset = Double(
        displayedName="Offset", defaultValue=0.,
        description="Counts above the dark in pulses without light, or below "
                    "it in the lowest strips", **READ)
