"""What the judge keeps of a train; small, for runs of many hours."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Sent:
    """A train as its source knows it.

    `at`: arrival of the truth at the judge, monotonic s; `majority`: true
    class in the order of the model, -1 unknown; `distance`: trains to the
    nearest mixed or changing one; `fault`: what was done to it, "" for
    nothing; `countable`: pulses that a receiver can count.
    """
    train_id: int
    at: float
    majority: int
    distance: int
    fault: str
    countable: int


@dataclass(frozen=True)
class Said:
    """The same train as the classifier published it.

    `at`: arrival at the judge, monotonic s; `pulses`: `pulseCount`;
    `codes`: of these pulses;
    `coded`: how many of them carry a code that exists and agrees with the
    rest of the vector, and `classed` how many the code of a class; `latency`
    in ms; `foreign`: their mean is like no taught state.
    """
    train_id: int
    at: float
    pulses: int
    coded: int
    permit: bool
    reason: str
    sequence: int
    latency: float
    model: str = ""
    classed: int = 0
    codes: tuple[int, ...] = ()
    foreign: bool = False
