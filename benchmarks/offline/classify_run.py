"""A long run through `classify`: pulses a second, memory, what bounds it.

    python benchmarks/offline/classify_run.py [--trains 6000] [--pulses 2700]
        [--threads 2] [--dask local:2] [--record]

The run is made of simulated trains that repeat (see mock_run.py), so all of
it comes from the page cache: this measures the software, not a disk. The
report is one JSON document; exit status 0 if at least 95 % of the pulses
were classified, at 27 000 a second or more, in less than 2 GiB. `--record`
keeps the report and writes docs/scale.md anew.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import scale
from mock_run import SOURCE, dark_file, released_model, simulated_run

from spectra_classifier.files.runs.runs import RunSource
from spectra_classifier.model import load
from spectra_classifier.offline.job import digest

#: what must be kept up with: 2700 pulses in 10 trains a second
NEEDED = 27000
#: trains for the measurement of reading alone
READ = 100


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=6000)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dask", default=None, metavar="ADDRESS|local:N")
    parser.add_argument("--record", action="store_true")
    given = vars(parser.parse_args())
    record = given.pop("record")
    with tempfile.TemporaryDirectory() as name:
        report = measure(Path(name), **given)
    print(json.dumps(report, indent=1))
    if record:
        scale.RECORD.write_text(json.dumps(report, indent=1) + "\n")
        scale.write()
    return not (report["classified_share"] >= 0.95
                and report["pulses_per_second"] >= NEEDED
                and report["peak_memory_gib"] < 2)


def measure(folder, trains, pulses, threads=2, dask=None):
    """The figures of one run, JSON values."""
    model = released_model()
    run = simulated_run(folder / "raw", trains, pulses)
    dark = dark_file(folder / "dark.npz")
    reading = read_only(run, min(READ, trains))
    words = [Path(sys.executable).with_name("spectra-classifier"), "classify",
             model, f"run:{run}", "-o", folder / "result.h5", "--source",
             SOURCE, "--dark", dark, "--threads", str(threads), "--json"]
    if dask:
        words += ["--dask", dask]
    used = cpu_seconds()
    start = time.perf_counter()
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    seconds = time.perf_counter() - start
    report = json.loads(done.stdout)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "trains": report["trains"], "pulses": report["spectra"],
        "channels": RunSource(run).channels,
        "baseline": load(model).manifest["preprocessing"]["baseline"],
        "threads": threads, "dask": dask, "cores": os.cpu_count(),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        "cache": f"warm: {trains} trains are views of "
                 f"{size(folder / 'raw' / 'pool.data'):.2f} GiB on disk",
        "classified_share": report["classified"] / report["spectra"],
        "seconds": seconds,
        "pulses_per_second": report["spectra"] / seconds,
        "times_as_fast_as_the_beam": report["spectra"] / seconds / NEEDED,
        "peak_memory_gib": usage.ru_maxrss / 1024**2,
        "cpu_seconds": cpu_seconds() - used,
        "engine_seconds": report["seconds"],
        "waiting_seconds": report["waiting_seconds"],
        "reading_seconds_alone": reading * trains,
        "bound_by": bound_by(report["seconds"], report["waiting_seconds"],
                             seconds),
        "result_gib": size(folder / "result.h5")}


def bound_by(engine, waiting, seconds):
    """Where the most of the time went, with its share.

    Reading and its checksum go on beside the engine, in a thread of their
    own: they count as far as the engine has waited for them.
    """
    shares = {"engine": engine, "reading and checksum": waiting,
              "start, checkpoints and putting the file together":
                  seconds - engine - waiting}
    name = max(shares, key=shares.get)
    return f"{name} ({shares[name] / seconds:.0%} of the time)"


def read_only(run, trains):
    """Seconds to read one train and to take its checksum."""
    source = RunSource(run)
    start = time.perf_counter()
    for position in range(trains):
        digest(source.arrays(position))
    return (time.perf_counter() - start) / trains


def cpu_seconds():
    """Processor time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def size(path):
    return path.stat().st_size / 1024**3


if __name__ == "__main__":
    sys.exit(main())
