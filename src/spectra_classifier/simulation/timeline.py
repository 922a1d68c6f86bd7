"""What the sample does, train by train."""
from dataclasses import dataclass

from ..errors import ConfigurationError


@dataclass(frozen=True)
class Moment:
    """The sample during one train.

    `coordinate` runs from 0 (pure first class) to 1 (pure second class) and,
    with three states, on to 2; in between the two neighbours are mixed, the
    fractional part being the share of the upper one. `label` is the class
    with the larger share, the upper one at exactly one half. `transition` is
    the nearest train, counted from the start, that is the first with another
    label; `distance` the number of trains to the nearest train that is mixed
    or the first with another label, 0 in such a train.
    """
    coordinate: float
    label: int
    transition: int
    distance: int

    @property
    def pure(self):
        return float(self.coordinate).is_integer()

    @property
    def state(self):
        """Lower of the mixed classes, share of the next one."""
        lower = int(self.coordinate)
        return lower, self.coordinate - lower


@dataclass(frozen=True)
class Timeline:
    """Cyclic: the states up and down again, each for `hold` trains.

    Between two states lie `mixing` trains of growing share; 0 is a sudden
    change. Two states give A, B, A, B ...; three A, B, C, B, A ...
    """
    states: int = 2
    hold: int = 60
    mixing: int = 20

    def __post_init__(self):
        if self.states < 2 or self.hold < 1 or self.mixing < 0:
            raise ConfigurationError(
                f"{self.states} states, each for {self.hold} trains, mixed "
                f"over {self.mixing}: expected at least 2, 1 and 0")

    @property
    def segment(self):
        """Trains from one pure state to the next."""
        return self.hold + self.mixing

    @property
    def period(self):
        """Trains after which everything repeats."""
        return 2 * (self.states - 1) * self.segment

    def at(self, index):
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

    def _stop(self, number):
        """State number of the hold in a segment: 0, 1, ... and back."""
        way = number % (2 * (self.states - 1))
        return min(way, 2 * (self.states - 1) - way)

    def _change(self, here, there):
        """First train of a segment's mixing, or after it, with the new
        label, counted from the start of the segment."""
        # up: a share of one half belongs to the new class; down: to the old
        steps = self.mixing + 1
        share = -(-steps // 2) if there > here else steps // 2 + 1
        return self.hold + share - 1

    def _distance(self, index, number, behind):
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
