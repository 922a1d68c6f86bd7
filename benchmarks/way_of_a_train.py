"""Count what one train passes: functions, files, and changes of file.

    python benchmarks/way_of_a_train.py [--json FILE] [--tree CHECKOUT]
        [--write]

The real classifier takes trains behind the stub of Karabo's channel of
`tests/oracle`, in one thread, with a permit in force, and every call of a
function of the package is noted, from the input handler until output and
properties are written. A *change of file* is a call into another file than
the call before. What happens at times only (previews, slow properties) is
left out by taking the train with the median number of functions. `--tree`
measures another checkout with its own `tests/oracle`, for a comparison;
`--write` puts the table into docs/architecture.md.
"""
import argparse
import json
import os
import statistics
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "spectra_classifier"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- counts: begin (made by benchmarks/way_of_a_train.py --write) -->"
END = "<!-- counts: end -->"
#: trains before the first that counts, and those that count
WARM, TRAINS = 30, 41


@dataclass(frozen=True)
class Way:
    """What one train passes."""

    functions: int          # different ones
    calls: int
    files: int
    folders: int
    changes: int            # of file, from one call to the next
    layers: dict[str, int]  # functions of each layer
    path: list[tuple[str, int]]     # files as met first, functions in each


class Recorder:
    """A profile function that notes the calls of functions of a package.

    Parameters
    ----------
    source : Path
        The folder of the package; other files are not noted.
    """

    def __init__(self, source: Path) -> None:
        self._source = f"{source}{os.sep}"
        self._calls: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self._source) \
                and not code.co_name.startswith("<"):
            self._calls.append((code.co_filename[len(self._source):],
                                code.co_qualname))

    def __enter__(self) -> None:
        self._calls = []
        sys.setprofile(self)

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def way(self) -> Way:
        """What was noted since the recorder was entered last."""
        functions = dict.fromkeys(self._calls)
        files = [name for name, _ in self._calls]
        inside = Counter(name for name, _ in functions)
        return Way(
            len(functions), len(files), len(inside),
            len({Path(name).parent for name in inside}),
            sum(one != other for one, other in pairwise(files)),
            dict(Counter(Path(name).parts[0] for name, _ in functions)),
            [(name, inside[name]) for name in dict.fromkeys(files)])


def measure(tree: Path) -> dict[str, Way]:
    """The ways through classifier and guard of a train in the median."""
    sys.path[:0] = [str(tree), str(tree / "src")]
    import spectra_classifier.devices  # noqa: F401
    from tests.oracle import adapter
    from tests.oracle.chain import Chain

    adapter.FULL = 1        # Karabo's types for every train
    chain = Chain()
    recorder = Recorder(tree / "src" / PACKAGE)
    found: dict[str, list[Way]] = {"classifier": [], "guard": []}
    try:
        for number in range(WARM + TRAINS):
            if number == WARM // 2:     # arm the classifier and the guard
                for order in (2, 0):
                    chain.call(order)
                for order in (3, 0):
                    chain.guard_call(order)
            with recorder:
                chain.send(0)
                chain.work(2)
            found["classifier"].append(recorder.way())
            with recorder:
                chain.hear(2)
            found["guard"].append(recorder.way())
            chain.wait(4)
        if not chain.permit:
            raise RuntimeError("there was no permit: this is another way")
    finally:
        chain.close()
    return {name: _median(ways[WARM:]) for name, ways in found.items()}


def _median(ways: list[Way]) -> Way:
    middle = statistics.median_low(way.functions for way in ways)
    return next(way for way in ways if way.functions == middle)


def table(ways: dict[str, Way]) -> str:
    """The counts as a table in Markdown."""
    rows = ["| one train in the | functions | files | folders | "
            "changes of file | calls |", "|---|---|---|---|---|---|"]
    rows += [f"| {name} | {way.functions} | {way.files} | {way.folders} | "
             f"{way.changes} | {way.calls} |" for name, way in ways.items()]
    return "\n".join(rows)


def write(ways: dict[str, Way]) -> None:
    """Put the table into the page, between its marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(ways)}\n\n{END}{after}")


def main() -> None:
    """Print the counts and the files in the order of the train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--tree", type=Path, default=ROOT)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    ways = measure(options.tree.resolve())
    print(table(ways))
    for name, way in ways.items():
        print(f"\n{name}:")
        for file, functions in way.path:
            print(f"  {functions:3} {file}")
    if options.json:
        options.json.write_text(json.dumps(
            {name: asdict(way) for name, way in ways.items()}, indent=1)
            + "\n")
    if options.write:
        write(ways)


if __name__ == "__main__":
    main()
