"""The judge's own device: takes in results and truth, keeps nothing."""
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from karabo.middlelayer import Device, Hash, InputChannel, PipelineMetaData

from spectra_classifier.core.decision.mean_verdict import MeanCode
from spectra_classifier.core.spectra import Code

from ..demo.receiver import queued
from ..demo.records import in_order_of
from .judge import Judge
from .records import Said, Sent

LOWEST = min(Code)
REMEMBERED = 100    # trains


class Witness(Device):
    """Hands every train to `judge` as `Sent` and `Said`.

    `classes` of the model and `source_classes`, both in order, are set
    before it starts. `last`: the last `Said`, `last_truth` the last `Sent`,
    `last_good` the last of these without a fault;
    `recent`: the last of the former; `first_faulted`: time (as of
    `time.time`) of the first train of the last row with each fault;
    `problem`: what could not be read.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        super().__init__(configuration)
        self.judge: Judge               # as the classes
        self.classes: tuple[str, ...] = ()
        self.source_classes: tuple[str, ...] = ()
        self.last: Said | None = None
        self.last_truth: Sent | None = None
        self.last_good: Sent | None = None
        self.recent: deque[Said] = deque(maxlen=REMEMBERED)
        self.first_faulted: dict[str, float] = {}
        self.problem = ""

    @queued(InputChannel(raw=True, displayedName="Results",
                         description="Output of the classifier"))
    async def results(self, data: Hash, meta: PipelineMetaData) -> None:
        try:
            self.last = read_said(data, time.monotonic())
            self.recent.append(self.last)
            self.judge.said(self.last)
        except Exception as error:      # Karabo would only log it
            self.problem = f"results: {type(error).__name__}: {error}"

    @queued(InputChannel(raw=True, displayedName="Truth",
                         description="What the source knows of its pulses"))
    async def truth(self, data: Hash, meta: PipelineMetaData) -> None:
        try:
            truth = read_sent(data, time.monotonic(), self.source_classes,
                              self.classes)
            if self.last_truth is None or truth.fault != self.last_truth.fault:
                self.first_faulted[truth.fault] = time.time()
            self.last_truth = truth
            if not truth.fault:
                self.last_good = truth
            self.judge.sent(truth)
        except Exception as error:
            self.problem = f"truth: {type(error).__name__}: {error}"


def read_said(data: Hash, now: float) -> Said:
    """`Said` of what a classifier sends."""
    pulses = int(data["data.pulseCount"])
    label = np.asarray(data["data.label"], np.int8)
    # behind the last pulse there is nothing but the code for nothing
    coded = int((label[:pulses] >= LOWEST).sum()
                - (label[pulses:] != Code.SKIPPED).sum())
    return Said(
        int(data["data.trainId"]), now, pulses, coded,
        bool(data["data.permit"]), str(data["data.permitReason"]),
        int(data["data.permitSequence"]), float(data["data.latency"]),
        str(data["data.modelId"]), int((label[:pulses] >= 0).sum()),
        tuple(label[:pulses].tolist()),
        int(data["data.meanCode"]) == MeanCode.FOREIGN)


def read_sent(data: Hash, now: float, source_classes: Sequence[str],
              classes: Sequence[str]) -> Sent:
    """`Sent` of what a source tells of the truth."""
    pulses = int(data["data.pulseCount"])
    label = in_order_of(source_classes,
                        np.asarray(data["data.label"], np.int8)[:pulses],
                        classes)
    known = label[label >= 0]
    majority = int(np.bincount(known).argmax()) if len(known) else -1
    return Sent(int(data["data.trainId"]), now, majority,
                int(data["data.distance"]), str(data["data.fault"]),
                int(data["data.countable"]))
