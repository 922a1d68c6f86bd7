"""What became of a train as a whole: part of every output."""
from karabo.middlelayer import AccessMode, Configurable, Double, String

READ = {"accessMode": AccessMode.READONLY}


class TrainHealth(Configurable):
    """What a collector has to know of a worker, train by train."""

    fate = String(
        displayedName="Fate",
        description="Of the train as a whole: classified, rejected or "
                    "skipped", **READ)

    problem = String(
        displayedName="Problem",
        description="What was wrong with this train; empty: nothing", **READ)

    coverage = Double(
        displayedName="Coverage",
        description="Share of the selected pulses that were looked at",
        **READ)

    gateLevel = Double(
        displayedName="Gate",
        description="Minimum intensity in force; 0: the gate is off", **READ)

    driftScore = Double(
        displayedName="Drift Score",
        description="Worst difference from the training in units of its "
                    "limit; NaN until something was compared", **READ)

    driftReason = String(
        displayedName="Drift Reason",
        description="The worst drift with its cause", **READ)

    beamState = String(
        displayedName="Beam",
        description="What monitor and shutter make of this very train: beam, "
                    "no beam, sample gone, or not known", **READ)

    beamReason = String(
        displayedName="Beam Reason", description="Why, with the numbers",
        **READ)
