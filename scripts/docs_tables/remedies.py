"""Meaning of each alarm and what to do about it: alarms of the runbook.

`python -m docs_tables.remedies` prints the table; a test compares it with
`docs/runbook.md` and with the names of the alarms.
"""
from typing import NamedTuple

from spectra_classifier.core.decision.alarms import NAMES, OTHERS
from spectra_classifier.core.decision.permit_conditions import CONDITIONS


class Remedy(NamedTuple):
    """What an operator needs to know about an alarm.

    Attributes
    ----------
    meaning
        What has happened.
    action
        What to do.
    returns
        How the permit is granted again.
    """
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
        "check `reactions` row by row, then write them (even if "
        "unchanged)", ARM),
    "objection": Remedy(
        "according to its own training the model should not permit",
        "train with repeated captures. An expert may give a reason in "
        "`model.overrideObjection`, which is audited", ARM),
    "latch": Remedy(
        "something that must not clear itself has happened: the reason "
        "names it and the train",
        "find the cause, with the snapshot of that train; then acknowledge, "
        "which is rejected until trains without the cause have been processed",
        ACKNOWLEDGE),
    "armed": Remedy(
        "nobody has armed it, or a change of model or configuration, a "
        "restart or an operator has disarmed it",
        "compare `modelId` and `model.appliedConfigHash` with what you "
        "expect, then arm", ARM),
    "fault": Remedy(
        "a train could not be used, the engine failed on it, or a second "
        "source sends",
        "read the reason. Wrong shape or number of channels: the source "
        "has changed; connect the right one, or load its model. A second "
        "source: find out which one is right, and remove the other one from "
        "`input.connectedOutputChannels`", ITSELF),
    "fresh": Remedy(
        "no new train within `conditions.staleAfter`",
        "is the source sending? `input.missingConnections` names it if it is "
        "not connected. Trains that are repeated or late are not new", ITSELF),
    "accounting": Remedy(
        "the counts do not add up: a defect of this program",
        "take a snapshot, keep the log, report it. `reset` restarts the "
        "counts; do not rely on the device until the cause is known", ITSELF),
    "trainId": Remedy(
        "trains come without an id: lost ones cannot be counted",
        "restore the time server of the source. An expert may set "
        "`conditions.allowTrainIdZero`", ITSELF),
    "trainAge": Remedy(
        "the time stamps of the source are too old, or in the future",
        "compare the clocks of both hosts; look for a queue that fills up "
        "between them", ITSELF),
    "latency": Remedy(
        "the time from the entry of a train to its output is too long",
        "what else runs on this host? `load.queueHighWater` shows whether "
        "trains wait", ITSELF),
    "coverage": Remedy(
        "too few of the pulses are classified",
        "as for `latency`; fewer pulses can be chosen with "
        "`source.pulseSelection`",
        ITSELF),
    "drift": Remedy(
        "the spectra differ from the training spectra: the reason names bin "
        "and cause",
        "axis or baseline moved: look at the spectrometer and take a new "
        "dark; a new peak: the sample. Train again before you raise "
        "`conditions.maxDrift`", ITSELF),
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
        "follow the procedure of your experiment for this state", ITSELF),
    "loss": Remedy(
        "trains are missing before the last ones received",
        "the accounting table gives the cause: *ours*: our event loop was "
        "blocked (what else runs in this server, or on this host?); "
        "*disconnected*: the connection was lost; *unexplained*: a source "
        "that left them out, or a queue that is too short on its side",
        ITSELF),
    "degraded": Remedy(
        "the engine is too slow and leaves out pulses on purpose, evenly",
        "as for `latency`; it recovers by itself", ITSELF),
    "noBeam": Remedy(
        "monitor or shutter report no beam, and the spectra show no signal",
        "the sample is not the cause: ask for beam, or open the shutter",
        ITSELF),
    "sampleGone": Remedy(
        "the monitor reports beam, and the spectra show no signal",
        "check the sample and the path to the spectrometer",
        ITSELF),
    "foreign": Remedy(
        "the mean of a pulse pattern is like no mixture of the taught states",
        "look at the spectrum and at the drift: a state that nobody taught, "
        "or an instrument that has changed; teach it, or mend it", ITSELF),
}


def rows() -> list[tuple[str, str, Remedy]]:
    """(name, condition, `Remedy`) of all alarms, in their order."""
    needs = {condition.name: condition.needs for condition in CONDITIONS}
    return [(name, needs.get(name, ""), REMEDIES[name]) for name in NAMES]


def markdown() -> str:
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
