"""Take each protection away and see whether a test notices.

    python benchmarks/protections.py [--broker] [NAME ...]

The table is in `benchmarks/removals/*.toml`, grouped by subject. Every
protection is one small change of the source, made in a temporary copy of the
package; the tests named with it are run against the copy and must fail, and
not for want of time. A change that no test notices is printed as SURVIVED,
and the exit status is 1. The working tree is not touched.

The whole table is compared with the source before anything is run. `--broker`
takes the changes whose tests need a broker too (some minutes); a NAME is the
name of a protection, or the beginning of several. Where tests cannot be run,
this is written to standard error, and nothing is proved.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("src/spectra_classifier")
COPIED = ("src", "tests", "benchmarks", "scripts", "models", "manifest",
          "pyproject.toml")
TIMEOUT = 300  # s for the tests of one change
#: errors of a change that is no Python any more: such a failure proves nothing
SPOILT = ("SyntaxError", "IndentationError", "NameError", "ImportError",
          "UnboundLocalError", "ModuleNotFoundError")


@dataclass(frozen=True)
class Protection:
    """One removal.

    Attributes
    ----------
    file
        Below src/spectra_classifier.
    old, new
        Text that occurs there exactly once, and what replaces it.
    tests
        Files or tests for pytest, one of which must fail then.
    broker
        Whether they need a broker.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    broker: bool = False


def read_table() -> list[Protection]:
    """Return all protections."""
    return [
        Protection(**entry | {"tests": tuple(entry["tests"])})
        for path in sorted((ROOT / "benchmarks/removals").glob("*.toml"))
        for entry in tomllib.loads(path.read_text())["removal"]
    ]


def problems(protections: list[Protection], root: Path = ROOT) -> list[str]:
    """Return one sentence for each entry that does not match the source."""
    found, names = [], set()
    for one in protections:
        path = root / PACKAGE / one.file
        text = path.read_text() if path.is_file() else ""
        if (times := text.count(one.old)) != 1:
            found.append(f"{one.name}: {one.file} has {one.old!r} {times} "
                         "times instead of once")
        try:
            ast.parse(text.replace(one.old, one.new))
        except SyntaxError as error:
            found.append(f"{one.name}: leaves {one.file} no Python ({error})")
        if one.name in names:
            found.append(f"{one.name}: two protections have this name")
        names.add(one.name)
        found += [f"{one.name}: there is no {test}" for test in one.tests
                  if not _is_there(root, test)]
    return found


def _is_there(root: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    path = root / file
    return path.exists() and (
        not name or f"def {name}(" in path.read_text())


def copy_to(folder: Path) -> None:
    """Copy what the tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


@contextmanager
def removed(protection: Protection, folder: Path) -> Iterator[None]:
    """Take a protection away from the copy in the block."""
    path = folder / PACKAGE / protection.file
    text = path.read_text()
    path.write_text(text.replace(protection.old, protection.new))
    try:
        yield
    finally:
        path.write_text(text)


def noticed(protection: Protection, folder: Path) -> str:
    """Return the first test that fails without the protection, or "".

    Raises
    ------
    RuntimeError
        If the changed package or its tests could not be run.
    """
    with removed(protection, folder):
        try:
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", "-n0",
                 "-p", "no:cacheprovider", *protection.tests],
                cwd=folder, text=True, capture_output=True, timeout=TIMEOUT,
                env=os.environ | {"PYTHONPATH": str(folder / "src"),
                                  "OMP_NUM_THREADS": "1"})
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{protection.name}: its tests did not end "
                               f"within {TIMEOUT} s") from None
    # an ERROR is a fixture that could not be made: it proves nothing
    failed = [line.split()[1] for line in run.stdout.splitlines()
              if line.startswith("FAILED")]
    errors = [line[1:].strip() for line in run.stdout.splitlines()
              if line.startswith("E ")]
    spoilt = any(error.startswith(SPOILT) for error in errors)
    if run.returncode not in (0, 1) or spoilt:
        raise RuntimeError(
            f"{protection.name}: pytest could not run:\n"
            f"{run.stdout[-2000:]}{run.stderr[-1000:]}")
    late = any(error.startswith("Failed: Timeout (") for error in errors)
    return failed[0] if failed and not late else ""


def main() -> int:
    """Return the number of protections that no test notices."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    table = read_table()
    if wrong := problems(table):
        sys.exit("\n".join(wrong))
    chosen = [one for one in table
              if (options.broker or not one.broker)
              and (not options.names
                   or one.name.startswith(tuple(options.names)))]
    if not chosen:
        sys.exit("no protection has such a name")
    survived = 0
    print("| protection that is taken away | first test that fails |")
    print("|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_to(folder)
        for protection in chosen:
            try:
                test = noticed(protection, folder)
            except RuntimeError as error:   # the others are worth an hour
                print(error, file=sys.stderr, flush=True)
                test = ""
            survived += not test
            print(f"| {protection.name} | {test or '**SURVIVED**'} |",
                  flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} were noticed")
    return survived


if __name__ == "__main__":
    sys.exit(min(main(), 1))
