"""What a source has sent, counted where it was sent."""
from collections import Counter, deque

#: faulty trains remembered one by one
REMEMBERED = 1000


class Ledger:
    """Counts messages; `report` gives plain numbers for JSON.

    `trains` and `pulses`: sent, faulty ones included; a repeated train
    counts twice, an end of stream does not. `pulses` are those that a
    receiver can count, from the extent of a matrix of counts.
    """

    def __init__(self):
        self.trains = self.pulses = 0
        self.not_sent = self.ends_of_stream = self.late = 0
        self.first_train = self.last_train = None
        self._labels = Counter()
        self._faulty_trains = Counter()
        self._faulty_pulses = Counter()
        self._faults = deque(maxlen=REMEMBERED)

    def sent(self, message):
        """A message was handed to the channel, or left out as a fault."""
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

    def ended(self):
        """An end of stream was sent."""
        self.ends_of_stream += 1

    def report(self):
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
