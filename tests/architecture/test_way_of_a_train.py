"""The count of what a train passes counts calls of the package alone."""
import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_calls_files_and_changes(tmp_path):
    counting = load(ROOT / "benchmarks" / "way_of_a_train.py")
    for folder in "a", "b":
        (tmp_path / folder).mkdir()
    (tmp_path / "b" / "two.py").write_text("def g(x):\n    return x\n")
    (tmp_path / "a" / "one.py").write_text(
        "def f(g):\n    return [g(1), h(2), h(3), g(4)]\n"
        "def h(x):\n    return sum(y for y in [x])\n")
    one, two = load(tmp_path / "a" / "one.py"), load(tmp_path / "b" / "two.py")
    recorder = counting.Recorder(tmp_path)
    with recorder:
        one.f(two.g)
    way = recorder.way()
    assert (way.functions, way.calls, way.files, way.folders) == (3, 5, 2, 2)
    assert way.changes == 3
    assert way.path == [("a/one.py", 2), ("b/two.py", 1)]
    assert way.layers == {"a": 2, "b": 1}
