"""`classify` killed again and again: does the result stay the same?

    python benchmarks/offline/interruptions.py [--times 20] [--seed 0]
        [--record]

A run is classified once in peace. Then the same command is started, and
killed by SIGKILL or SIGINT in turn at random moments, `--times` times; the
last start is left alone. The two files must say the same, and no chunk may
be computed twice. Exit status 0 only then; `--record` keeps the report.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spectra_lab.file_differences import differences

DEADLINE = 120      # s for one start
#: every so many starts are killed whatever they have done so far
ANYWHERE = 5
#: s in which such a start is killed: while it loads, or a little later
LOADING = 2.
RECORD = Path(__file__).with_name("interruptions.json")


def command(model, run, output):
    """One chunk per train, so that there is much to interrupt."""
    program = Path(sys.executable).with_name("spectra-classifier")
    return [program, "classify", model, run, "-o", output, "--engine",
            "numpy", "--chunk", "1", "--json"]


def interrupt(words, output, number, chance):
    """Starts and kills; (chunks before, chunks after, exit status).

    The kill comes a random time after the first new chunk, so at any place
    in a chunk or between two, or a random time after the start.
    """
    folder = output.with_name(f".{output.name}.parts")
    before = chunks(folder)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + DEADLINE
        anywhere = number % ANYWHERE == ANYWHERE - 1
        if anywhere:
            time.sleep(chance.uniform(0, LOADING))
        while not anywhere and chunks(folder) <= before and (
                process.poll() is None):
            if time.monotonic() > deadline:
                process.kill()
                raise SystemExit(f"no chunk in {DEADLINE} s")
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGINT if number % 2 else signal.SIGKILL)
        code = process.wait(DEADLINE)
    return before, chunks(folder), code


def chunks(folder):
    """Number of finished chunks."""
    try:
        return sum(name.endswith(".h5") and name.startswith("chunk-")
                   for name in os.listdir(folder))
    except FileNotFoundError:
        return 0


def measure(model, run, folder, times, seed=0):
    """JSON values; `different` is empty where all is well."""
    chance = random.Random(seed)
    peaceful, troubled = folder / "peaceful.h5", folder / "troubled.h5"
    subprocess.run(command(model, run, peaceful), check=True,
                   capture_output=True)
    words = command(model, run, troubled)
    steps = []
    for number in range(5 * times):
        steps.append(interrupt(words, troubled, number, chance))
        if steps[-1][-1] == 0:      # it was done before the kill came
            troubled.unlink()
        if sum(code != 0 for *_, code in steps) == times:
            break
    last = subprocess.run(words, check=True, capture_output=True, text=True)
    report = json.loads(last.stdout)
    return {
        "interruptions": times,
        "after_a_chunk": times - times // ANYWHERE,
        "at_any_time": times // ANYWHERE,
        "while_at_work": sum(code != 0 for *_, code in steps),
        "chunks": report["chunks"],
        "chunks_found_by_the_last_start": report["resumed_chunks"],
        "chunks_lost": sum(max(before - after, 0)
                           for before, after, code in steps if code != 0),
        "different": differences(peaceful, troubled),
        "left_behind": sorted(name for name in os.listdir(folder)
                              if name.startswith("."))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    from mock_run import released_model, simulated_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = simulated_run(folder / "r0001", trains=6 * given.times,
                            pulses=100)
        report = measure(released_model(), run, folder, given.times,
                         given.seed)
    print(json.dumps(report, indent=1))
    if given.record:
        RECORD.write_text(json.dumps(report, indent=1) + "\n")
    return bool(report["different"] or report["left_behind"]
                or report["chunks_lost"])


if __name__ == "__main__":
    sys.exit(main())
