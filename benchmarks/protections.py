"""Take each protection away and see whether a test notices.

    python benchmarks/protections.py [--broker] [NAME ...]

Every protection is one small change of the source, made in a temporary copy
of the package; the tests named with it are run against the copy and must
fail, and not for want of time. A change that no test notices is printed as
SURVIVED, and the exit status is 1. The working tree is not touched.
`--broker` takes the changes whose tests need a broker too (some minutes).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("src", "tests", "pyproject.toml", "models", "manifest")
TIMEOUT = 300  # s for the tests of one change


@dataclass(frozen=True)
class Protection:
    """`old` in `file` (below src/spectra_classifier) becomes `new`; the
    `tests` must fail then. `broker`: they need one."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple
    broker: bool = False


def condition(name, old):
    """A row of the permit that always holds."""
    return Protection(
        f"permit: {name}",
        "core/decision/conditions.py",
        old,
        old.partition("lambda v: ")[0]
        + "lambda v: True or "
        + old.partition("lambda v: ")[2],
        ("tests/core/decision",),
    )


PERMIT = "tests/core/decision"
PROCESSES = "tests/faults/test_processes.py::"
PROTECTIONS = (
    condition("verified model", "lambda v: v.model.verified"),
    condition("gate", "lambda v: v.model.min_intensity > 0"),
    condition("reactions confirmed", "lambda v: v.model.reactions_confirmed"),
    condition("latch", "lambda v: not v.state.latch"),
    condition("armed", "lambda v: v.state.armed"),
    condition("fault", "lambda v: not v.fault"),
    condition("fresh", "lambda v: v.silence <= v.config.stale_after"),
    condition("reaction permits", "lambda v: not _forbidding(v)"),
    condition(
        "decided", "lambda v: all(state.state >= 0 for _, state in v.required)"
    ),
    condition(
        "silence only withdraws", "lambda v: v.renewed or v.state.permit"
    ),
    Protection(
        "permit: train age and latency limits",
        "core/decision/conditions.py",
        "return _inside(getattr(view.seen, attribute), edge, attribute)",
        "return True",
        (PERMIT,),
    ),
    Protection(
        "permit: limits have hysteresis",
        "core/decision/conditions.py",
        "if name in view.state.broken:",
        "if False:",
        (PERMIT,),
    ),
    Protection(
        "lease: runs out",
        "core/permit/lease.py",
        "if now <= self.deadline or not self.granted:",
        "if True:",
        ("tests/core/test_lease.py",),
    ),
    Protection(
        "lease: a repeated number renews nothing",
        "core/permit/lease.py",
        "if lease.sequence is not None and sequence == lease.sequence:",
        "if False:",
        ("tests/core/test_lease.py",),
    ),
    Protection(
        "lease: limit to what a renewal asks for",
        "core/permit/lease.py",
        "min(valid_for, self.longest) / 1000",
        "valid_for / 1000",
        ("tests/core/test_lease.py",),
    ),
    Protection(
        "lease: latched until acknowledged",
        "core/permit/lease.py",
        'latch = why if self.latching else ""',
        'latch = ""',
        ("tests/core/test_lease.py",),
    ),
    Protection(
        "shutter: dead man",
        "simulation/shutter.py",
        "return self._held + self._hold_time - time.monotonic()",
        "return 1.",
        ("tests/simulation/test_shutter.py",),
    ),
    Protection(
        "guard: watch of its own loop",
        "devices/common/loop_watch.py",
        "if self._missed > self._looks:",
        "if False:",
        ("tests/devices/test_loop_watch.py",),
    ),
    Protection(
        "broker: a lost one ends the process",
        "devices/common/broker_watch.py",
        "on_lost(device.deviceId)",
        "pass",
        ("tests/devices/test_broker_watch.py",),
    ),
    Protection(
        "accounting: identity checked",
        "core/trains/accounting.py",
        "if self.received[position] != sum(terms.values()):",
        "if False:",
        ("tests/core/test_accounting.py",),
    ),
    Protection(
        "accounting: one wrong id is forgotten",
        "core/trains/accounting.py",
        "if run >= RESTART_AFTER:",
        "if False:",
        ("tests/core/test_accounting.py",),
    ),
    Protection(
        "queue: a full one skips the oldest, counted",
        "live/queue_worker.py",
        "if len(self._waiting) >= self.capacity:",
        "if False:",
        ("tests/devices/test_worker.py",),
    ),
    Protection(
        "worker: an engine that fails is survived",
        "live/queue_worker.py",
        "except Exception as error:",
        "except ZeroDivisionError as error:",
        ("tests/devices/test_worker.py",),
    ),
    Protection(
        "files: atomic",
        "files/atomic.py",
        "return path.with_name(",
        "return path or path.with_name(",
        ("tests/faults/test_kill_writers.py", "tests/files"),
    ),
    Protection(
        "model: hash of the weights",
        "model/store.py",
        'if digest != statement["weights_sha256"]:',
        "if False:",
        ("tests/model",),
    ),
    Protection(
        "configuration: a change disarms",
        "live/stream_state.py",
        "if changed and self.state.armed:",
        "if False:",
        ("tests/devices/test_flow.py",),
    ),
    Protection(
        "arming: not while a change is pending",
        "live/stream_state.py",
        "if self.pending:",
        "if False:",
        ("tests/devices/test_flow.py",),
    ),
    Protection(
        "swap: between two trains, in their order",
        "live/queue_worker.py",
        "self.queue.put(configuration)",
        "self._configuration = configuration",
        ("tests/devices/test_worker.py",),
    ),
    Protection(
        "output: what a receiver did not take is not written",
        "core/trains/accounting.py",
        "if blocked:",
        "if False:",
        ("tests/core/test_accounting.py",),
    ),
    Protection(
        "degrading: a part of every pattern in turn",
        "live/processor.py",
        "if share >= 1:",
        "if True:",
        ("tests/devices/test_degrading.py",),
    ),
    Protection(
        "shadow: waits for the live engine",
        "live/shadow_model.py",
        "if not self._idle.wait(PATIENCE) or self._ended:",
        "if self._ended:",
        ("tests/devices/test_shadow.py",),
    ),
    Protection(
        "snapshots: what must stay free of the disk",
        "live/snapshots/writer.py",
        "if free < size + KEEP_FREE:",
        "if False:",
        ("tests/devices/test_snapshots.py",),
    ),
    Protection(
        "snapshots: nothing waits for the disk with the lock held",
        "files/snapshots/writing.py",
        'h5py.File(file_of_python, "w")',
        'h5py.File(temporary, "w")',
        ("tests/files/test_snapshot.py",),
    ),
    Protection(
        "audit: alarms that wait push nobody out",
        "live/audit/journal.py",
        "waiting = self._waiting[journal]",
        "waiting = self._waiting[AUDIT]",
        ("tests/devices/test_audit.py",),
    ),
    Protection(
        "alarms: a flapping alarm is counted, not reported",
        "live/audit/alarm_changes.py",
        "if track.reported < BURST:",
        "if True:",
        ("tests/devices/test_alarm_diary.py",),
    ),
    Protection(
        "restart: another model than before is shown",
        "live/configuration/restart_check.py",
        "if not old or old == identity:",
        "if True:",
        ("tests/devices/test_restart.py",),
    ),
    Protection(
        "restart: another model is not armed by itself",
        "devices/classifier_base/deciding_device.py",
        "why = restart.difference or self._stream.flow.arm()",
        "why = self._stream.flow.arm()",
        ("tests/faults/test_restart.py",),
        broker=True,
    ),
    Protection(
        "guard: a dead connection is made anew",
        "devices/permit_guard/device.py",
        "self._hearing.is_due(now)",
        "False",
        (
            "tests/broker/test_permit_guard.py::"
            "test_a_connection_that_is_dead_at_the_other_end_is_made_anew",
        ),
        broker=True,
    ),
    Protection(
        "model: whatever goes wrong refuses it",
        "live/configuration/live_model.py",
        "except Exception as error:",
        "except ZeroDivisionError as error:",
        ("tests/faults/test_model_files.py",),
    ),
    Protection(
        "model: an error on adopting it refuses it",
        "devices/classifier_base/configurator.py",
        "except Exception as error:",
        "except ZeroDivisionError as error:",
        (
            "tests/broker/test_models.py::"
            "test_an_error_that_nothing_should_cause",
        ),
        broker=True,
    ),
    Protection(
        "permit: fault, with every fault of the source",
        "core/decision/conditions.py",
        "lambda v: not v.fault",
        "lambda v: True",
        (
            "tests/faults/test_source_faults.py::"
            "test_a_fault_that_denies_closes_the_shutter",
        ),
        broker=True,
    ),
    Protection(
        "permit: fresh, with a stream that ends",
        "core/decision/conditions.py",
        "lambda v: v.silence <= v.config.stale_after",
        "lambda v: True",
        ("tests/faults/test_stream_faults.py",),
        broker=True,
    ),
    Protection(
        "queues: as long as a short stop of ours",
        "devices/common/channels.py",
        "CHANNEL_QUEUE = 20",
        "CHANNEL_QUEUE = 2",
        ("tests/faults/test_rehearsal.py",),
        broker=True,
    ),
    Protection(
        "broker: a lost one ends a classifier",
        "devices/common/broker_watch.py",
        "on_lost(device.deviceId)",
        "pass",
        ("tests/faults/test_broker_loss.py",),
        broker=True,
    ),
    Protection(
        "guard: a classifier whose loop hangs closes the shutter",
        "core/permit/lease.py",
        "if now <= self.deadline or not self.granted:",
        "if True:",
        ("tests/faults/test_blocked_loop.py",),
        broker=True,
    ),
    Protection(
        "guard: silence closes the shutter",
        "core/permit/lease.py",
        "if now <= self.deadline or not self.granted:",
        "if True:",
        (f"{PROCESSES}test_a_silent_permit_closes_the_shutter",),
        broker=True,
    ),
    Protection(
        "shutter: closes when the guard is gone",
        "simulation/shutter.py",
        "return self._held + self._hold_time - time.monotonic()",
        "return 1.",
        (f"{PROCESSES}test_a_guard_that_is_gone_lets_the_shutter_close",),
        broker=True,
    ),
)


def copy_to(folder):
    """A copy of what the tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source,
                folder / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy(source, folder / name)


def remove(protection, folder):
    """Change the copy; raises `ValueError` where the text is not there."""
    path = folder / "src/spectra_classifier" / protection.file
    text = path.read_text()
    if text.count(protection.old) < 1:
        raise ValueError(
            f"{protection.file} has no {protection.old!r}: "
            "the protection is written differently now"
        )
    path.write_text(text.replace(protection.old, protection.new))


def noticed(protection):
    """The first test that fails without the protection, "" for none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_to(folder)
        remove(protection, folder)
        env = os.environ | {
            "PYTHONPATH": str(folder / "src"),
            "OMP_NUM_THREADS": "1",
        }
        try:
            run = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    "-x",
                    "-q",
                    "-n0",
                    "-p",
                    "no:cacheprovider",
                    *protection.tests,
                ],
                cwd=folder,
                env=env,
                text=True,
                capture_output=True,
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            return ""
    if run.returncode not in (0, 1):
        raise RuntimeError(
            f"{protection.name}: pytest could not run:\n"
            f"{run.stdout[-2000:]}{run.stderr[-1000:]}"
        )
    # an ERROR is a fixture that could not be made: it proves nothing
    failed = [
        line.split()[1]
        for line in run.stdout.splitlines()
        if line.startswith("FAILED")
    ]
    return failed[0] if failed else ""


def main():
    """Returns the number of protections that no test notices."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    chosen = [
        one
        for one in PROTECTIONS
        if (options.broker or not one.broker)
        and (not options.names or one.name in options.names)
    ]
    survived = 0
    print("| protection that is taken away | first test that fails |")
    print("|---|---|", flush=True)
    for protection in chosen:
        test = noticed(protection)
        survived += not test
        print(f"| {protection.name} | {test or '**SURVIVED**'} |", flush=True)
    return survived


if __name__ == "__main__":
    sys.exit(min(main(), 1))
