"""What others read of a classifier or a collector is there.

An attribute that a proxy does not have is found only where a test runs
that line; here it is found without a broker.
"""
import ast
import re
from pathlib import Path

import pytest
from karabo.middlelayer import Node

from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_collector.device import (
    SpectraCollector,
)

ROOT = Path(__file__).resolve().parents[2]
CLASSES = {"classifier": SpectraClassifier, "collector": SpectraCollector}
#: of a device of their own that plays the classifier
STAND_IN = "tests.broker.stand_in"
FILES = [path for pattern in (
    "src/spectra_lab/**/*.py", "src/spectra_classifier/devices/macros/*.py",
    "benchmarks/**/*.py", "tests/broker/*.py", "tests/faults/*.py")
    for path in sorted(ROOT.glob(pattern))
    if STAND_IN not in path.read_text()]


def read(source, name):
    """Paths below a variable or an attribute `name`: `decision.dwell`."""
    chain = re.compile(rf"(?:^|\.){name}\.([\w.]+)$")
    return {found[1] for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute)
            and (found := chain.search(ast.unparse(node)))}


def is_there(cls, path):
    """Whether a class has what a path names; what is private passes."""
    key, _, rest = path.partition(".")
    if key.startswith("_"):
        return True
    if not hasattr(cls, key):
        return False
    found = getattr(cls, key)
    return (not rest or not isinstance(found, Node)
            or is_there(found.cls, rest))


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_read_is_there(name):
    # a bench of tests has a receiver of this name
    files = [path for path in FILES if name == "classifier"
             or "SpectraCollector" in path.read_text()]
    paths = {path: read(path.read_text(), name) for path in files}
    assert sum(map(len, paths.values())) > 10
    assert {path.name: absent for path, found in paths.items()
            if (absent := sorted(p for p in found if not is_there(
                CLASSES[name], p)))} == {}


def test_the_check_sees():
    found = read("one.classifier.bins.value; classifier.decision.dwell\n"
                 "classifier._stream.flow; classifier.decision.joins",
                 "classifier")
    assert {path for path in found
            if not is_there(SpectraClassifier, path)} == {
        "bins", "bins.value", "decision.joins"}
