"""Many steps of the chain from one number, replayed and made short.

A run is a row of episodes; each begins with devices that have just been
started, and is made by a seed of its own, so that what went wrong is found
again without the steps before.
"""
import random
import time
import traceback
from collections import Counter, deque
from dataclasses import dataclass, field

from .chain import Chain, Violation

#: steps of an episode
EPISODE = 2000
#: replays that are spent on making a trace short
REPLAYS = 150


@dataclass
class Found:
    """A violation: where it was, and the fewest steps that show it."""

    kind: str
    what: str
    seed: int
    episode: int
    step: int           # of the whole run
    trace: list

    def as_dict(self):
        return dict(vars(self))


@dataclass
class Report:
    """What a run was like."""

    steps: int = 0
    episodes: int = 0
    seconds: float = 0.
    cpu: float = 0.
    counts: Counter = field(default_factory=Counter)
    found: list = field(default_factory=list)

    def add(self, other):
        self.steps += other.steps
        self.episodes += other.episodes
        self.seconds = max(self.seconds, other.seconds)
        self.cpu += other.cpu
        self.counts += other.counts
        self.found += other.found
        return self


class Driver:
    """Says what happens next: plans, with anything at all in between."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.plan = deque()

    def step(self):
        """(name of the action, its arguments)."""
        if self.plan and self.random.random() < 0.94:
            return self.plan.popleft()
        if self.random.random() < 0.5:
            self.plan.extend(self._plan())
            return self.plan.popleft()
        return self._anything()

    # plans

    def _plan(self):
        number = self.random.randrange
        kind = self.random.choices(
            ("healthy", "open", "odd", "interlock", "changed", "silence",
             "guards", "masks", "gate", "forged", "restart", "repeated",
             "empty", "parts", "killed"),
            (5, 8, 4, 2, 4, 1, 1, 1, 0.5, 2, 0.4, 1, 0.5, 0.5, 0.1))[0]
        if kind == "healthy":
            return self._trains(number(2), 2 + number(8))
        if kind == "odd":
            return self._trains(None, 1 + number(4))
        if kind == "interlock":
            return [("change", (9, self.random.choice((1, 4)))),
                    *self._up(0), *self._trains(self.random.choice((1, 2)),
                                                2 + number(4)),
                    *self.random.sample([("call", (3,)), ("call", (2,))], 2),
                    ("call", (0,)), *self._trains(number(2), 1 + number(4)),
                    ("call", (2,)), ("call", (0,)), *self._trains(0, 3)]
        if kind == "changed":
            return [*self._up(0), self._change(), ("call", (0,)),
                    *self._trains(self.random.choice((0, 1, 2, None)), 3)]
        if kind == "silence":
            return [*self._up(0), *[("wait", (25,))] * (2 + number(5)),
                    *self._trains(0, 4)]
        if kind == "masks":
            return [("change", (6, 1)), *[step for _ in range(4) for step in (
                ("send", (14, number(1 << 13))), ("work", (2,)))],
                ("change", (6, 0)), ("change", (5, 2)),
                *self._trains(0, 2), ("change", (5, 0))]
        if kind == "gate":
            return [("repair", ()), ("change", (1, 1)), *self._up(0),
                    ("repair", ())]
        if kind == "forged":
            return [*self._up(0), *[step for _ in range(3) for step in (
                ("forge", (self.random.choice((1, number(12))),
                           self.random.choice((0, 2, 2)))),
                ("wait", (number(4),)))]]
        if kind == "guards":
            return [("start_guard", (number(9),)), *self._up(0)]
        if kind == "repeated":
            return [*self._up(0), *[step for _ in range(2 + number(6))
                                    for step in (("again", (1 + number(8),)),
                                                 ("work", (number(3),)))],
                    *[("call", (3,))] * (number(4) // 3),
                    *self._trains(0, 1 + number(3))]
        if kind == "empty":     # trains without a pulse
            return [*self._up(0), *[step for _ in range(2 + number(8))
                                    for step in (("send", (9,)),
                                                 ("work", (2,)),
                                                 ("hear", (2,)))],
                    ("call", (0,)), *self._trains(0, 2)]
        if kind == "parts":     # a source that stops sending some of them
            return [("send", (15 + number(3), number(1 << 13))),
                    ("work", (2,)), self._change(), *self._trains(0, 2),
                    ("connect", (0,)), *self._up(0)]
        if kind == "killed":
            return [*self._up(0), ("kill", (number(24),)),
                    *self._trains(0, 3)]
        if kind == "restart":
            return [("start_classifier", (number(3),)), *self._trains(0, 4),
                    ("swap", (number(4),)), *self._trains(0, 4),
                    *self._up(0)]
        return self._up(number(2))

    def _up(self, kind):
        """What opens, where nothing is in the way."""
        fix, chance = [], self.random.random()
        if chance < 0.2:        # some need a repair, some have to wait
            fix = [("repair", ())]
        elif chance < 0.3:
            fix = [("change", (9, 2))]
        elif chance < 0.31:
            fix = [("repair", ()), ("wait", (1100,))]
        return [*fix, *self._trains(kind, 3), ("call", (2,)), ("call", (0,)),
                ("guard_call", (3,)), ("guard_call", (0,)),
                *self._trains(kind, 3)]

    def _trains(self, kind, trains):
        steps = []
        for _ in range(trains):
            steps += [self._train(kind), ("work", (2,)), ("hear", (2,)),
                      ("wait", (self.random.choice((2, 3, 4, 10)),))]
        return steps

    def _train(self, kind):
        number = self.random.randrange
        if kind is None:
            return "send", (4 + number(18), number(1 << 13))
        if kind == 2:
            return "send", (4,)
        # another dress of the same class, now and then
        return "send", (kind + 2 if kind == 0 and not number(8) else kind,)

    def _change(self):
        number = self.random.randrange
        return self.random.choices(
            [("change", (number(22), number(5))), ("swap", (number(7),)),
             ("absurdity", (number(20),))], (8, 2, 0.3))[0]

    def _anything(self):
        number = self.random.randrange
        return self.random.choices([
            ("send", (number(22), number(1 << 13), 1, 0,
                      self.random.choice((0, 0, 0, number(6))))),
            ("send", (number(2), 0, self.random.choice(
                (0, 2, 3, 30, 999, 1001, 35_999, 36_001, 10**6, -5, -1200,
                 -40_000, None)))),
            ("again", (1 + number(6),)),
            ("send", (number(2), 0, self.random.choice((1, 2, 1001)), 1)),
            ("connect", (number(8) // 7,)),
            ("work", (1 + number(3),)),
            ("hear", (1 + number(3), number(3) == 0)),
            ("wait", (self.random.choice((0, 1, 7, 30, 110)),)),
            ("stall", (1 + number(30),)),
            ("set_clock", (self.random.choice(
                (-100., 100., -0.4, 0.4, 3.)),)),
            ("call", (number(5),)), self._change(),
            ("guard_call", (number(4),)), ("forge", (number(72), number(4))),
            ("guard_disconnect", ()), ("start_guard", (number(9),)),
            ("start_classifier", (number(3),)), ("kill", (number(24),)),
        ], (20, 6, 4, 4, 2, 8, 6, 8, 1.5, 1, 6, 5, 4, 6, 1, 0.6, 0.12,
            0.1))[0]


def do(chain, name, arguments):
    """One step and the check behind it; raises `Violation`."""
    try:
        getattr(chain, name)(*arguments)
    except Violation:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise Violation("crash", f"{name}: {error!r} at {where.filename}:"
                        f"{where.lineno}") from error
    chain.check()


def play(trace):
    """Do the steps of a trace; the `Violation` or None."""
    chain = Chain()
    try:
        for name, arguments in trace:
            do(chain, name, arguments)
    except Violation as violation:
        return violation
    finally:
        chain.close()
    return None


def run(steps, seed, limit=20, shorten=True, said=None):
    """Drive the chain for so many steps, or until `limit` violations."""
    report, known = Report(), Counter()
    wall, cpu = time.perf_counter(), time.process_time()
    while report.steps < steps and len(report.found) < limit:
        driver = Driver(f"{seed}:{report.episodes}")
        chain, trace = Chain(), []
        try:
            for _ in range(min(EPISODE, steps - report.steps)):
                trace.append(driver.step())
                report.steps += 1
                do(chain, *trace[-1])
        except Violation as violation:
            key = violation.kind, str(violation)[:45]
            known[key] += 1
            report.counts[f"violation {violation.kind}"] += 1
            if known[key] == 1:
                found = Found(violation.kind, str(violation), seed,
                              report.episodes, report.steps, trace)
                if shorten:
                    found.trace = shorter(trace, violation.kind)
                report.found.append(found)
                if said:
                    said(found)
        finally:
            report.counts.update(chain.counts)
            chain.close()
        report.episodes += 1
    report.seconds = time.perf_counter() - wall
    report.cpu = time.process_time() - cpu
    return report


def shorter(trace, kind):
    """Fewer steps that show a violation of the same kind."""
    left, size = REPLAYS, max(1, len(trace) // 2)
    while size and left > 0:
        at = len(trace)
        while at > 0 and left > 0:
            at = max(0, at - size)
            attempt = trace[:at] + trace[at + size:]
            left -= 1
            violation = play(attempt)
            if violation is not None and violation.kind == kind:
                trace = attempt
        size //= 2
    return trace
