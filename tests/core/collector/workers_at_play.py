"""Codes without a classifier, and a collector without Karabo."""
import numpy as np

from spectra_classifier.core.collector import Codes, Collation, Limits
from spectra_classifier.core.drift import DriftReport
from spectra_classifier.core.trains.accounting import Ledger

PATIENCE = 0.25


def codes(train_id, worker="a", pulses=3, number=0, **changes):
    """`Codes` of a train whose pulses are all of class 0."""
    ones = np.ones(pulses, np.float32)
    table = np.ones((pulses, 2), np.float32)
    return Codes(**{
        "worker": worker, "train_id": train_id, "number": number,
        "label": np.zeros(pulses, np.int8),
        "pulse_ids": np.arange(pulses, dtype=np.uint64), "confidence": ones,
        "scores": table, "mixture": table, "residual": ones,
        "intensity": ones, "model_id": "m", "config_hash": "c", "gate": 5.,
        "drift": DriftReport(0.1, "", "")} | changes)


class Desk:
    """A `Collation` with its ledger, driven as a device does it."""

    def __init__(self, workers=("a", "b"), **limits):
        self.collation = Collation(Limits(**{"patience": PATIENCE} | limits))
        self.ledger = Ledger()
        self.out = []           # (id, time) as released
        self.now = 100.
        self.number = 0
        self.counted = []       # by the worker, as released
        for name in workers:
            self.collation.book.joined(name, self.now)

    def deliver(self, *args, **kwargs):
        self.number += 1
        self.ledger = self.collation.deliver(
            codes(*args, **{"number": self.number} | kwargs), self.now,
            self.ledger)
        self.take()

    def take(self):
        self.ledger = self.collation.expire(self.now, self.ledger)
        while (released := self.collation.take(self.now)) is not None:
            one = released.codes
            self.ledger, arrival = self.ledger.arrive(
                one.train_id, one.pulses, believed=True)
            self.collation.arrived(one.train_id, arrival.kind, self.ledger)
            self.ledger = self.ledger.classify({
                "classified": one.pulses, "skipped": 0, "low_intensity": 0,
                "saturated": 0, "bad_data": 0}).write(one.pulses)
            self.collation.book.workers[one.worker].count("written", one)
            self.counted.append(one.counted)
            self.out.append((one.train_id, self.now))

    def later(self, seconds):
        """Time passes; what is due is taken when it is due."""
        end = self.now + seconds
        while (due := self.collation.due()) <= end:
            self.now = max(self.now, due)
            self.take()
        self.now = end

    @property
    def ids(self):
        return [number for number, _ in self.out]

    @property
    def lost(self):
        return sum(self.ledger.lost.values())

    def problem(self):
        return self.ledger.identity() or self.collation.reconcile(self.ledger)
