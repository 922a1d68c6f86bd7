"""The state of the sample, train by train."""
from dataclasses import dataclass

from ..errors import ConfigurationError


@dataclass(frozen=True)
class Moment:
    """The sample during one train.

    Attributes
    ----------
    coordinate
        0 (pure first class) to 1 (pure second class) and, with three states,
        on to 2; in between the two neighbours are mixed, the fractional part
        being the share of the upper one.
    label
        The class with the larger share, the upper one at exactly one half.
    transition
        The nearest train, counted from the start, that is the first with
        another label.
    distance
        Number of trains to the nearest train that is mixed or the first with
        another label, 0 in such a train.
    """
    coordinate: float
    label: int
    transition: int
    distance: int

    @property
    def pure(self) -> bool:
        """Whether the sample is in one state."""
        return float(self.coordinate).is_integer()

    @property
    def state(self) -> tuple[int, float]:
        """Lower of the mixed classes, share of the next one."""
        lower = int(self.coordinate)
        return lower, self.coordinate - lower


@dataclass(frozen=True)
class Timeline:
    """Cyclic: the states up and down again.

    Two states give A, B, A, B ...; three A, B, C, B, A ...

    Attributes
    ----------
    states
        Number of states.
    hold
        Trains in each state.
    mixing
        Trains of growing share between two states; 0 is a sudden change.

    Raises
    ------
    ConfigurationError
        If one of them is too small.
    """
    states: int = 2
    hold: int = 60
    mixing: int = 20

    def __post_init__(self) -> None:
        if self.states < 2 or self.hold < 1 or self.mixing < 0:
            raise ConfigurationError(
                f"{self.states} states, each for {self.hold} trains, mixed "
                f"over {self.mixing}: expected at least 2, 1 and 0")

    @property
    def segment(self) -> int:
        """Trains from one pure state to the next."""
        return self.hold + self.mixing

    @property
    def period(self) -> int:
        """Trains after which everything repeats."""
        return 2 * (self.states - 1) * self.segment

    def at(self, index: int) -> Moment:
        """The `Moment` of train `index`, counted from the start (>= 0)."""
        number, within = divmod(index, self.segment)
        here, there = self._stop(number), self._stop(number + 1)
        share = max(0, within - self.hold + 1) / (self.mixing + 1)
        coordinate = here + (there - here) * share
        ahead = number * self.segment + self._change(here, there)
        behind = (number - 1) * self.segment + self._change(
            self._stop(number - 1), here)
        near = [ahead] if number == 0 else [behind, ahead]
        return Moment(coordinate, int(coordinate + 0.5),
                      min(near, key=lambda train: abs(train - index)),
                      self._distance(index, number, behind))

    def _stop(self, number: int) -> int:
        """State number of the hold in a segment: 0, 1, ... and back."""
        way = number % (2 * (self.states - 1))
        return min(way, 2 * (self.states - 1) - way)

    def _change(self, here: int, there: int) -> int:
        """First train of a segment's mixing, or after it, with the new
        label, counted from the start of the segment."""
        # up: a share of one half belongs to the new class; down: to the old
        steps = self.mixing + 1
        share = -(-steps // 2) if there > here else steps // 2 + 1
        return self.hold + share - 1

    def _distance(self, index: int, number: int, behind: int) -> int:
        """Trains from `index` to the nearest one that is mixed or changes;
        `behind`: the change at the end of the segment before."""
        begin = number * self.segment
        if index >= begin + self.hold:
            return 0
        ahead = begin + self.hold - index
        if number == 0:
            return ahead
        last = max(behind, begin - 1) if self.mixing else behind
        return min(ahead, index - last)
