"""What each fault must bring about; one table for rehearsal, tests, docs."""
from dataclasses import dataclass

from spectra_classifier.simulation.stream.faults import FAULTS, describe

#: seconds that a guard believes in a renewal at the most
LEASE = 1.
#: seconds after which a shutter that nobody holds closes by itself
HOLD = 1.
#: reading clocks, waking up and one message on a busy machine
SLACK = 0.5
#: who closes: the classifier with its word, the guard because that word did
#: not come, the shutter itself because nobody holds it
CLASSIFIER, GUARD, SHUTTER = "classifier", "guard", "shutter"
#: processing of one train, and the guard's close, after a train that denies
NEXT_TRAIN = 0.1


@dataclass(frozen=True)
class Expectation:
    """`within`: seconds to the closed shutter, None where it need not
    close; `by`: who has to notice it; `reason`: words of the permit's
    reason for a train that denies, "" where the train itself may permit;
    `usable`: False where no pulse of the train shows a class; `what`: the
    fault in words.
    """
    what: str
    within: float | None = None
    by: str = ""
    reason: str = ""
    usable: bool = True

    @property
    def denies(self) -> bool:
        """Whether the faulty train itself must not permit."""
        return bool(self.reason)


def _denying(name: str, reason: str, usable: bool = False) -> Expectation:
    return Expectation(describe(name), NEXT_TRAIN + SLACK, CLASSIFIER, reason,
                       usable)


#: faults of the simulated source by name
SOURCE = {name: Expectation(describe(name)) for name in FAULTS} | {
    name: Expectation(describe(name), usable=False) for name in (
        "zero pulses", "negative", "all zero", "constant", "saturated",
        "NaN bits", "flipped bit")} | {
    "wrong channels": _denying("wrong channels", "channels"),
    "transposed": _denying("transposed", "channels"),
    "wrong rank": _denying("wrong rank", "shape"),
    "one dimension": _denying("one dimension", "channels"),
    "missing key": _denying("missing key", "no data.adc"),
    "stale time": _denying("stale time", "train age", usable=True),
    "train id 0": _denying("train id 0", "train id is 0", usable=True)}


def _silent(what: str) -> Expectation:
    """No word of the permit comes any more."""
    return Expectation(what, LEASE + SLACK, GUARD)


def _unheld(what: str) -> Expectation:
    """Nobody holds the shutter any more."""
    return Expectation(what, HOLD + SLACK, SHUTTER)


#: what is done to processes and their links, by name
PROCESS = {
    "classifier killed": _silent("SIGKILL of the classifier's server"),
    "classifier stopped": _silent(
        "SIGSTOP of the classifier's server for 2 to 4 s"),
    "classifier stopped briefly": Expectation(
        "SIGSTOP for less than 0.8 s: nothing may be lost"),
    "classifier without broker": _silent(
        "its broker connection is cut; the process ends and is started "
        "again"),
    "classifier's broker frozen": Expectation(
        "nothing passes its broker connection for 2 to 4 s; the data do"),
    "source killed": _silent("SIGKILL of the source's server"),
    "source stopped": _silent("SIGSTOP of the source's server for 2 to 4 s"),
    "guard killed": _unheld("SIGKILL of the guard's server"),
    "guard stopped": _unheld("SIGSTOP of the guard's server for 2 to 4 s"),
    "guard without broker": _unheld("its broker connection is cut"),
    "guard's broker frozen": _unheld(
        "nothing passes its broker connection for 2 to 4 s")}
#: those that end the process of the classifier, or of its source
DEADLY = frozenset({"classifier killed", "classifier without broker",
                    "source killed", "guard killed", "guard without broker",
                    "forged permits"})

#: what a crew does while the data flow; none of it may lose a train
WORK = {
    "model swapped": Expectation("another model file, then back"),
    "snapshot": Expectation("the slot snapshot"),
    "cores busy": Expectation("as many busy processes as cores, for 3 s")}

#: what somebody does who is wrong or means harm
ATTACK = {
    "second source": Expectation(
        "another device sends trains with the same ids to the classifier",
        NEXT_TRAIN + SLACK, CLASSIFIER, "sends as well as"),
    "forged permits": _unheld(
        "the guard is started with an input that is connected to a device "
        "which forges permits as well, and the classifier is stopped"),
    "list for scalar": _silent(
        "a list is set where the classifier has one number, then the source "
        "is stopped"),
    "few strips left": Expectation(
        "all strips but two are masked: no pulse has a class")}

EXPECTED = SOURCE | PROCESS | WORK | ATTACK
#: seconds for which less than the queues hold is held back
BRIEF = 0.8
