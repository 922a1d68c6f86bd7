"""The whole chain under the eyes of the oracle: what can be done, and checks.

`Chain` has one method for each thing that can happen, with small integers as
arguments, so that a seeded driver and hypothesis use the same ones and every
trace can be replayed.  It keeps what was *sent* and *asked for*, and holds
what comes out against the three references.
"""
import atexit
import math
import os
import shutil
import tempfile
from collections import Counter, deque
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from karabo.middlelayer import Hash
from karabo.native import decodeBinary

from spectra_lab.reference_decision import Mind, Pattern, Rules, broken, vote

from . import adapter, payloads
from .reference_codes import (
    BAD,
    SKIPPED,
    UNKNOWN,
    Judged,
    Limits,
    Model,
    judge,
)
from .reference_lease import Heard, may_open

#: s between two looks of the guard, and of the classifier at the clock
GUARD_PERIOD, WATCH_PERIOD = 0.05, 0.1
SOURCE, STRANGER = "source:output", "stranger:output"
MAX_PULSES, MAX_CLASSES = 8, 3


class Violation(AssertionError):
    """A condition of the specification that does not hold."""

    def __init__(self, kind, what):
        super().__init__(f"{kind}: {what}")
        self.kind = kind


@dataclass(frozen=True, eq=False)
class Edge:
    """What is in force from a train on, as it was asked for."""

    number: int
    values: dict
    model: Model | None
    path: str
    rules: Rules
    limits: Limits
    cleared: int        # number of the last edge that no vote may pass

    @property
    def gate(self):
        own = self.model.manifest["gate"]["min_intensity"]
        asked = self.values["minIntensity"]
        return own if asked < 0 else asked


@dataclass(eq=False)
class Sent:
    """A train that the source sent and the classifier got."""

    train_id: int
    payload: payloads.Payload
    source: str
    edge: Edge
    wall: float         # its time stamp
    received: float     # monotonic
    judged: Judged | None
    resets: int         # `reset` forgets the last id


def reactions(low, high, unknown=None):
    """Rows of the table: each (alarm, permit)."""
    rows = [("low", *low), ("high", *high)]
    rows += [("unknown", *unknown)] if unknown else []
    return rows


BASE = {
    "minConfidence": -1., "minIntensity": -1., "source.saturationLevel": -1.,
    "selectedBins": [], "dark.spectrum": [], "dark.rows": 1,
    "source.maskedStrips": [],
    "source.maskPath": "",
    "source.pulseSelection": "", "decision.pulsePatterns": [],
    "reactions": reactions(("none", True), ("warn", False)),
    "decision.window": 3, "decision.fraction": 0.6,
    "decision.minValidPulses": 1,
    "decision.minValidFraction": 0.1, "decision.minDwell": 0.,
    "conditions.staleAfter": 1.,
    "conditions.maxLatency": 500., "conditions.maxTrainAge": 1000.,
    "conditions.minCoverage": 0.5,
    "conditions.maxDrift": 1e6, "conditions.latching": False,
    "conditions.lease": 400.,
    "conditions.allowTrainIdZero": False, "model.overrideObjection": "",
    "load.engine": os.environ.get("ORACLE_ENGINE", "fused")}
#: what an operator may change, one at a time
CHANGES = (
    ("minConfidence", (-1., 0.9, 0.999, 0.)),
    ("minIntensity", (-1., 0., 50., 1000.)),
    ("source.saturationLevel", (-1., 250., 30_000.)),
    ("selectedBins", ([], [0], [1], [0, 1])),
    ("dark.spectrum", ([], [20.] * 16, [290., 90.] * 8)),
    ("source.maskedStrips", ([], [3], list(range(2, 15)), list(range(8)))),
    ("source.maskPath", ("", "data.mask")),
    ("source.pulseSelection", ("", "0:8:2", "1:2", "6:8")),
    ("decision.pulsePatterns",
     ([], [("even", 0, 2, 0, True), ("odd", 1, 2, 0, True)],
                       [("all", 0, 1, 0, True), ("odd", 1, 2, 0, False)],
                       [("late", 3, 1, 1, True)])),
    ("reactions", (reactions(("none", True), ("warn", False)),
                   reactions(("none", True), ("interlock", False)),
                   reactions(("none", True), ("none", True)),
                   reactions(("warn", False), ("none", True)),
                   reactions(("none", True), ("none", True),
                             ("interlock", False)))),
    ("decision.window", (1, 2, 3, 5, 12)),
    ("decision.fraction", (0.6, 0.51, 0.8, 1.)),
    ("decision.minValidPulses", (1, 3)),
    ("decision.minValidFraction", (0.1, 0.9)),
    ("decision.minDwell", (0., 0.15)), ("conditions.staleAfter", (1., 0.3)),
    ("conditions.maxLatency", (500., 60.)),
    ("conditions.maxTrainAge", (1000., 200.)),
    ("conditions.latching", (False, True)),
    ("conditions.lease", (400., 2000., 50.)),
    ("conditions.allowTrainIdZero", (False, True)),
    ("load.engine", ("numpy", "fused")))
#: values that are none; nobody knows what they would mean
ABSURD = (
    ("screens.previewPulse", [5]), ("expectedWrong.pulses", [27]),
    ("conditions.staleAfter", [1.]), ("decision.window", [3]),
    ("conditions.maxLatency", math.nan),
    ("conditions.maxTrainAge", math.nan), ("conditions.staleAfter", math.nan),
    ("conditions.staleAfter", 1e-300), ("minConfidence", math.nan),
    ("conditions.latching", "false"), ("conditions.allowTrainIdZero", "false"),
    ("conditions.lease", math.inf), ("decision.fraction", math.nan),
    ("load.degradeAfter", [250.]), ("snapshots.ringTime", [5.]),
    ("snapshots.interval", math.nan), ("reactions", [("low", "none", "false"),
                                                   ("high", "warn", "no")]),
    ("decision.minValidFraction", math.nan), ("decision.minDwell", math.nan),
    ("expectedWrong.minConfidence", [0.5]))
#: keys on which codes and votes depend: votes from before do not count
VOTING = {key for key, _ in CHANGES} - {
    "conditions.staleAfter", "conditions.maxLatency", "conditions.maxTrainAge",
    "conditions.latching", "conditions.lease",
    "conditions.allowTrainIdZero", "load.engine", "reactions",
    "decision.minDwell"}
GUARDS = (
    {}, {"conditions.latching": False}, {"enableOnStart": True},
    {"conditions.lease": 150.}, {"classifierId": ""},
    {"classifierId": "", "enableOnStart": True}, {"classifierId": "silent"},
    {"target.closeSlot": "open"},
    {"target.openSlot": "", "target.closeSlot": "", "target.holdSlot": "",
     "target.property": "flag", "target.closedValue": "true"})
#: guards that may open at all: of those above, by position
ABLE = {0, 1, 2, 3}
STARTS = ({}, {"conditions.armOnStart": True},
          {"conditions.armOnStart": True, "modelPath": ""})


@lru_cache(maxsize=1)
def _model_files():
    """Paths, and what the specification reads there; once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="oracle-models-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rows, make = payloads.ROWS, adapter.save_model
    common = {"rows": rows, "bins": payloads.BINS, "intensity": 10.,
              "confidence": 0.7, "residual": 0.3}
    paths = [
        make(folder / "a.onnx", ("low", "high"), **common),
        # the same weights, the names corrected
        make(folder / "b.onnx", ("high", "low"), **common, name="a"),
        # the same weights, another gate and limit
        make(folder / "c.onnx", ("low", "high"), **common | {
            "intensity": 150., "confidence": 0.97}, name="a"),
        make(folder / "d.onnx", ("low", "high", "third"), **common | {
            "rows": np.vstack([rows, np.linspace(50, 350, 16)])})]
    # threads of devices run when they are waited for: nobody is to wait here
    # until a process of low priority has compiled
    adapter.compile_engine(paths[0], BASE["load.engine"])
    return paths, {path: Model(path) for path in paths}


class Shutter:
    """What the guard drives."""

    def __init__(self):
        self.open = False
        self.commands = []

    def command(self, slot):
        self.commands.append(slot)
        if slot in ("open", "close"):
            self.open = slot == "open"

    def set(self, name, value):
        self.commands.append(f"{name}={value}")
        self.open = True if value is True else self.open

    def ask(self, name):
        return self.open if name in ("isOpen", "flag") else "shutter"


class Chain:
    """Source, classifier, guard and shutter, and what is known of them."""

    def __init__(self):
        self.world = adapter.World(GUARD_PERIOD)
        try:
            self._begin()
        except BaseException:   # it stands in for Karabo in this process
            self.world.close()
            raise

    def _begin(self):
        self.counts = Counter()
        self.paths, self.models = _model_files()
        self.bad_paths = [str(self.world.folder / "none.onnx"),
                          "relative.onnx"]
        self.names = {}         # what a hash or an id was seen for
        self.cache = {}
        self.next_id = 1000
        self.shutter = self.guard = self.classifier = None
        self.last_model = ""    # live before a restart
        self.start_classifier(0)
        self.start_guard(0)

    # start and stop

    def start_classifier(self, variant):
        """Start it, again perhaps: nothing that was armed is any more."""
        if self.classifier is not None:
            self.last_model = self.edge.path or self.last_model
            self.classifier.stop()
            if self.guard is not None:
                self._guard_end("end")
        values = {"modelPath": self.paths[0]} | STARTS[
            variant % len(STARTS)]
        self.counts["start"] += 1
        self.out, self.unheard, self.sent = [], deque(), deque()
        self.edges = 0
        self.values = dict(BASE)
        self._seen, self._perhaps = set(), set()
        self.armed = False
        self.latch = self.lost = False  # interlock; lost while latching
        self.cause = False
        # as published last; and whether it may stand, where that is unclear
        self.permit = self.stood = False
        self.news_at = -math.inf
        self.sequence = None
        self.exact, self.inexact = True, 0
        self.absurd = False
        self.classifier = adapter.ClassifierUnderTest(
            self.world, self._written, [SOURCE], deviceId="classifier",
            **{"source.pulseIdPath": "data.bunchId",
            "source.maxPulses": MAX_PULSES, "model.maxClasses": MAX_CLASSES,
            "auditing.directory": str(self.world.folder / "audit")},
            **{key: _rows(key, value) for key, value in BASE.items()},
            **values)
        self._set_edge(values["modelPath"])
        self._forget_state()
        self.classifier.work(8)
        if values.get("conditions.armOnStart") and values["modelPath"] and (
                self.last_model in ("", values["modelPath"])):
            self.armed = self._armable()
        self.classifier.connected(SOURCE)
        self.connected = {SOURCE}

    def start_guard(self, variant):
        if self.guard is not None:
            self.guard.stop()
        self.variant = variant % len(GUARDS)
        self.shutter = Shutter()
        self.history = deque(maxlen=12)
        self.guard_latch = self.was_open = False
        settings = {
            "classifierId": "classifier", "targetDevice": "shutter",
            "target.openSlot": "open", "target.closeSlot": "close",
            "target.holdSlot": "hold", "target.confirmProperty": "isOpen",
            } | GUARDS[self.variant]
        self.guard_settings = {
            "conditions.lease": 1000., "conditions.latching": True} | settings
        self.enabled = bool(settings.get("enableOnStart"))
        self.guard = adapter.GuardUnderTest(
            self.world, self.shutter, ["classifier:output"],
            deviceId="guard", **settings)
        self.heard_commands = 0
        self.counts[f"guard {self.variant}"] += 1

    def _forget_state(self):
        self.minds = {p.name: Mind([]) for p in self.edge.rules.patterns}
        self.mind_edge = self.edge
        self.newest = self.top = 0      # `top`: before the ids went back
        self.resets = self.newest_of = 0

    def _set_edge(self, path):
        self.edges += 1
        model = self.models.get(path)
        classes = model.classes if model else ["low", "high"]
        table = self.values["reactions"]
        of = {row[0]: row for row in table}
        patterns = tuple(Pattern(*row) for row in
                         self.values["decision.pulsePatterns"]) or (
            Pattern("all", 0, 1, 0),)
        v = self.values
        rules = Rules(
            window=v["decision.window"], fraction=v["decision.fraction"],
            min_pulses=v["decision.minValidPulses"],
            min_fraction=v["decision.minValidFraction"],
            max_latency=v["conditions.maxLatency"],
            max_age=v["conditions.maxTrainAge"],
            stale_after=v["conditions.staleAfter"],
            permits=frozenset(i for i, name in enumerate(classes)
                              if name in of and of[name][2] is True),
            interlocks=frozenset(
                i for i, name in enumerate([*classes, "unknown"])
                if name in of and of[name][1] == "interlock"),
            patterns=patterns, min_dwell=v["decision.minDwell"],
            min_coverage=v["conditions.minCoverage"],
            id_zero_allowed=v["conditions.allowTrainIdZero"])
        if len(classes) in rules.interlocks:    # that of unknown
            rules = replace(rules, interlocks=(
                rules.interlocks - {len(classes)}) | {UNKNOWN})

        def own(key):
            return None if v[key] < 0 else v[key]
        limits = Limits(
            tuple(v["selectedBins"]), own("minConfidence"),
            own("minIntensity"), own("source.saturationLevel"),
            tuple(v["dark.spectrum"]),
            tuple(v["source.maskedStrips"]), v["source.pulseSelection"])
        old = getattr(self, "edge", None)
        cleared = old.cleared if self.edges > 1 and old.path == path and not (
            any(old.values[key] != v[key] for key in VOTING)) else self.edges
        self.edge = Edge(self.edges, dict(v), model, path, rules, limits,
                         cleared)

    def _armable(self):
        edge = self.edge
        return edge.model is not None and edge.gate > 0

    # things that happen: trains

    def send(self, number, detail=0, step=1, source=0, age=0):
        """A chunk of the source reaches the input handler."""
        payload = payloads.payload(number, detail)
        name = (SOURCE, STRANGER)[source]
        if step is None:
            train_id = 0
        else:
            train_id = max(1, self.next_id + step - 1)
            self.next_id = train_id + 1
        wall = self.world.clock.time() - (
            0.02, 0.3, 5., -0.02, -5., 1e9)[age % 6]
        self.counts[f"sent {payload.name}"] += 1
        sent = self._sent(payload, train_id, name, wall)
        before = self.classifier.waiting
        self.classifier.receive(
            decodeBinary(payload.data), adapter.meta_of(
                name, adapter.timestamp(wall, train_id)))
        if self.classifier.waiting > before:
            self.sent.append(sent)
        elif not source and not self.world.errors.records:
            raise Violation("accounting", "a train of the source is not "
                                          "taken in")

    def again(self, back):
        """An id that was sent already, with other spectra."""
        keep, self.next_id = self.next_id, max(1, self.next_id - back)
        self.send(1, step=1)
        self.next_id = keep

    def _sent(self, payload, train_id, source, wall):
        edge = self.edge
        expected = _expected(payload.data)
        # what a source has sent it must go on sending, whatever is changed;
        # what is odd was seen perhaps
        whole = None if self._perhaps - expected else True
        if self._seen - expected:
            whole = False
        if payload.raw is not None and payload.good and whole and not (
                edge.values["source.maskPath"] and payload.mask is None):
            self._seen |= expected
        else:
            self._perhaps |= expected
        judged = None
        if payload.raw is not None and edge.model is not None:
            judged = self._judged(payload, edge, whole)
        return Sent(train_id, payload, source, edge, wall,
                    self.world.clock.now, judged, self.resets)

    def _judged(self, payload, edge, whole):
        key = payload.name, payload.data, edge.limits, edge.path, edge.values[
            "source.maskPath"], whole
        found = self.cache.get(key)
        if found is None:
            found = self._judge(payload, edge, whole)
            if len(self.cache) > 20_000:
                self.cache.clear()
            self.cache[key] = found
        return found

    @staticmethod
    def _judge(payload, edge, whole):
        pulses = len(payload.raw)
        refused = Judged((frozenset({BAD}),) * pulses)
        if whole is False or not payload.good or (
                edge.values["source.maskPath"] and payload.mask is None):
            return refused
        mask = payload.mask if edge.values["source.maskPath"] else None
        found = judge(edge.model, edge.limits, payload.raw, mask,
                      payload.settled or None)
        return found if whole else Judged(tuple(
            codes | {BAD} for codes in found.allowed))

    def work(self, items=1):
        """The worker thread takes so many items."""
        self.classifier.work(items)

    def connect(self, source):
        """The source connects (again), or a stranger does."""
        name = (SOURCE, STRANGER)[source]
        self.classifier.connected(name)
        if not source:
            self._seen, self._perhaps = set(), set()

    # the classifier writes

    def _written(self, fields, timestamp):
        """Every chunk that the classifier writes comes here, at once."""
        try:
            self._check_output(fields, timestamp)
        except Violation as violation:      # the device would log it only
            self.raised = self.raised or violation

    def _check_output(self, fields, timestamp):
        if not self.sent:
            raise Violation("accounting", "an output that nobody sent")
        sent = self.sent.popleft()
        self.unheard.append((fields, timestamp))
        get = fields.get
        if int(get("trainId")) != sent.train_id:
            raise Violation("order", f"{get('trainId')} is written where "
                                     f"{sent.train_id} is due")
        codes = [int(code) for code in
                 get("label")[:int(get("pulseCount"))]]
        self._check_codes(codes, sent, get)
        self._check_names(sent, get)
        news = self._follow(codes, sent, get)
        self._check_permit(codes, sent, get, news)

    def _check_codes(self, codes, sent, get):
        self.counts.update(f"code {code}" for code in set(codes))
        if (np.asarray(get("label")[len(codes):]) != SKIPPED).any():
            raise Violation("codes", "an entry behind pulseCount is no -5")
        if any(code >= 0 for code in codes):
            if sent.edge.model is None:
                raise Violation("codes", "a class without a model")
            if sent.judged is None:
                raise Violation("codes", f"a class of {sent.payload.name!r}")
        if sent.source != SOURCE:
            return      # what becomes of a stranger's train is its own
        if sent.judged is not None and get("fate") != "skipped" and (
                not self.absurd):
            if len(codes) != len(sent.judged.allowed):
                raise Violation("accounting", f"{len(codes)} codes for "
                                f"{len(sent.judged.allowed)} pulses")
            if misfit := sent.judged.misfit(codes):
                raise Violation("codes", "pulse {} of {!r} is {}, allowed "
                                "is {}".format(misfit[0], sent.payload.name,
                                               *misfit[1:]))
        confidence = np.asarray(get("confidence"))[:len(codes)]
        for code, sure in zip(codes, confidence, strict=True):
            if code >= 0 and not 0 <= sure <= 1:
                raise Violation("codes", f"class {code} at confidence {sure}")

    def _check_names(self, sent, get):
        """One id for one model, one hash for one configuration."""
        if self.absurd or sent.edge.model is None:
            return
        model = sent.edge.model.manifest["manifest_sha256"]
        what = repr((model, sorted(
            (key, value) for key, value in sent.edge.values.items()
            if key != "load.engine")))
        for kind, name, thing in (
                ("model id", get("modelId"), model),
                ("configuration hash", get("configHash"), what)):
            if self.names.setdefault((kind, name), thing) != thing:
                raise Violation("identity", f"{kind} {name!r} is that of two")

    def _follow(self, codes, sent, get):
        """The votes and the state of every pattern; whether it is news."""
        sequence = int(get("permitSequence"))
        news = self.sequence is None or sequence > self.sequence
        before, self.sequence = self.sequence, sequence
        if before is not None and not before <= sequence <= before + 1:
            raise Violation("sequence", f"{sequence} after {before}")
        if sent.source != SOURCE:
            if news and before is not None:
                raise Violation("stranger", "the train of a second source "
                                            "is news")
            return False
        if news and sent.resets != self.newest_of:
            self.newest, self.newest_of = 0, sent.resets
        if sent.train_id and sent.train_id == self.newest and news:
            raise Violation("sequence", f"train {sent.train_id} is news "
                                        "twice")
        edge = sent.edge
        if edge is not self.mind_edge:
            self._cross(edge)
        if not news:
            return False
        gap = sent.train_id - self.newest - 1
        lost = 0
        if sent.train_id:
            if self.newest and (gap >= 36_000 or gap < 0):
                for mind in self.minds.values():
                    mind.votes = []
                self.top = self.newest if gap < 0 else 0
            elif self.newest:
                lost = gap
                if lost and self.newest < self.top:
                    # some came before the ids went back, perhaps: not lost
                    self.exact, self.inexact = False, (
                        edge.rules.window + 1 + lost)
            self.newest = sent.train_id
        self.news_at = self.world.clock.now
        numbers = sent.payload.numbers if get("fate") == "classified" else (
            None)
        for pattern in edge.rules.patterns:
            mind = self.minds[pattern.name]
            mind.lose(lost, edge.rules)
            mind.hear(vote(codes, numbers, pattern, edge.rules),
                      self.world.clock.now, edge.rules)
        self._check_state(edge, get)
        primary = next(p.name for p in edge.rules.patterns if p.required)
        for name, mind in self.minds.items():
            # of the others a state may be one that the classifier forgot
            if self.exact or name == primary:
                mind.known = mind.known or mind.state >= 0
        self.inexact -= 1 + lost
        self.exact = self.exact or (self.inexact <= 0 and (
            edge.rules.min_dwell == 0 or all(
                mind.state >= 0 for mind in self.minds.values())))
        self._interlock(edge)
        return True

    def _cross(self, edge):
        """The first train under another configuration."""
        old, self.mind_edge = self.mind_edge, edge
        if edge.cleared > old.number:
            self.minds = {p.name: Mind([]) for p in edge.rules.patterns}
            self.exact, self.inexact = True, 0
        else:               # votes may be kept, or not, for a window
            self.exact, self.inexact = False, edge.rules.window
            for mind in self.minds.values():
                mind.known = False

    def _check_state(self, edge, get):
        if self.absurd:
            return
        pattern = next(p for p in edge.rules.patterns if p.required)
        mind = self.minds[pattern.name]
        state = int(get("sampleStateIndex"))
        if self.exact and state != mind.state:
            raise Violation("state", f"{state} where {mind.state} is decided "
                            f"by {mind.votes[-edge.rules.window:]}")
        if not self.exact:
            if state == mind.state:
                return
            if state >= 0 and not self._may_stand(mind, state, edge):
                raise Violation("state", f"{state} is not decided by "
                                f"{mind.votes[-edge.rules.window:]}")
            mind.state, mind.candidate = state, None

    @staticmethod
    def _may_stand(mind, state, edge):
        return mind.count(state, edge.rules) >= 1

    def _interlock(self, edge):
        primary = next(p.name for p in edge.rules.patterns if p.required)
        fired = [m for name, m in self.minds.items()
                 if (self.exact or name == primary)
                 and m.state in edge.rules.interlocks
                 and (m.state >= 0 or m.known)]
        if fired:
            self.latch = self.cause = True
            self.counts["interlock"] += 1
        elif self.cause and all(self._proved(m, edge)
                                for m in self.minds.values()):
            self.cause = False

    @staticmethod
    def _proved(mind, edge):
        """Decided, by votes, to be something that does not interlock."""
        return mind.state >= 0 or mind.count(
            UNKNOWN, edge.rules) >= 1 or len(mind.votes) >= edge.rules.window

    def _check_permit(self, codes, sent, get, news):
        permit, reason = get("permit"), get("permitReason")
        self.counts[f"condition {_short(reason)}"] += 1
        if type(permit) is not bool and type(permit) is not np.bool_:
            raise Violation("types", f"permit is a {type(permit)}")
        if "add up" in reason:
            raise Violation("accounting", reason)
        if not permit:
            if self.permit and self.armed and sent.edge.values[
                    "conditions.latching"] and sent.edge is self.edge and (
                    not self.absurd):
                self.lost = True
            self.permit = self.stood = False
            return
        self.counts["permit"] += 1
        if not news and not self.stood:
            raise Violation("permit", "granted by a train that is no news")
        selected = [code for code, left in zip(
            codes, _left_out(sent.edge.limits.chosen, len(codes)),
            strict=True) if not left]
        coverage = (1 - selected.count(SKIPPED) / len(selected)
                    if selected else 1.)
        drift = float(get("driftScore"))
        edge = sent.edge
        lacking = broken(
            armed=self.armed, model=edge.model is not None,
            age=1e3 * (self.world.clock.time() - sent.wall),
            latency=1e3 * (self.world.clock.now - sent.received),
            coverage=coverage,
            drift=drift <= edge.values["conditions.maxDrift"],
            adds_up="add up" not in get("problem"),
            latched=self.latch or self.lost,
            alone=sent.source == SOURCE, train_id=sent.train_id,
            states={name: mind.state for name, mind in self.minds.items()},
            rules=edge.rules)
        if edge.model is not None and not edge.gate > 0:
            lacking.append("the gate is off")
        if lacking and not self.absurd:
            raise Violation("permit", f"true although: {', '.join(lacking)}; "
                            f"train of {sent.payload.name!r}")
        self.permit = self.stood = True

    # the guard hears

    def hear(self, count=1, drop=False):
        """The guard gets what was written; or it is lost on the way."""
        for _ in range(count):
            if not self.unheard:
                return
            fields, timestamp = self.unheard.popleft()
            if drop:
                continue
            self.guard_word(fields, "classifier:output", timestamp)

    def guard_word(self, fields, source, timestamp):
        data = adapter.through_channel(fields)
        if source != "classifier:output":
            self.guard.hear(data, source, timestamp)
            return
        values = {key: data.get(f"data.{key}") for key in (
            "permit", "permitSequence", "permitValidFor")}
        self.history.append(Heard(
            self.world.clock.now, "word", source, values["permit"],
            values["permitSequence"], values["permitValidFor"]))
        self.guard.hear(data, source, timestamp)

    def forge(self, word, source=0):
        """Somebody else speaks, or the right one says odd things."""
        name = ("stranger:output", "classifier:other", "classifier:output",
                "silent:output")[source % 4]
        permit, valid = (
            (True, 400.), ("false", 400.), (True, math.nan),
            (True, math.inf), (True, -1.), (1, 400.), ([True], 400.),
            (True, "400"), (True, [400.]), (None, 400.), ("", 400.),
            (np.array([True]), 400.))[word % 12]
        self.forged = getattr(self, "forged", 10**6) + 1
        number = (self.forged, float(self.forged), str(self.forged),
                  [self.forged], -1, math.nan)[word // 12 % 6]
        if name == "classifier:output" and type(permit) is bool and (
                permit and type(valid) is float and valid > 0
                and math.isfinite(valid) and type(number) is int):
            return      # the believed output itself says a valid word
        self.counts["forged"] += 1
        fields = adapter.Fields(
            permit=permit, permitSequence=number, permitValidFor=valid,
            permitReason="forged", permitTrainId=5)
        if word % 7 == 6:
            del fields["permitReason"]
        self.guard_word(fields, name,
                        adapter.timestamp(self.world.clock.time(), 5))

    def _guard_end(self, kind):
        self.history.append(Heard(self.world.clock.now, "end"))
        self.guard.closed("classifier:output")

    def guard_disconnect(self):
        self._guard_end("end")

    # time

    def wait(self, hundredths):
        """Time passes while everything runs."""
        self.world.loop.advance(hundredths / 100)

    def stall(self, tenths):
        """Time passes while nothing runs (a process is stopped)."""
        self.world.clock.now += tenths / 10
        self.world.loop.advance(0)
        self.world.loop.advance(WATCH_PERIOD + GUARD_PERIOD)

    def set_clock(self, seconds):
        """Somebody sets the wall clock."""
        self.world.clock.offset += seconds

    # what people do

    def call(self, number):
        name = ("arm", "disarm", "acknowledge", "reset",
                "previousModel")[number]
        before = self.classifier.read("modelPath")
        refusal = self.classifier.call(name)
        self.counts[f"{name} {'refused' if refusal else 'done'}"] += 1
        if refusal:
            return
        if name == "arm":
            if not self._armable() and not self.absurd:
                raise Violation("arm", "armed without a model or gate")
            if (self.latch or self.lost) and not self.absurd:
                raise Violation("arm", "armed while something is latched")
            self.armed = True
        elif name == "disarm":
            self.armed = self.permit = False
        elif name == "acknowledge":
            if self.cause and not self.absurd and self.edge is (
                    self.mind_edge):
                raise Violation("latch", "acknowledged although the cause of "
                                         "the interlock stands")
            self.latch = self.lost = self.cause = False
        elif name == "previousModel":
            path = self.classifier.read("modelPath")
            if path != before:
                self._swapped(path)
        elif name == "reset":
            # behind the trains that wait: let them pass first
            self._settle_reset()

    def _settle_reset(self):
        for mind in self.minds.values():
            mind.votes, mind.state, mind.candidate = [], UNKNOWN, None
            mind.known = False
        self.permit = False
        self.resets += 1
        if self.sent:
            self.exact, self.inexact = False, self.edge.rules.window

    def change(self, number, choice):
        """An operator sets one property."""
        key, options = CHANGES[number % len(CHANGES)]
        value = options[choice % len(options)]
        refusal = self.classifier.reconfigure({key: _rows(key, value)})
        self.counts[f"change {'refused' if refusal else 'done'}"] += 1
        if refusal:
            return
        changed, self.values[key] = self.values[key] != value, value
        # all engines give the same codes
        if changed and key != "load.engine":
            self._new_edge(self.edge.path)
        elif key == "reactions":            # this may have confirmed them
            self._new_edge(self.edge.path, self.armed)

    def repair(self):
        """An operator sets everything back to what it was at the start."""
        values = {key: BASE[key] for key in BASE
                  if self.values[key] != BASE[key]} | {
            "reactions": BASE["reactions"]}
        if self.edge.path != self.paths[0]:
            values["modelPath"] = self.paths[0]
        changed = self.values["reactions"] != BASE["reactions"]
        if self.classifier.reconfigure({
                key: _rows(key, value) for key, value in values.items()}):
            return
        self.values = dict(BASE)
        # all engines give the same codes; the reactions may be confirmed now
        self._new_edge(self.paths[0], self.armed and not (
            values.keys() - {"load.engine", "reactions"} or changed))

    def absurdity(self, number):
        """An operator sets what is no value."""
        key, value = ABSURD[number % len(ABSURD)]
        refusal = self.classifier.reconfigure({key: value})
        self.counts[f"absurd {'refused' if refusal else 'done'}"] += 1
        if refusal:
            return
        if key in self.values:      # nobody knows what it means now
            self.absurd = True
            self.exact, self.inexact = False, 10**9
            self.armed = False

    def swap(self, number):
        """Another model, a bad one, or none."""
        options = [*self.paths, *self.bad_paths, ""]
        path = options[number % len(options)]
        if self.classifier.reconfigure({"modelPath": path}):
            return
        self.counts["swap"] += 1
        if self.classifier.read("modelPath") != path:
            return      # refused while it was loaded
        if path != self.edge.path:
            self._swapped(path)

    def _swapped(self, path):
        for key in ("selectedBins", "model.overrideObjection"):
            self.values[key] = self.classifier.plain(key)
        self._new_edge(path)

    def _new_edge(self, path, armed=False):
        """From the next train on something else is in force: disarmed."""
        self.armed, self.permit = armed, self.permit and armed
        self.cause = False
        self._set_edge(path)

    def guard_call(self, number):
        name = ("enable", "disable", "close", "acknowledge")[number]
        refusal = self.guard.call(name)
        self.counts[f"guard {name}"] += 1
        if refusal:
            return
        if name == "enable":
            self.enabled = True
        elif name == "disable":
            self.enabled = False
        elif name == "close":
            self.guard_latch = True
        else:
            self.guard_latch = False

    def kill(self, number):
        """A task that has to run for ever ends; the next start is a new one.
        """
        one = (self.classifier, self.guard)[number % 2]
        name, runs = one.kill(number // 2)
        self.counts[f"killed {name}"] += 1
        if one is self.guard and self.shutter.open:
            raise Violation("dead task", f"{name} has ended, it stays open")
        if one is self.classifier:
            self.armed = self.permit = False
            self._check_property()
        self.world.loop.advance(1.)
        if not (runs() or one.process_ended):
            raise Violation("dead task", f"{name} has ended for good")
        if not one.process_ended:
            return
        self.world.processes_ended.clear()
        if one is self.guard:
            self._check_guard()
            self.start_guard(self.variant)
        else:
            self.start_classifier(0)

    # after every step

    def check(self):
        """What must hold at any time."""
        if self.raised:
            raise self.raised
        if self.world.ended:
            raise Violation("dead task", self.world.ended[0])
        if self.world.errors.records:
            record = self.world.errors.records.pop(0)
            self.world.errors.records.clear()
            raise Violation("traceback", record.getMessage() + (
                f": {record.exc_info[1]!r}" if record.exc_info else ""))
        self._check_property()
        self._check_guard()

    def _check_property(self):
        if self.classifier.shown("permit") is not True or self.absurd:
            return
        age = self.world.clock.now - self.news_at
        if not self.armed:
            raise Violation("property", "permit is true and nothing is armed")
        if not age <= self.edge.rules.stale_after + 2 * WATCH_PERIOD:
            raise Violation("property", f"permit is true {age:.2f} s after "
                                        "the last train")

    def _check_guard(self):
        commands = self.shutter.commands[self.heard_commands:]
        for command in commands:
            if command == "close" and self.was_open and self.enabled and (
                    self.guard_settings["conditions.latching"]):
                self.guard_latch = True
            if command in ("open", "close"):
                self.was_open = command == "open"
        self.shutter.commands.clear()
        self.heard_commands = 0
        if not self.shutter.open:
            return
        self.counts["open"] += 1
        if self.variant not in ABLE:
            raise Violation("guard", f"opened with {GUARDS[self.variant]}")
        last = self.history[-1].at if self.history else -math.inf
        now = max(last, self.world.clock.now - GUARD_PERIOD - 1e-6)
        if not may_open(list(self.history), now, "classifier:output",
                        self.guard_settings["conditions.lease"], self.enabled,
                        self.guard_latch):
            raise Violation("guard", f"open: enabled {self.enabled}, latched "
                            f"{self.guard_latch}, heard "
                            f"{list(self.history)[-3:]}")

    was_open, raised = False, None

    def close(self):
        self.guard.stop()
        self.classifier.stop()
        self.world.close()


@lru_cache(maxsize=4096)
def _expected(data):
    """What a source has to go on sending, of a payload."""
    content = decodeBinary(data)
    return frozenset(key for key in ("bunchId", "gain", "frameNumber")
                     if f"data.{key}" in content)


def _left_out(text, pulses):
    out = np.ones(pulses, bool)
    out[slice(*(int(part) if part else None for part in text.split(":")))
        if text else slice(None)] = False
    return out


def _rows(key, value):
    """A table as Karabo takes it."""
    names = {"reactions": ("sampleClass", "alarm", "permit"),
             "decision.pulsePatterns": ("name", "first", "step", "count",
                                        "required")
             }.get(key)
    if names is None:
        return value
    return [Hash(*(item for pair in zip(names, row, strict=True)
                   for item in pair)) for row in value]


def _short(reason):
    """The kind of a reason, without its numbers."""
    for word, kind in (
            ("all conditions", "all hold"), ("no verified", "model"),
            ("gate", "gate"), ("reactions are not", "reactions"),
            ("not fit", "objection"), ("latched", "latch"),
            ("armed", "armed"), ("no new train", "fresh"),
            ("train id", "trainId"), ("train age", "trainAge"),
            ("latency", "latency"), ("coverage", "coverage"),
            ("drift", "drift"), ("no class is decided", "decided"),
            ("does not permit", "reaction"), ("waiting", "granted")):
        if word in reason:
            return kind
    return "fault"
