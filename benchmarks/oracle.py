"""Hold the whole chain against an independent specification, for long.

    python benchmarks/oracle.py --steps 1000000 --seed 1 [--processes 2]
    python benchmarks/oracle.py --replay FILE.json
    python benchmarks/oracle.py --plant all

The real classifier and the real guard run in one process, on a clock of
ours, behind a stub of Karabo's channel (`tests/oracle`). Everything that can
happen to them happens in random order, and after every step what they do is
held against the specification. The exit status is 1 where it is violated.
"""
import argparse
import json
import multiprocessing
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _prepare():
    """Before anything imports a numeric library."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from spectra_lab.environment import pinned
    for name, value in pinned().items():
        os.environ.setdefault(name, value)


def _run(steps, seed, limit, shorten):
    _prepare()
    import gc

    from tests.oracle.driver import run
    gc.collect()
    gc.freeze()
    return run(steps, seed, limit, shorten,
               lambda found: print(_words(found), flush=True))


def _words(found):
    return (f"VIOLATION {found.what}\n  seed {found.seed}, episode "
            f"{found.episode}, step {found.step}; {len(found.trace)} steps: "
            f"{found.trace}")


def main():
    """Returns the number of violations, or of defects not found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=int, default=20,
                        help="different violations after which to stop")
    parser.add_argument("--as-found", action="store_true",
                        help="do not make traces short")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--replay", metavar="FILE")
    parser.add_argument("--plant", nargs="+", metavar="NAME")
    options = parser.parse_args()
    if options.plant:
        from oracle_defects import plant
        return plant(options.plant, options.seed)
    if options.replay:
        return _replay(options.replay)
    each = -(-options.steps // options.processes)
    work = [(each, options.seed + 1000 * number, options.limit,
             not options.as_found) for number in range(options.processes)]
    if options.processes == 1:
        reports = [_run(*work[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(
                options.processes) as pool:
            reports = pool.starmap(_run, work)
    report = reports[0]
    for other in reports[1:]:
        report.add(other)
    for name, count in sorted(report.counts.items()):
        print(f"{count:10d}  {name}")
    print(f"{report.steps} steps in {report.episodes} episodes, seeds "
          f"{[one[1] for one in work]}: {len(report.found)} different "
          f"violations; {report.seconds:.0f} s, "
          f"{report.steps / report.seconds:.0f} steps/s, "
          f"{report.steps / report.cpu:.0f} steps per s of CPU")
    if options.json:
        Path(options.json).write_text(json.dumps({
            "steps": report.steps, "episodes": report.episodes,
            "seeds": [one[1] for one in work],
            "seconds": report.seconds, "cpu_seconds": report.cpu,
            "counts": report.counts,
            "violations": [one.as_dict() for one in report.found]},
            indent=1) + "\n")
    return len(report.found)


def _replay(path):
    _prepare()
    from tests.oracle.driver import play
    left = 0
    for found in json.loads(Path(path).read_text())["violations"]:
        violation = play([(name, tuple(arguments))
                          for name, arguments in found["trace"]])
        left += violation is not None
        print(f"{violation or 'nothing'} (was: {found['what']})")
    return left


if __name__ == "__main__":
    sys.exit(min(main(), 1))
