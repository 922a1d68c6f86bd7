"""What each alarm means and what to do about it: the alarms of the runbook.

`python -m docs_tables.remedies` prints the table; a test
compares it with `docs/runbook.md` and with the names of the alarms.
"""
from typing import NamedTuple

from spectra_classifier.core.decision.alarms import NAMES, OTHERS
from spectra_classifier.core.decision.conditions import CONDITIONS


class Remedy(NamedTuple):
    """`meaning`: what has happened; `action`: what to do; `returns`: how
    the permit comes back."""
    meaning: str
    action: str
    returns: str


ITSELF = "by itself"
ARM = "arm again"
ACKNOWLEDGE = "acknowledge"

REMEDIES = {
    "model": Remedy(
        "no model has been loaded, or the one in `modelPath` was refused",
        "read `modelStatus`: it names the file and the reason. Set "
        "`modelPath` to a file that is whole; `previousModel` goes back", ARM),
    "gate": Remedy(
        "`minIntensity` is 0: spectra without beam would get a class",
        "set it to -1 (the model's own) or to a value above the noise", ARM),
    "reactions": Remedy(
        "the model has other classes or bins than the one before",
        "look through `reactions` row by row, then write them (also "
        "unchanged)", ARM),
    "objection": Remedy(
        "the training of the model itself says that it should not permit",
        "train with repeated captures. An expert may give a reason in "
        "`overrideObjection`, which is audited", ARM),
    "latch": Remedy(
        "something that must not clear itself has happened: the sentence "
        "says what and at which train",
        "find out why, with the snapshot of that train; then acknowledge, "
        "which is refused until trains have proved that the cause is gone",
        ACKNOWLEDGE),
    "armed": Remedy(
        "nobody has armed it, or a change of model or configuration, a "
        "restart or an operator has disarmed it",
        "compare `modelId` and `appliedConfigHash` with what you expect, "
        "then arm", ARM),
    "fault": Remedy(
        "a train could not be used, the engine failed on it, or a second "
        "source sends",
        "read the sentence. Wrong shape or number of channels: the source "
        "has changed; connect the right one, or load its model. A second "
        "source: find out which one is right, and take the other one out of "
        "`input.connectedOutputChannels`", ITSELF),
    "fresh": Remedy(
        "no new train within `staleAfter`",
        "is the source sending? `input.missingConnections` names it if it is "
        "not connected. Trains that are repeated or late are not new", ITSELF),
    "accounting": Remedy(
        "the counts do not add up: a defect of this program",
        "take a snapshot, keep the log, report it. `reset` starts the counts "
        "anew; do not trust the device until the cause is known", ITSELF),
    "trainId": Remedy(
        "trains come without an id: lost ones cannot be counted",
        "restore the time server of the source. An expert may set "
        "`allowTrainIdZero`", ITSELF),
    "trainAge": Remedy(
        "the time stamps of the source are too old, or in the future",
        "compare the clocks of both hosts; look for a queue that fills up "
        "between them", ITSELF),
    "latency": Remedy(
        "from the entry of a train to its output it takes too long",
        "what else runs on this host? `queueHighWater` tells whether trains "
        "wait", ITSELF),
    "coverage": Remedy(
        "too small a part of the pulses is looked at",
        "as for `latency`; fewer pulses can be chosen with `pulseSelection`",
        ITSELF),
    "drift": Remedy(
        "the spectra are not what the model was taught with: the sentence "
        "names bin and cause",
        "axis or baseline moved: look at the spectrometer and take a new "
        "dark; a new peak: the sample. Teach anew before you raise "
        "`maxDrift`", ITSELF),
    "decided": Remedy(
        "no class has enough votes of the last trains",
        "between two states this is normal. Many unknown pulses: look at "
        "the preview", ITSELF),
    "reaction": Remedy(
        "a state of the sample that does not permit", "nothing is broken",
        ITSELF),
    "granted": Remedy(
        "all conditions hold, and the next train will grant", "wait", ITSELF),
    "sampleState": Remedy(
        "the reaction to the present state raises an alarm",
        "what your experiment says about this state", ITSELF),
    "loss": Remedy(
        "trains are missing in front of the last ones received",
        "the table of the accounting tells the cause: *ours*: our event loop "
        "stood still (what else runs in this server, or on this host?); "
        "*disconnected*: the connection was gone; *unexplained*: a source "
        "that left them out, or a queue that is too short at its end",
        ITSELF),
    "degraded": Remedy(
        "the engine is too slow and leaves out pulses on purpose, evenly",
        "as for `latency`; it recovers by itself", ITSELF),
    "noBeam": Remedy(
        "monitor or shutter say that there is no beam, and the spectra show "
        "none",
        "nothing is wrong with the sample: ask for beam, or open the "
        "shutter", ITSELF),
    "sampleGone": Remedy(
        "the monitor says that there is beam, and the spectra show no signal",
        "look at the sample and at the way from it to the spectrometer",
        ITSELF),
}


def rows():
    """[(name, what has to hold, `Remedy`)] of all alarms, in their order."""
    needs = {condition.name: condition.needs for condition in CONDITIONS}
    return [(name, needs.get(name, ""), REMEDIES[name]) for name in NAMES]


def markdown():
    """The table of the runbook."""
    lines = ["| alarm | it means | do this | the permit comes back |",
             "|---|---|---|---|"]
    for name, needs, remedy in rows():
        meaning = remedy.meaning
        if name not in OTHERS:
            meaning += f" (needed: {needs})"
        meaning = meaning.replace("|", "\\|")
        lines.append(f"| `{name}` | {meaning} | {remedy.action} | "
                     f"{remedy.returns} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())
