"""What a source has sent, counted where it was sent."""
from collections import Counter, deque

from ...model.strict_json import JsonObject
from .faults import Message

#: faulty trains remembered one by one
REMEMBERED = 1000


class Ledger:
    """Counts messages; `report` gives plain numbers for JSON.

    Attributes
    ----------
    trains, pulses
        Sent, faulty ones included; a repeated train counts twice, an end of
        stream does not. `pulses` are those that a receiver can count, from the
        extent of a matrix of counts.
    not_sent, ends_of_stream, late
        Trains that a fault held back, ends of stream, late trains.
    first_train, last_train
        Train ids, None before the first train.
    """

    def __init__(self) -> None:
        self.trains = self.pulses = 0
        self.not_sent = self.ends_of_stream = self.late = 0
        self.first_train: int | None = None
        self.last_train: int | None = None
        self._labels: Counter[int] = Counter()
        self._faulty_trains: Counter[str] = Counter()
        self._faulty_pulses: Counter[str] = Counter()
        self._faults: deque[list[int | str]] = deque(maxlen=REMEMBERED)

    def sent(self, message: Message) -> None:
        """Count a message that was sent, or held back as a fault."""
        if message.fault:
            self._faulty_trains[message.fault] += 1
            self._faulty_pulses[message.fault] += message.pulses
            self._faults.append([message.train_id, message.fault])
        if message.arrays is None:
            if message.fault == "gap":
                self.not_sent += 1
            else:
                self.ended()
            return
        self.trains += 1
        self.pulses += message.pulses
        if self.first_train is None:
            self.first_train = message.train_id
        self.last_train = message.train_id
        if message.pulses == message.train.pulses:
            self._labels.update(message.train.label.tolist())

    def ended(self) -> None:
        """Count an end of stream."""
        self.ends_of_stream += 1

    def report(self) -> JsonObject:
        """Everything, as values that JSON knows.

        "by_label": pulses per true label (negative: no class), of trains
        whose matrix has one row per pulse; "faults": trains and pulses per
        fault; "faulty_trains": the last [train id as sent, fault].
        """
        return {
            "trains": self.trains, "pulses": self.pulses,
            "first_train": self.first_train, "last_train": self.last_train,
            "trains_not_sent": self.not_sent, "trains_late": self.late,
            "ends_of_stream": self.ends_of_stream,
            "by_label": {str(label): count for label, count
                         in sorted(self._labels.items())},
            "faults": {name: {"trains": count,
                              "pulses": self._faulty_pulses[name]}
                       for name, count in self._faulty_trains.items()},
            "faulty_trains": list(self._faults)}
