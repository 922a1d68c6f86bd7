"""Defects planted on purpose, and whether the oracle finds each of them.

Every defect is one small change of the source, made in a temporary copy. It
is found by its text alone, whatever file it is in; one whose text is not
there exactly once is reported as not planted.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("src", "tests", "benchmarks", "pyproject.toml")
#: steps and s in which a defect has to be found
STEPS, TIMEOUT = 60_000, 900
#: compiling would take longer than finding, in every copy anew
WITHOUT_COMPILER = {"NUMBA_DISABLE_JIT": "1", "ORACLE_ENGINE": "numpy"}


@dataclass(frozen=True)
class Defect:
    """`old` becomes `new`; `old` may be given in several spellings."""

    name: str
    old: tuple
    new: str


DEFECTS = (
    Defect("nan-is-a-class", (
        "proved = voted & (beaten == share.shape[1] - 1) & (sure >= limit)",
        "unknown = tie | (sure < limit)"),
        "proved = np.ones(len(share), bool)\n    unknown = ~proved"),
    Defect("residual-has-no-limit", (
        "proved &= residual <= definition.unknown.max_residual",
        "unknown |= ~(residual <= definition.unknown.max_residual)"),
        "pass"),
    Defect("too-few-strips", (
        "if share >= definition.min_valid_share - _ROUNDING:",),
        "if True:"),
    Defect("votes-of-the-old-configuration", (
        "    return replace(reset(state), basis=basis, patterns=tuple(\n"
        "        PatternState() for _ in config.patterns))",),
        "    return replace(state, basis=basis)"),
    Defect("change-does-not-disarm", (
        "changed = (self.submitted is not None\n"
        "                   and self.submitted.hash != configuration.hash)",),
        "changed = False"),
    Defect("guard-believes-anybody", (
        "elif source != self._channel or self._strangers():",),
        "elif False:"),
    Defect("false-as-text-is-true", (
        '"permit": (is_bool, "a bool"),',),
        '"permit": (lambda value: True, "a bool"),'),
    Defect("lease-does-not-run-out", (
        "if self._holds(now) or not self.granted:",
        "if now <= self.deadline or not self.granted:"), "if True:"),
    Defect("guard-forgets-its-latch", (
        'latch = why if self.latching else ""',), 'latch = ""'),
    Defect("unconfigured-guard", (
        "if self.enableOnStart and not self._fault:",),
        "self._fault = ''\n"
        "        self._channel = 'classifier:output'\n"
        "        if self.enableOnStart:"),
    Defect("guard-cannot-close", (
        "if self.open_slot and self.open_slot == self.close_slot:",),
        "if False:"),
    Defect("second-source", (
        "        self._stranger, self._heard = name, now\n"
        "        return False",), "        return True"),
    Defect("arm-on-start-arms-later", (
        "if model.loaded is not configurator.started_with:",), "if False:"),
    Defect("reset-then-acknowledge", (
        "        causes=tuple(Cause(one.pattern) for one in state.causes))",),
        "        causes=())"),
    Defect("interlock-is-not-latched", (
        "return replace(state, latch=latch, causes=(*state.causes, *new))",
        "return replace(state, latch=fired, interlocked=True)"),
        "return state"),
    Defect("one-id-for-two-models", (
        '"manifest": _without_words(manifest, ()),',),
        '"manifest": 0,'),
    Defect("dead-watch", (
        "            if not await self._noticed(name, sentence, restart):\n",),
        "            if True:\n"),
    Defect("repeated-trains-vote", (
        "return self not in (TrainKind.REPEATED, TrainKind.LATE,\n"
        "                            TrainKind.STRAY)",),
        "return True"),
    Defect("lost-trains-take-no-place", (
        "gap = range(min(seen.lost, config.window), 0, -1)",),
        "gap = range(0)"),
    Defect("old-trains-permit", (
        "return _inside(getattr(view.seen, attribute), edge, attribute)",),
        "return True"),
    Defect("any-reaction-permits", ("lambda v: not _forbidding(v)",),
           "lambda v: True"),
    Defect("the-gate-is-off", ("lambda v: v.model.min_intensity > 0",),
           "lambda v: True"),
    Defect("silence-is-fresh", (
        "lambda v: v.silence <= v.config.stale_after",), "lambda v: True"),
    Defect("dark-is-not-taken-off", (
        "corrected -= np.asarray(dark, np.float32)",), "pass"),
    Defect("mask-is-ignored", (
        "return mask != 0, none",), "return None, none"),
    Defect("lost-frames-are-spectra", (
        "verdicts[partly_masked | ~received] = Code.BAD_DATA",
        "verdicts[partly_masked | _absent(arrays, pulses)] = Code.BAD_DATA"),
        "verdicts[partly_masked] = Code.BAD_DATA"),
)


def plant(names, seed):
    """Returns how many defects were not found."""
    chosen = [one for one in DEFECTS if names == ["all"] or one.name in names]
    missed = 0
    print("| defect | found at step | as |\n|---|---|---|", flush=True)
    for defect in chosen:
        step, words = _found(defect, seed)
        missed += step is None
        print(f"| {defect.name} | {step or '**not found**'} | {words} |",
              flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} found")
    return missed


def _found(defect, seed):
    with tempfile.TemporaryDirectory(prefix="oracle-plant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=(
                    shutil.ignore_patterns("__pycache__")))
            else:
                shutil.copy(source, copy / name)
        if not _planted(copy / "src", defect):
            return None, "not planted: its text is not there once"
        result = copy / "result.json"
        try:
            process = subprocess.run(
                [sys.executable, str(copy / "benchmarks" / "oracle.py"),
                 "--steps", str(STEPS), "--seed", str(seed), "--limit", "1",
                 "--as-found", "--json", str(result)], timeout=TIMEOUT,
                env=os.environ | WITHOUT_COMPILER, cwd=copy,
                capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return None, f"nothing in {TIMEOUT} s"
        if not result.exists():
            return None, f"failed: {process.stderr[-200:]}"
        found = json.loads(result.read_text())["violations"]
        if not found:
            return None, f"nothing in {STEPS} steps"
        return found[0]["step"], found[0]["what"][:100].replace("|", " ")


def _planted(source, defect):
    """Whether the defect is in the source now."""
    for old in defect.old:
        places = [path for path in source.rglob("*.py")
                  if path.read_text().count(old) == 1]
        if len(places) == 1:
            path, = places
            path.write_text(path.read_text().replace(old, defect.new))
            return True
    return False
