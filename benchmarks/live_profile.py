"""Where a train's processor time goes, from the socket to the pictures.

    python benchmarks/live_profile.py [--seconds 60] [--pulses 2700]
        [--profile gotthard2|curves] [--json FILE] [--record]

Plays prepared trains as `live.py` does. When all has settled, `py-spy` (of
the package index; `pip install py-spy`) looks at the stacks of the
classifier's process 200 times a second; a sample counts for the first stage
of `STAGES` that one of its frames belongs to, from the innermost frame
outwards. Prints each stage in CPU milliseconds per train: its share of the
samples times the processor time of the process. `--record` keeps that for
docs/benchmarks.md and writes the page anew.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import live
from live_meter import TICK
from live_source import MODELS

#: Hz of the samples, and of the trains
SAMPLES, TRAINS = 200, 10
#: stage: parts of file names or, behind a colon, names of functions
STAGES = {
    "engine": ("core/engine/fused", "core/engine/labels", "thread_team",
               "core/preprocessing/averaging"),
    "mean of the train, mixture and drift": (
        "live/mean_judge", "core/engine/mean_", "live/train_mixture",
        "core/drift", "live/train_history"),
    "pictures": ("live/preview", "/pictures/", "common/drawing",
                 ":_preview"),
    "output channel": (":Publisher.output", ":NetworkOutput",
                       ":CheckedWriter", ":OutputChannel"),
    "audit": ("live/audit",),
    "properties": ("classifier_base/publisher", "classifier_base/property_",
                   ":Device.update", ":SignalSlotable", "karabo/middlelayer/"
                   "broker", "aiormq", "pamqp"),
    "decision": ("core/decision", "live/stream_state", "classifier_base/"
                 "pipeline_base"),
    "decode": ("common/decoding", "common/pulse_reader", ":processChunk",
               "raw_frames", "zero_copy_input", "bin_reader"),
    "socket": (":Channel.nextChunk", "lost_connection_fix",
               "karabo/middlelayer/pipeline", "_read_ready"),
    "queue and joining": ("live/queue_worker", "matched_",
                          "spectra_classifier/pipeline", "live/processor",
                          "threading.py"),
}
REST = "event loop and the rest of Karabo"
#: innermost frames that wait
WAITING = "select (selectors.py", "wait (threading.py"


class ProfiledPlant(live.MeteredPlant):
    """Also samples the classifier's stacks, once all has settled."""
    seconds = 60.
    stacks = ""
    cores = 0.

    def _start(self):
        super()._start()
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample)
        self._sampler.start()

    def stop(self):
        if hasattr(self, "_sampler"):
            self._ended.set()
            self._sampler.join()
        super().stop()

    def _sample(self):
        if self._ended.wait(self._settling):
            return
        pid = live.processes_below(self.directory)[live.CLASSIFIER]
        target = self.directory / "stacks"
        begin = _cpu_seconds(pid)
        subprocess.run([
            sampler(), "record", "--pid", str(pid), "--duration",
            str(round(self.seconds)), "--rate", str(SAMPLES), "--nonblocking",
            "--format", "raw", "--output", target],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.cores = (_cpu_seconds(pid) - begin) / self.seconds
        self.stacks = target.read_text()


def sampler():
    """Path of py-spy; ends the program where it is not installed."""
    found = shutil.which("py-spy")
    if found is None:
        sys.exit("py-spy is not installed: pip install py-spy")
    return found


def _cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICK


def shares(stacks):
    """{stage: share of the samples} of py-spy's raw stacks.

    Each line is frames from the outermost to the innermost, joined by
    semicolons, and behind a space a number of samples.
    """
    found = Counter(dict.fromkeys((*STAGES, REST), 0))
    for line in stacks.splitlines():
        frames, _, count = line.rpartition(" ")
        frames = frames.split(";")
        if not any(waits in frames[-1] for waits in WAITING):
            found[_stage(frames)] += int(count)
    total = sum(found.values())
    return {stage: count / total for stage, count in found.items()}


def _stage(frames):
    for frame in reversed(frames):
        function, _, file = frame.rpartition(" (")
        for stage, marks in STAGES.items():
            if any(mark[1:] in function if mark[0] == ":" else mark in file
                   for mark in marks):
                return stage
    return REST


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profile", default="gotthard2", choices=MODELS)
    parser.add_argument("--seconds", type=float, default=60.)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--model", type=Path,
                        help="default: the released one for the profile")
    parser.add_argument("--json", type=Path, help="also write the report")
    parser.add_argument("--record", action="store_true",
                        help="keep it for docs/benchmarks.md")
    arguments = parser.parse_args()
    sampler()
    ProfiledPlant.seconds = arguments.seconds
    arguments.observers, arguments.settling = False, live.SETTLING
    arguments.seconds += live.SETTLING + 15     # py-spy's own start and end
    report = profile(arguments)
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.json:
        arguments.json.write_text(text)
    if arguments.record:
        (live.ENGINE / "profile.json").write_text(text)
        subprocess.run([sys.executable, live.ENGINE / "report.py"], check=True)
    return 0


def profile(arguments):
    """One run as a dictionary."""
    report, plant = live.run(arguments, ProfiledPlant)
    milliseconds = 1e3 * plant.cores / TRAINS
    return {
        "title": report["title"], "channels": report["channels"],
        "pulses_per_train": report["pulses_per_train"],
        "pulses_skipped": report["pulses_skipped"],
        "cores": plant.cores, "seconds": ProfiledPlant.seconds,
        "samples": sum(int(line.rpartition(" ")[2])
                       for line in plant.stacks.splitlines()),
        "ms_per_train": {stage: share * milliseconds for stage, share
                         in sorted(shares(plant.stacks).items(),
                                   key=lambda each: -each[1])}}


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)        # as in live.py
